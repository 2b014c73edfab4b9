"""Examples for the document: values that a schema takes, from those of its fields."""

from collections.abc import Mapping
from typing import Any

Example = Any
Fragment = dict[str, Any]


def sample(schema: Fragment, definitions: Mapping[str, Fragment]) -> Example:
    """Return a value that the schema takes: the examples of its parts, put together."""
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


def plain_sample(schema: Fragment) -> Example:
    """Return a value of a field that has no example of its own."""
    text = "string".ljust(schema.get("minLength", 0), "g")[: schema.get("maxLength")]
    return {
        "boolean": True,
        "integer": schema.get("minimum", 0),
        "number": schema.get("minimum", 0),
    }.get(schema.get("type", ""), text)
