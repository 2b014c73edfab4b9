"""Pieces of the document: schema nodes, keys of paths, JSON Patches."""

from collections.abc import Iterator
from typing import Any

from apiserver.core.examples import sample
from apiserver.core.jsonpatch import MOST_OPERATIONS, OPERATIONS
from apiserver.core.nodes import LARGEST_INTEGER, Object

Fragment = dict[str, Any]

METHODS = ("get", "post", "put", "patch", "delete", "options")

# A schema node with what it was converted to.
Field = tuple[Any, Fragment]


def refine(node: Any, schema: Fragment) -> Fragment:
    """Add what cornice-swagger leaves out; drop what is no JSON or says nothing."""
    schema.pop("title", None)
    default = schema.pop("default", None)
    if isinstance(default, str | int | float | list | tuple):
        schema["default"] = list(default) if isinstance(default, tuple) else default
    for limit in ("minLength", "minItems"):
        if schema.get(limit) == 0:
            del schema[limit]
    if getattr(node, "nullable", False):
        schema["x-nullable"] = True
    if getattr(node, "distinct", False):
        schema["uniqueItems"] = True
    return with_format(node, schema)


def with_format(node: Any, schema: Fragment) -> Fragment:
    """Add the format: the node's own, or that of secrets and of large numbers."""
    if schema.get("maximum", 0) >= 2**31:
        schema["format"] = "int64"
    if schema.get("maximum") == LARGEST_INTEGER:
        # The format says it already, and JavaScript would round the number.
        del schema["maximum"]
    if getattr(node, "secret", False):
        schema["format"] = "password"
    if getattr(node, "format", None):
        schema["format"] = node.format
    return schema


def in_order(item: Fragment) -> Fragment:
    """Return a Path Item with its methods in the usual order."""
    return {key: item[key] for key in ("parameters", *METHODS) if key in item}


def is_named(node: Any) -> bool:
    """Whether the node is an instance of a schema class, and so gets a definition."""
    return isinstance(node, Object) and type(node) is not Object


def names_in(node: Any) -> Iterator[str]:
    """Yield the names of the definitions that a node leads to."""
    if is_named(node):
        yield type(node).__name__
    for child in node.children:
        yield from names_in(child)


def without_example(schema: Fragment) -> Fragment:
    """Return what a parameter or a header may say: in Swagger they have no example."""
    return {key: value for key, value in schema.items() if key != "example"}


def body_parameter(schema: Fragment, example: Any, description: str = "") -> Fragment:
    """Return the parameter for a body."""
    about = {"description": description} if description else {}
    return {
        "name": "body",
        "in": "body",
        "required": True,
        **about,
        "schema": schema,
        "x-example": example,
    }


def patch_operation(fields: list[Field]) -> Fragment:
    """Return the schema of one operation of a JSON Patch (RFC 6902 section 4)."""
    readable = [
        (node, schema)
        for node, schema in fields
        if not (getattr(node, "secret", False) or getattr(node, "virtual", False))
    ]
    return {
        "type": "object",
        "description": "An operation of a JSON Patch (RFC 6902 section 4).",
        "required": ["op", "path"],
        "properties": {
            "op": {"type": "string", "enum": list(OPERATIONS)},
            "path": pointer(fields, "The field (a JSON Pointer, RFC 6901)."),
            "from": pointer(readable, "For move and copy: where the value is."),
            "value": {"description": "For add, replace and test: any JSON value."},
        },
    }


def pointer(fields: list[Field], description: str) -> Fragment:
    """Return the schema of a pointer: to a field, or into one that has parts."""
    paths = [f"/{node.name}" for node, _ in fields]
    schema = {"type": "string", "description": description}
    parts = [not is_plain(converted) for _, converted in fields]
    if not any(parts):
        return {**schema, "enum": paths}
    patterns = [
        path + ("(/.*)?" if has_parts else "")
        for path, has_parts in zip(paths, parts, strict=True)
    ]
    return {**schema, "pattern": f"^({'|'.join(patterns)})$"}


def is_plain(schema: Fragment) -> bool:
    """Whether the value has no parts."""
    return schema.get("type") in {"string", "integer", "number", "boolean"}


def patch_body(fields: list[Field], operation: Fragment) -> Fragment:
    """Return the parameter for a JSON Patch of the fields, a list of operations."""
    lines = "\n".join(f"* {field_line(node, schema)}" for node, schema in fields)
    schema = {
        "type": "array",
        "minItems": 1,
        "maxItems": MOST_OPERATIONS,
        "items": operation,
        "example": patch_example(fields),
    }
    about = f"Changes of these fields, all of them or none:\n\n{lines}"
    return body_parameter(schema, schema["example"], about)


def field_line(node: Any, schema: Fragment) -> str:
    """Say in a line what a field may hold."""
    words = [schema.get("type", "any value"), limits(schema)]
    if getattr(node, "secret", False):
        words.append("never shown")
    if getattr(node, "virtual", False):
        words.append("for `test` only")
    line = f"`/{node.name}`: {', '.join(filter(None, words))}."
    return f"{line} {node.description}" if node.description else line


def limits(schema: Fragment) -> str:
    """Say the limits of a value in words; nothing where there are none."""
    if "enum" in schema:
        return f"one of {', '.join(schema['enum'])}"
    for kind, unit in (("Length", " characters"), ("Items", " items"), ("imum", "")):
        least, most = schema.get(f"min{kind}"), schema.get(f"max{kind}")
        if most is not None:
            return f"{least} to {most}{unit}" if least else f"at most {most}{unit}"
    return ""


def patch_example(fields: list[Field]) -> list[Fragment]:
    """Return a patch that works: the tests that are asked for, then a change."""
    tests = [
        {"op": "test", "path": f"/{node.name}", "value": sample(schema, {})}
        for node, schema in fields
        if getattr(node, "virtual", False)
    ]
    node, schema = next(f for f in fields if not getattr(f[0], "virtual", False))
    return [
        *tests,
        {"op": "replace", "path": f"/{node.name}", "value": sample(schema, {})},
    ]
