"""The document that clients are generated from: openapi.json, adapted to generators."""

import re
from typing import Any
from urllib.parse import urljoin

Document = dict[str, Any]

PATCH = "application/json-patch+json"
MULTIPART = "multipart/form-data"

# Clients send a token; how they get one doesn't concern the generator.
SCHEME = "oauth2"
BEARER = {"type": "http", "scheme": "bearer", "description": "An OAuth2 access token."}


def client_document(document: Document, issuer: str) -> Document:
    """Return the document for clients, made from the OpenAPI 3.1 one.

    Its server is ``issuer``. It has one security scheme, and one media type for each
    body: of several, generators offer the first at best.
    """
    document = with_lists(document)
    info = document["info"]
    components = {**document["components"], "securitySchemes": {SCHEME: BEARER}}
    return {
        **document,
        # Many generators repeat the description at the top of every file.
        "info": {**info, "description": f"A client of the API {info['title']}."},
        "servers": [
            {"url": urljoin(issuer, server["url"])} for server in document["servers"]
        ],
        "components": components,
        "paths": {path: path_item(item) for path, item in document["paths"].items()},
    }


def with_lists(value: Any) -> Any:
    """Drop ``uniqueItems``: generators would use sets, which lose the order."""
    if isinstance(value, dict):
        kept = {k: v for k, v in value.items() if (k, v) != ("uniqueItems", True)}
        return {name: with_lists(each) for name, each in kept.items()}
    return [with_lists(each) for each in value] if isinstance(value, list) else value


def path_item(item: Document) -> Document:
    return {
        name: value if name == "parameters" else operation(value)
        for name, value in item.items()
    }


def operation(source: Document) -> Document:
    converted = {**source, "security": security(source["security"])}
    if "requestBody" in source:
        media_type, body = offered(source["requestBody"]["content"])
        content = {media_type: body}
        converted["requestBody"] = {**source["requestBody"], "content": content}
        name = argument_name(media_type, body.get("schema", {}))
        converted["x-codegen-request-body-name"] = name
    return converted


def offered(content: Document) -> tuple[str, Document]:
    """Return the media type that clients send: the first, but for a file the form.

    In a form each file has its own media type; the first would be used for every file.
    """
    first, body = next(iter(content.items()))
    if is_file(body) and MULTIPART in content:
        return MULTIPART, content[MULTIPART]
    return first, body


def is_file(body: Document) -> bool:
    return bool(body.get("schema", {}).get("format") == "binary")


def argument_name(media_type: str, schema: Document) -> str:
    """Return the name of a body's argument: that of its schema, ``team_create``.

    The generators would name it ``o_auth2_client_create``, and a JSON Patch as one of
    its operations.
    """
    if media_type == PATCH:
        return "patch"
    name = schema.get("$ref", "body").rpartition("/")[2]
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def security(alternatives: list[dict[str, list[str]]]) -> list[dict[str, list[str]]]:
    """Return the alternatives with the one scheme; ``{}`` means without a token."""
    required = {tuple(scopes) for each in alternatives for scopes in each.values()}
    anonymous = [each for each in alternatives if not each]
    return [*anonymous, *({SCHEME: list(scopes)} for scopes in sorted(required))]
