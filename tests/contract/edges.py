"""What a schema of the document allows at its edges: null, the least, the greatest."""

import sys
from collections.abc import Iterator
from typing import Any

LARGEST_INTEGER = 2**63 - 1

# The least and the greatest of what has a format.
OF_FORMATS: dict[str, tuple[Any, Any]] = {
    "date": ("0001-01-01", "9999-12-31"),
    "date-time": ("0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z"),
    "time-local": ("00:00", "23:59:59.999999"),
    "duration": ("P0D", "P2000000D"),
    "uuid": (
        "00000000-0000-0000-0000-000000000000",
        "f" * 8 + 3 * "-ffff" + "-" + "f" * 12,
    ),
    "uri": ("http://a", "https://example.com/" + "a" * 20),
}
NUMBERS: dict[str, tuple[Any, Any]] = {
    "integer": (-(2**63), LARGEST_INTEGER),
    "number": (-sys.float_info.max, sys.float_info.max),
}


def edges(schema: Any, components: Any) -> Iterator[Any]:
    """Yield values at the edges of a schema of OpenAPI 3.1; it must take each."""
    for name in ("anyOf", "allOf"):
        for part in schema.get(name, ()):
            yield from edges(part, components)
    if "$ref" in schema:
        schema = components[schema["$ref"].rpartition("/")[2]]
    types = schema.get("type", [])
    types = types if isinstance(types, list) else [types]
    if "enum" in schema:
        yield from schema["enum"]
        return
    if not schema.keys() & {"type", "not", "anyOf", "allOf"}:
        yield None
    for kind in types:
        yield from of_type(kind, schema, components)


def of_type(kind: str, schema: Any, components: Any) -> Iterator[Any]:
    """Yield the edges of one type of a schema."""
    if kind == "null":
        yield None
    elif kind == "boolean":
        yield from (False, True)
    elif kind in NUMBERS:
        least, greatest = NUMBERS[kind]
        yield schema.get("minimum", least)
        yield schema.get("maximum", greatest)
    elif kind == "array":
        yield from of_array(schema, components)
    elif kind == "string":
        yield from of_text(schema)


def of_array(schema: Any, components: Any) -> Iterator[Any]:
    """Yield the shortest list, and one with an item of each edge that fits."""
    if not schema.get("minItems"):
        yield []
    items = list(edges(schema["items"], components))
    yield items[: schema.get("maxItems", 2)]


def of_text(schema: Any) -> Iterator[str]:
    """Yield the shortest text and the longest one, or what a format begins with."""
    if schema.get("format") in OF_FORMATS:
        yield from OF_FORMATS[schema["format"]]
    elif ("pattern" in schema and "maxLength" not in schema) or "format" in schema:
        # Of these only the example is known.
        yield from schema.get("examples", ())
    else:
        yield "x" * schema.get("minLength", 0)
        yield "x" * schema.get("maxLength", 100)
