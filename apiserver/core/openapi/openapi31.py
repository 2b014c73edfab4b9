"""Converts the Swagger 2.0 document to OpenAPI 3.1.

3.1 can express more: bodies of several media types, null as a type, any value in a JSON
Patch. Clients are generated from it.
"""

from urllib.parse import urlsplit

from apiserver.core.typing import Fragment, Json

# A parameter's or header's own members; the others are its schema.
OF_PARAMETER = {"name", "in", "required", "description"}

FLOWS = {
    "accessCode": "authorizationCode",
    "application": "clientCredentials",
    "password": "password",
}


def to_openapi31(swagger: Fragment) -> Fragment:
    """Convert a Swagger 2.0 document to OpenAPI 3.1."""
    flows = swagger["securityDefinitions"]
    return {
        "openapi": "3.1.0",
        "info": swagger["info"],
        "servers": [{"url": swagger["basePath"]}],
        "tags": swagger["tags"],
        **extensions(swagger),
        "paths": {
            path: path_item(item, flows) for path, item in swagger["paths"].items()
        },
        "components": {
            "schemas": {
                name: json_schema(definition)
                for name, definition in swagger["definitions"].items()
            },
            "securitySchemes": {
                name: security_scheme(definition) for name, definition in flows.items()
            },
        },
    }


def extensions(swagger: Fragment) -> Fragment:
    """Return the extensions, ``x-…``."""
    converted = {
        name: value for name, value in swagger.items() if name.startswith("x-")
    }
    converted["x-headers"] = headers(swagger["x-headers"])
    converted["x-responses"] = responses(swagger["x-responses"])
    return converted


def path_item(item: Fragment, flows: Fragment) -> Fragment:
    converted: Fragment = {
        method: {**operation(source), "security": security(source["security"], flows)}
        for method, source in item.items()
        if method != "parameters"
    }
    if "parameters" in item:
        converted["parameters"] = [parameter(each) for each in item["parameters"]]
    return converted


def security(required: list[Fragment], flows: Fragment) -> list[Fragment]:
    """Return the security requirements, including an optional token.

    A token can matter even if none is needed: an administrator who signs someone up
    needs no captcha. Swagger 2.0 can't express this.
    """
    return required or ([{}, *({name: []} for name in flows)] if flows else [])


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
    converted["responses"] = responses(source["responses"])
    return converted


def request_body(body: Fragment, source: Fragment) -> Fragment:
    """Return the body, in each accepted media type."""
    types = [*source.get("consumes", ["application/json"]), *source.get("x-forms", ())]
    about = {"description": body["description"]} if "description" in body else {}
    media = {"schema": json_schema(body["schema"])}
    if "x-example" in body:
        media["example"] = body["x-example"]
    content = dict.fromkeys(types, media)
    if "x-form" in body:
        content |= dict.fromkeys(source["x-forms"], body["x-form"])
    return {**about, "required": body["required"], "content": content}


def parameter(source: Fragment) -> Fragment:
    own = {name: value for name, value in source.items() if name in OF_PARAMETER}
    rest = {name: value for name, value in source.items() if name not in OF_PARAMETER}
    if "collectionFormat" in rest:
        explode = rest.pop("collectionFormat") == "multi"
        own |= {"style": "form", "explode": explode}
    if rest.pop("x-required", False):
        own["required"] = True
    if "x-example" in rest:
        own["example"] = rest.pop("x-example")
    return {**own, "schema": json_schema(rest)}


def headers(source: Fragment) -> Fragment:
    return {name: parameter(header) for name, header in source.items()}


def responses(source: Fragment) -> Fragment:
    return {status: response(each) for status, each in source.items()}


def response(source: Fragment) -> Fragment:
    converted: Fragment = {"description": source["description"]}
    if "headers" in source:
        converted["headers"] = headers(source["headers"])
    if "x-content" in source:
        converted["content"] = {
            media_type: {"schema": json_schema(source["schema"])}
            for media_type in source["x-content"]
        }
    for media_type, example in source.get("examples", {}).items():
        media = {"schema": json_schema(source["schema"])}
        if "x-examples" in source:
            media["examples"] = named_examples(source["x-examples"])
        else:
            media["example"] = example
        converted["content"] = {media_type: media}
    return converted


def named_examples(problems: Fragment) -> Fragment:
    """Return the examples of several errors, each with its summary."""
    return {
        name: {"summary": summary(problem), "value": problem}
        for name, problem in problems.items()
    }


def summary(problem: Fragment) -> str:
    """Return the summary of a problem document: its first error, or its detail."""
    for error in problem.get("errors", ()):
        return f"{error['name']}: {error['description']}"
    return str(problem["detail"])


def security_scheme(source: Fragment) -> Fragment:
    """Return the scheme, with URLs relative to the document's host.

    So pages can reach them under any host name. Swagger 2.0 has only absolute URLs, and
    no bearer tokens besides OAuth2's.
    """
    if source["type"] == "apiKey":
        return {"type": "http", "scheme": "bearer"}
    flow: Fragment = {
        name: urlsplit(source[name]).path
        for name in ("authorizationUrl", "tokenUrl")
        if name in source
    }
    # Client credentials get no refresh token (RFC 6749 section 4.4.3).
    if source["flow"] != "application":
        flow["refreshUrl"] = flow["tokenUrl"]
    flow["scopes"] = source["scopes"]
    return {"type": "oauth2", "flows": {FLOWS[source["flow"]]: flow}}


def json_schema(source: Json) -> Json:
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
        elif name in {"default", "enum", "x-any-value", "x-nullable"}:
            converted[name] = value
        else:
            converted[name] = json_schema(value)
    return nullable(converted)


def nullable(converted: Fragment) -> Fragment:
    """Express ``x-nullable`` by the type, as JSON Schema does."""
    is_nullable = converted.pop("x-nullable", False)
    # Any value excludes null in 2.0, but includes it in 3.1.
    if converted.pop("x-any-value", False):
        return converted if is_nullable else {**converted, "not": {"type": "null"}}
    if not is_nullable:
        return converted
    if "enum" in converted:
        converted["enum"] = [*converted["enum"], None]
    if "type" in converted:
        return {**converted, "type": [converted["type"], "null"]}
    return {"anyOf": [converted, {"type": "null"}]}
