"""What the document allows is taken: each parameter's example, a body's edges."""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

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


def operations(item: Any) -> dict[str, Any]:
    """Return the operations of a path by their methods."""
    return {name: each for name, each in item.items() if name != "parameters"}


TAKING_JSON = [
    (path, method)
    for path, item in paths().items()
    for method, operation in operations(item).items()
    if {JSON, JSON_PATCH} & operation.get("requestBody", {}).get("content", {}).keys()
]


def content_of(operation: Any) -> Any:
    return operation["requestBody"]["content"]


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
def walk(walk_as):
    return walk_as("admin")


def as_text(example: Any) -> Any:
    """Return what a URL or a header has for a value, or for each of a list."""
    if isinstance(example, list):
        return [as_text(each) for each in example]
    return str(example).lower() if isinstance(example, bool) else str(example)


def send_example(walk: Walk, visit: Any, method: str, parameter: Any) -> Any:
    """Return the answer to a request with the example of one parameter."""
    operation = walk.document["paths"][visit.path][method]
    query, headers = query_of(operation), {}
    name, example = parameter["name"], as_text(parameter["example"])
    if parameter["in"] == "path":
        keys = {**visit.place.keys, name: quote(example, safe="")}
        visit = visit._replace(url=visit.path.format(**keys))
    elif parameter["in"] == "query":
        query = query_of(operation, **{name: example})
    else:
        headers = {name: example}
    body = body_of(operation, visit.place)
    return walk.send(visit, method.upper(), query, headers=headers, **body)


@pytest.mark.parametrize("path", paths())
def test_example_of_each_parameter_is_taken_alone(walk, path):
    visit, item = next(walk.visits(path)), paths()[path]
    for method, operation in operations(item).items():
        both = *item.get("parameters", ()), *operation.get("parameters", ())
        for parameter in both:
            answer = send_example(walk, visit, method, parameter)
            taken = answer.status_int in {200, 201, 202, 204, 206, 404, 412}
            assert taken, (method, parameter["name"], answer.text)


@pytest.mark.parametrize(("path", "method"), TAKING_JSON)
def test_value_at_each_edge_is_taken(walk, path, method):
    visit = next(walk.visits(path))
    operation = walk.document["paths"][path][method]
    media_type = next(iter(content_of(operation)))
    query, found = query_of(operation), []
    for name, value, body in bodies(walk, operation, visit.place):
        sent = {"json": body, "content_type": media_type}
        answer = walk.send(visit, method.upper(), query, **sent)
        is_known = name in {**FURTHER, **rules()} or name in visit.place.values
        is_ruled = is_known and answer.status_int in {404, 409, 422}
        if answer.status_int >= 300 and not is_ruled:
            found.append(f"{name} {str(value)[:60]!r}: {answer.text[:300]}")
    assert found == [], "\n".join(["", *found])


def nullable(definitions: Any) -> set[str]:
    return {
        f"{name}.{field}"
        for name, schema in definitions.items()
        # Of a patch, whose value may be any, which both documents say by nothing.
        if not name.endswith("Operation")
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
