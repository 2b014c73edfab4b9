"""The OpenAPI 3.1 form of the document."""

import pytest
from openapi_spec_validator import validate

from apiserver.core.openapi import json_schema, security
from tests.client import Client


class TestDocument:
    def test_is_valid_and_served(self, app):
        document = Client(app).get("/openapi.json").json
        validate(document)
        assert document["openapi"] == "3.1.0"
        assert list(document["paths"]) == list(app.registry.swagger["paths"])

    def test_form_is_one_of_the_bodies(self, app):
        document = Client(app).get("/openapi.json").json
        body = document["paths"]["/teams/"]["post"]["requestBody"]
        reference = {
            "schema": {"$ref": "#/components/schemas/TeamCreate"},
            "example": {"title": "Engineers"},
        }
        assert body["content"] == {
            "application/json": reference,
            "application/x-www-form-urlencoded": reference,
            "multipart/form-data": reference,
        }

    def test_token_is_taken_where_none_is_needed(self, app):
        paths = Client(app).get("/openapi.json").json["paths"]
        flows = app.registry.swagger["securityDefinitions"]
        assert len(flows) == 3
        sign_up, list_users = paths["/users/"]["post"], paths["/users/"]["get"]
        assert sign_up["security"] == [{}, *({name: []} for name in flows)]
        assert list_users["security"] == [{name: ["users:read"]} for name in flows]

    def test_without_flows_nothing_is_asked_for(self):
        assert security([], {}) == []


class TestSchema:
    @pytest.mark.parametrize(
        ("swagger", "converted"),
        [
            ({"type": "string", "x-nullable": True}, {"type": ["string", "null"]}),
            (
                {"type": "string", "enum": ["a"], "x-nullable": True},
                {"type": ["string", "null"], "enum": ["a", None]},
            ),
            (
                {"$ref": "#/definitions/Team", "x-nullable": True},
                {
                    "anyOf": [
                        {"$ref": "#/components/schemas/Team"},
                        {"type": "null"},
                    ]
                },
            ),
            ({"type": "string", "example": "x"}, {"type": "string", "examples": ["x"]}),
        ],
    )
    def test_says_the_same_as_json_schema(self, swagger, converted):
        assert json_schema(swagger) == converted
