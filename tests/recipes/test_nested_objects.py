"""The recipe of objects in objects."""

import json

import pytest
from openapi_spec_validator import validate

from tests.client import Client
from tests.markdown import blocks
from tests.recipes.documents import RECIPES

ADDRESS = {"street": "12 Long Lane", "city": "London"}
TEAPOT = {"article": "Teapot", "quantity": 2}
ORDER = {"address": ADDRESS, "lines": [TEAPOT, {"article": "Tray", "quantity": 1}]}


@pytest.fixture
def client(serve_recipe):
    return Client(serve_recipe("nested-objects"))


@pytest.fixture
def order(client):
    answer = client.post("/orders/", ORDER)
    assert answer.status_int == 201
    return answer.headers["Location"].removeprefix("/api/v1")


class TestCreate:
    def test_answers_the_whole_order(self, client):
        answer = client.post("/orders/", ORDER)
        assert answer.json == {**ORDER, "id": 1}
        assert client.get("/orders/1").json == {**ORDER, "id": 1}

    def test_names_what_is_wrong_by_its_path(self, client):
        lines = [TEAPOT, {"article": "Cup", "quantity": 0, "color": "red"}]
        answer = client.post("/orders/", {"address": {"city": "X"}, "lines": lines})
        assert answer.status_int == 422
        errors = {each["name"]: each["description"] for each in answer.json["errors"]}
        assert errors == {
            "address.street": "Is required.",
            "lines.1.quantity": "Must be at least 1.",
            "lines.1.color": "Unknown field.",
        }


class TestPatch:
    def test_of_the_document_works(self, client, order):
        (patch,) = [
            json.loads(each.text)
            for each in blocks(RECIPES / "nested-objects.md")
            if each.language == "json"
        ]
        etag = client.get(order).headers["ETag"]
        answer = client.patch(order, patch, headers={"If-Match": etag})
        assert answer.json == {
            "id": 1,
            "address": {**ADDRESS, "city": "Leeds"},
            "lines": [
                {**TEAPOT, "quantity": 3},
                {"article": "Tray", "quantity": 1},
                {"article": "Cup", "quantity": 6},
            ],
        }
        assert client.get(order).json == answer.json
        again = client.patch(order, patch, headers={"If-Match": etag})
        assert again.status_int == 412

    def test_removes_and_moves_lines(self, client, order):
        patch = [
            {"op": "move", "from": "/lines/1", "path": "/lines/0"},
            {"op": "remove", "path": "/lines/1"},
        ]
        answer = client.patch(order, patch)
        assert answer.json["lines"] == [{"article": "Tray", "quantity": 1}]

    @pytest.mark.parametrize(
        ("operation", "name", "description"),
        [
            (
                {"op": "replace", "path": "/lines/1/quantity", "value": "6"},
                "lines.1.quantity",
                "Must be an integer.",
            ),
            ({"op": "remove", "path": "/address/city"}, "address.city", "Is required."),
        ],
    )
    def test_refuses_what_makes_no_order(
        self, client, order, operation, name, description
    ):
        answer = client.patch(order, [operation])
        error = {"location": "body", "name": name, "description": description}
        assert (answer.status_int, answer.json["errors"]) == (422, [error])
        assert client.get(order).json == {**ORDER, "id": 1}


class TestDocuments:
    def test_name_the_objects_inside(self, client):
        for path, definitions in (
            ("/swagger.json", lambda document: document["definitions"]),
            ("/openapi.json", lambda document: document["components"]["schemas"]),
        ):
            document = client.get(path).json
            validate(document)
            fields = definitions(document)["OrderFields"]["properties"]
            lines = fields["lines"]
            assert fields["address"]["$ref"].endswith("/AddressFields")
            assert lines["items"]["$ref"].endswith("/LineFields")
            assert (lines["type"], lines["maxItems"]) == ("array", 20)
            operation = definitions(document)["OrderFieldsOperation"]["properties"]
            assert operation["path"]["pattern"] == "^(/address(/.*)?|/lines(/.*)?)$"

    def test_say_what_a_patch_may_hold(self, client):
        paths = client.get("/swagger.json").json["paths"]
        body, _ = paths["/orders/{order_id}"]["patch"]["parameters"]
        assert body["x-example"] == [
            {"op": "replace", "path": "/address", "value": ADDRESS}
        ]
        assert body["description"].splitlines()[2:] == [
            "* `/address`: object.",
            "* `/lines`: array, at most 20 items.",
        ]
