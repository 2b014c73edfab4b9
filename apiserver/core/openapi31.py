"""The OpenAPI 3.1 document, made from the Swagger 2.0 one: one source, two forms.

3.1 says some things that 2.0 can't: bodies of several media types, null as a type, any
value in a JSON Patch. Clients are generated from it.
"""

from typing import Any

Fragment = dict[str, Any]

PROBLEM = "application/problem+json"

# What of a parameter or header belongs to itself; the rest is its schema.
OF_PARAMETER = {"name", "in", "required", "description"}

FLOWS = {
    "accessCode": "authorizationCode",
    "application": "clientCredentials",
    "password": "password",
}


def to_openapi31(swagger: Fragment) -> Fragment:
    """Return the OpenAPI 3.1 form of a Swagger 2.0 document."""
    return {
        "openapi": "3.1.0",
        "info": swagger["info"],
        "servers": [{"url": swagger["basePath"]}],
        "tags": swagger["tags"],
        "paths": {path: path_item(item) for path, item in swagger["paths"].items()},
        "components": {
            "schemas": {
                name: schema(definition)
                for name, definition in swagger["definitions"].items()
            },
            "securitySchemes": {
                name: security_scheme(definition)
                for name, definition in swagger["securityDefinitions"].items()
            },
        },
    }


def path_item(item: Fragment) -> Fragment:
    converted: Fragment = {
        name: operation(value) for name, value in item.items() if name != "parameters"
    }
    if "parameters" in item:
        converted["parameters"] = [parameter(each) for each in item["parameters"]]
    return converted


def operation(source: Fragment) -> Fragment:
    converted = {
        name: value
        for name, value in source.items()
        if name not in {"consumes", "produces", "parameters", "responses", "x-forms"}
    }
    parameters = source.get("parameters", [])
    others = [parameter(each) for each in parameters if each["in"] != "body"]
    if others:
        converted["parameters"] = others
    for body in parameters:
        if body["in"] == "body":
            converted["requestBody"] = request_body(body, source)
    converted["responses"] = {
        status: response(status, each) for status, each in source["responses"].items()
    }
    return converted


def request_body(body: Fragment, source: Fragment) -> Fragment:
    """Return the body, in each media type that is taken."""
    types = [*source.get("consumes", ["application/json"]), *source.get("x-forms", ())]
    about = {"description": body["description"]} if "description" in body else {}
    content = {media_type: {"schema": schema(body["schema"])} for media_type in types}
    return {**about, "required": body["required"], "content": content}


def parameter(source: Fragment) -> Fragment:
    own = {name: value for name, value in source.items() if name in OF_PARAMETER}
    rest = {name: value for name, value in source.items() if name not in OF_PARAMETER}
    rest.pop("collectionFormat", None)
    return {**own, "schema": schema(rest)}


def response(status: str, source: Fragment) -> Fragment:
    converted: Fragment = {"description": source["description"]}
    if "headers" in source:
        converted["headers"] = {
            name: parameter(header) for name, header in source["headers"].items()
        }
    if "schema" in source:
        media_type = PROBLEM if status >= "400" else "application/json"
        converted["content"] = {media_type: {"schema": schema(source["schema"])}}
    return converted


def schema(source: Any) -> Any:
    """Return the JSON Schema (2020-12) of a Swagger schema."""
    if isinstance(source, list):
        return [schema(each) for each in source]
    if not isinstance(source, dict):
        return source
    converted = {}
    for name, value in source.items():
        if name == "$ref":
            converted[name] = value.replace("#/definitions/", "#/components/schemas/")
        elif name in {"example", "x-example"}:
            converted["examples"] = [value]
        elif name == "properties":
            converted[name] = {key: schema(each) for key, each in value.items()}
        elif name in {"default", "enum", "x-nullable"}:
            converted[name] = value
        else:
            converted[name] = schema(value)
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


def security_scheme(source: Fragment) -> Fragment:
    flow: Fragment = {
        name: source[name]
        for name in ("authorizationUrl", "tokenUrl", "scopes")
        if name in source
    }
    flow["refreshUrl"] = flow["tokenUrl"]
    return {"type": "oauth2", "flows": {FLOWS[source["flow"]]: flow}}
