"""The document on the terminal."""

import json

import pytest
from openapi_spec_validator import OpenAPIV30SpecValidator, OpenAPIV31SpecValidator

from apiserver.core.openapi import own_document
from tasks.client_document import client_document
from tasks.openapi30 import schema
from tests.settings import shipped_ini


@pytest.fixture
def ini(tmp_path):
    """The settings of the application of the tests, in a file."""
    ini = tmp_path / "own.ini"
    ini.write_text(shipped_ini("testing.ini"))
    return ini


def only(item):
    """Return the operations of a Path Item."""
    return [each for name, each in item.items() if name != "parameters"]


class TestExport:
    def test_prints_the_document(self, invoke, app, ini):
        status, printed, error = invoke("app.swagger", "--ini", str(ini))
        assert (status, error) == (0, "")
        assert json.loads(printed) == own_document(app.registry)

    def test_prints_it_as_openapi(self, invoke, api, ini):
        status, printed, _ = invoke("app.swagger", f"--ini={ini}", "--openapi")
        assert status == 0
        assert json.loads(printed) == api().get("/openapi.json").json

    def test_prints_what_clients_are_generated_from(self, invoke, api, ini):
        status, printed, error = invoke("app.swagger", f"--ini={ini}", "--for-clients")
        assert (status, error) == (0, "")
        made = json.loads(printed)
        assert made == client_document(
            api().get("/openapi.json").json, "https://api.example.com"
        )
        assert list(OpenAPIV31SpecValidator(made).iter_errors()) == []
        # The generators' own names come from these: no two may be the same.
        named = [o["operationId"] for i in made["paths"].values() for o in only(i)]
        assert len(named) == len(set(named))

    @pytest.mark.parametrize("more", [(), ("--for-clients",)])
    def test_prints_it_as_an_older_openapi(self, invoke, api, ini, more):
        options = (f"--ini={ini}", "--openapi=3.0.3", *more)
        status, printed, error = invoke("app.swagger", *options)
        assert (status, error) == (0, "")
        made = json.loads(printed)
        assert made["openapi"] == "3.0.3"
        assert list(OpenAPIV30SpecValidator(made).iter_errors()) == []
        newer = api().get("/openapi.json").json
        assert made["paths"].keys() == newer["paths"].keys()
        assert made["components"]["schemas"].keys() == (
            newer["components"]["schemas"].keys()
        )

    def test_refuses_another_version(self, invoke):
        sentence = "There is no version of OpenAPI 3.2. Choose one of 3.1.0, 3.0.3.\n"
        assert invoke("app.swagger", "--openapi=3.2") == (1, "", sentence)

    @pytest.mark.slow
    def test_prints_nothing_else(self, process):
        status, printed, error = process("app.swagger.export")
        assert (status, error) == (0, "")
        assert json.loads(printed)["swagger"] == "2.0"


class TestOlderSchema:
    """What features may have, besides those that are shipped."""

    @pytest.mark.parametrize(
        ("newer", "older"),
        [
            ({"type": ["string", "null"]}, {"type": "string", "nullable": True}),
            (
                {"type": ["string", "null"], "enum": ["a", None]},
                {"type": "string", "nullable": True, "enum": ["a", None]},
            ),
            (
                {"anyOf": [{"$ref": "#/a"}, {"type": "null"}], "description": "A."},
                {"allOf": [{"$ref": "#/a"}], "nullable": True, "description": "A."},
            ),
            ({"examples": [{"type": ["x"]}]}, {"example": {"type": ["x"]}}),
            ({"default": {"examples": [1]}}, {"default": {"examples": [1]}}),
            ({"not": {"type": "null"}, "description": "A."}, {"description": "A."}),
            (
                {
                    "properties": {
                        "not": {"type": "null"},
                        "examples": {"type": "object"},
                    }
                },
                {
                    "properties": {
                        "not": {"type": "null"},
                        "examples": {"type": "object"},
                    }
                },
            ),
            (
                {"items": {"type": ["integer", "null"]}, "additionalProperties": False},
                {
                    "items": {"type": "integer", "nullable": True},
                    "additionalProperties": False,
                },
            ),
        ],
    )
    def test_says_the_same(self, newer, older):
        assert schema(newer) == older
