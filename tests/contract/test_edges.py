"""One walk through all bodies: what the document allows at its edges is taken."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from apiserver.core.openapi import own_document
from tests.contract.edges import edges
from tests.contract.places import rules
from tests.contract.walk import Walk, body_of, paths, query_of

JSON, JSON_PATCH = "application/json", "application/json-patch+json"
# Fields with rules that no schema can say, of which each has tests of its own.
FURTHER = {
    "redirect_uris": "https, or this machine",
    "default_scopes": "those that exist",
    "user_id": "an account that exists",
}


def operations() -> dict[str, tuple[str, str]]:
    return {
        f"{method} {path}": (path, method)
        for path, item in paths().items()
        for method, operation in item.items()
        if {JSON, JSON_PATCH} & {*content_of(operation)}
    }


def content_of(operation: Any) -> Any:
    is_operation = isinstance(operation, dict)
    return operation.get("requestBody", {}).get("content", {}) if is_operation else {}


def resolved(schema: Any, components: Any) -> Any:
    while "$ref" in schema:
        schema = components[schema["$ref"].rpartition("/")[2]]
    return schema


def bodies(walk: Walk, operation: Any, place: Any) -> Iterator[tuple[str, Any, Any]]:
    """Yield the name of each field, a value at its edge, and the body with that."""
    components = walk.document["components"]["schemas"]
    body = body_of(operation, place)["json"]
    if JSON_PATCH in content_of(operation):
        answer = operation["responses"]["200"]["content"][JSON]["schema"]
        taken = resolved(content_of(operation)[JSON_PATCH]["schema"], components)
        paths = resolved(taken["items"], components)["properties"]["path"]
        for name, schema in resolved(answer, components)["properties"].items():
            pattern = paths.get("pattern", "|".join(paths.get("enum", ())))
            if re.fullmatch(pattern, f"/{name}"):
                for value in edges(schema, components):
                    change = {"op": "replace", "path": f"/{name}", "value": value}
                    tests = [each for each in body if each["op"] == "test"]
                    yield name, value, [*tests, change]
        return
    schema = resolved(content_of(operation)[JSON]["schema"], components)
    for name, each in schema.get("properties", {}).items():
        for value in edges(each, components):
            yield name, value, {**body, name: value}


@pytest.fixture
def walk(app, api, connection, db):
    api()
    return Walk(app, connection, db, "admin")


@pytest.mark.parametrize("where", operations())
def test_is_taken(walk, where):
    path, method = operations()[where]
    visit = next(walk.visits(path))
    operation = walk.document["paths"][path][method]
    found = []
    for name, value, body in bodies(walk, operation, visit.place):
        media_type = next(iter(content_of(operation)))
        answer = walk.send(
            visit,
            method.upper(),
            query_of(operation),
            json=body,
            content_type=media_type,
        )
        is_known = name in {**FURTHER, **rules()} or name in visit.place.values
        is_ruled = is_known and answer.status_int in {404, 409, 422}
        if answer.status_int >= 300 and not is_ruled:
            found.append(f"{name} {str(value)[:60]!r}: {answer.text[:300]}")
    assert found == [], "\n".join(["", *found])


def nullable(definitions: Any) -> set[str]:
    return {
        f"{name}.{field}"
        for name, schema in definitions.items()
        # Its value may be any, which both documents say by nothing.
        if not name.endswith("PatchOperation")
        for field, each in schema.get("properties", {}).items()
        if None in edges(each, definitions)
    }


def test_both_documents_allow_null_for_the_same_fields(walk):
    swagger = own_document(walk.app.registry)["definitions"]
    said = {
        f"{name}.{field}"
        for name, schema in swagger.items()
        for field, each in schema.get("properties", {}).items()
        if each.get("x-nullable")
    }
    assert said == nullable(walk.document["components"]["schemas"]) != set()
