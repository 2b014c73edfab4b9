"""The recipe of a PATCH with query parameters."""

import pytest

from tests.client import Client
from tests.recipes.documents import recipe

LATER = [{"op": "replace", "path": "/name", "value": "later"}]


@pytest.fixture
def client(serve_recipe):
    app = serve_recipe("patch-with-query")
    with app.registry.engine.begin() as connection:
        connection.execute(recipe("patch-with-query").tables[0].insert(), {"name": "a"})
    return Client(app)


class TestPatch:
    def test_that_is_tried_changes_nothing(self, client):
        for name in ("later", "later"):
            answer = client.patch("/labels/1?dry_run=true", LATER)
            assert (answer.status_int, answer.json) == (200, {"name": name, "id": 1})
        test = [{"op": "test", "path": "/name", "value": "a"}]
        assert client.patch("/labels/1", [*test, *LATER]).status_int == 200
        assert client.patch("/labels/1", test).status_int == 409

    @pytest.mark.parametrize("query", ["", "?dry_run=false"])
    def test_changes_otherwise(self, client, query):
        assert client.patch(f"/labels/1{query}", LATER).json["name"] == "later"
        tried = client.patch("/labels/1?dry_run=true", [{**LATER[0], "op": "test"}])
        assert tried.status_int == 200

    @pytest.mark.parametrize(
        ("query", "name", "description"),
        [
            ("dry_run=1", "dry_run", "Must be true or false."),
            ("dryrun=true", "dryrun", "Unknown field."),
            ("dry_run=true&dry_run=true", "dry_run", "Is given more than once."),
        ],
    )
    def test_refuses_other_queries(self, client, query, name, description):
        answer = client.patch(f"/labels/1?{query}", LATER)
        error = {"location": "querystring", "name": name, "description": description}
        assert (answer.status_int, answer.json["errors"]) == (422, [error])
        assert client.patch("/labels/1", [{**LATER[0], "op": "test"}]).status_int == 409


class TestDocuments:
    def test_have_both(self, client):
        swagger = client.get("/swagger.json").json
        parameters = swagger["paths"]["/labels/{label_id}"]["patch"]["parameters"]
        assert [(each["in"], each["name"]) for each in parameters] == [
            ("body", "body"),
            ("query", "dry_run"),
        ]
        openapi = client.get("/openapi.json").json
        patch = openapi["paths"]["/labels/{label_id}"]["patch"]
        assert patch["parameters"] == [
            {
                "name": "dry_run",
                "in": "query",
                "required": False,
                "description": "Change nothing, only respond.",
                "example": True,
                "schema": {"type": "boolean", "default": False},
            }
        ]
        assert "application/json-patch+json" in patch["requestBody"]["content"]
