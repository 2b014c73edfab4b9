"""The OpenAPI 3.1 form of the document."""

import pytest
from openapi_spec_validator import validate

from apiserver.core.openapi import json_schema, own_document, security
from tests.client import Client


class TestDocument:
    def test_is_valid_and_served(self, app):
        document = Client(app).get("/openapi.json").json
        validate(document)
        assert document["openapi"] == "3.1.0"
        assert list(document["paths"]) == list(own_document(app.registry)["paths"])

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
