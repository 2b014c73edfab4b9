"""Parts of the document: schema nodes and path items."""

from collections.abc import Iterator, Mapping
from datetime import date, time, timedelta
from decimal import Decimal
from enum import Enum
from uuid import UUID

import colander
import orjson

from apiserver.core.schemas.dump import compile_dump
from apiserver.core.schemas.fields import LARGEST_INTEGER, Object
from apiserver.core.schemas.free import JsonType
from apiserver.core.schemas.types import is_nullable
from apiserver.core.typing import Fragment, Json

# The types of defaults that the document can have.
VALUES = (
    *(str, int, float, Decimal, date, time, timedelta, UUID, Enum),
    *(list, tuple),
)

METHODS = ("get", "post", "put", "patch", "delete", "options")


def refine(node: colander.SchemaNode, schema: Fragment) -> Fragment:
    """Add what cornice-swagger omits; drop what isn't JSON or is meaningless."""
    schema.pop("title", None)
    default = schema.pop("default", None)
    if isinstance(default, VALUES):
        schema["default"] = orjson.loads(orjson.dumps(compile_dump(node)(default)))
    for limit in ("minLength", "minItems"):
        if schema.get(limit) == 0:
            del schema[limit]
    if is_nullable(node):
        schema["x-nullable"] = True
    if getattr(node, "distinct", False):
        schema["uniqueItems"] = True
    return with_format(node, schema)


def any_value(node: colander.SchemaNode) -> Fragment:
    """Return the schema of a value of any type, apart from null."""
    schema: Fragment = {}
    if node.description:
        schema["description"] = node.description
    if "example" in vars(node):
        schema["example"] = node.example
    if isinstance(node.typ, JsonType):
        schema["x-any-value"] = True
    return schema


def with_format(node: colander.SchemaNode, schema: Fragment) -> Fragment:
    """Add the format: the node's own, or that of secrets or large numbers."""
    if schema.get("maximum", 0) >= 2**31:
        schema["format"] = "int64"
    if schema.get("maximum") == LARGEST_INTEGER:
        # Implied by the format, and JavaScript would round the number.
        del schema["maximum"]
    if getattr(node, "secret", False):
        schema["format"] = "password"
    if getattr(node, "format", None):
        schema["format"] = node.format
    return schema


def in_order(item: Fragment) -> Fragment:
    """Return a Path Item with its methods in the usual order."""
    return {key: item[key] for key in ("parameters", *METHODS) if key in item}


def is_named(node: colander.SchemaNode) -> bool:
    """Whether the node is an instance of a schema class, with a definition."""
    return isinstance(node, Object) and type(node) is not Object


def names_in(node: colander.SchemaNode) -> Iterator[str]:
    """Yield the names of the definitions to which a node refers."""
    if is_named(node):
        yield type(node).__name__
    for child in node.children:
        yield from names_in(child)


def with_extension(schema: Fragment) -> Fragment:
    """Move the example to an extension: Swagger has none for parameters and headers."""
    words = {"example": "x-example"}
    return {words.get(name, name): value for name, value in schema.items()}


def sample(schema: Fragment, definitions: Mapping[str, Fragment]) -> Json:
    """Return a value that the schema accepts, made of the examples of its parts."""
    if "example" in schema:
        return schema["example"]
    if schema.get("default"):
        return schema["default"]
    if "$ref" in schema:
        return sample(definitions[schema["$ref"].rpartition("/")[2]], definitions)
    if "allOf" in schema:
        return sample(schema["allOf"][0], definitions)
    if "enum" in schema:
        return schema["enum"][0]
    if schema.get("type") == "array":
        return [sample(schema["items"], definitions)]
    if schema.get("type") == "object":
        properties = schema.get("properties", {})
        return {name: sample(each, definitions) for name, each in properties.items()}
    return plain_sample(schema)


def plain_sample(schema: Fragment) -> Json:
    """Return a value of a field without an example."""
    text = "string".ljust(schema.get("minLength", 0), "g")[: schema.get("maxLength")]
    number = max(schema.get("minimum", 0), min(0, schema.get("maximum", 0)))
    return {
        "boolean": True,
        "integer": number,
        "number": number,
    }.get(schema.get("type", ""), text)
