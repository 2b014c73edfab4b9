"""From Swagger's schemas to JSON Schema, which OpenAPI 3.1 has."""

from typing import Any

Fragment = dict[str, Any]


def json_schema(source: Any) -> Any:
    """Return the JSON Schema (2020-12) of a Swagger schema."""
    if isinstance(source, list):
        return [json_schema(each) for each in source]
    if not isinstance(source, dict):
        return source
    converted = {}
    for name, value in source.items():
        if name == "$ref":
            converted[name] = value.replace("#/definitions/", "#/components/schemas/")
        elif name == "example":
            converted["examples"] = [value]
        elif name == "properties":
            converted[name] = {key: json_schema(each) for key, each in value.items()}
        elif name in {"default", "enum", "x-nullable"}:
            converted[name] = value
        else:
            converted[name] = json_schema(value)
    return nullable(converted)


def nullable(converted: Fragment) -> Fragment:
    """Say ``x-nullable`` by the type, as JSON Schema does."""
    if not converted.pop("x-nullable", False):
        return converted
    if "enum" in converted:
        converted["enum"] = [*converted["enum"], None]
    if "type" in converted:
        return {**converted, "type": [converted["type"], "null"]}
    return {"anyOf": [converted, {"type": "null"}]}
