"""The document on the terminal."""

import json

import pytest


class TestExport:
    def test_prints_the_document(self, invoke, app):
        status, printed, error = invoke("app.swagger", "--ini", "testing.ini")
        assert (status, error) == (0, "")
        assert json.loads(printed) == app.registry.swagger

    def test_prints_it_as_openapi(self, invoke, api):
        status, printed, _ = invoke("app.swagger", "--ini=testing.ini", "--openapi")
        assert status == 0
        assert json.loads(printed) == api().get("/openapi.json").json

    def test_prints_nothing_else(self, process):
        status, printed, error = process("app.swagger.export")
        assert (status, error) == (0, "")
        assert json.loads(printed)["swagger"] == "2.0"

    @pytest.mark.parametrize(
        ("ini", "sentence"),
        [
            ("missing.ini", "There is no file missing.ini."),
            ("Makefile", "Could not determine the loader scheme"),
            ("README.md", "Could not find a matching loader"),
        ],
    )
    def test_says_what_is_wrong_with_the_settings(self, invoke, ini, sentence):
        status, printed, error = invoke("app.swagger", "--ini", ini)
        assert (status, printed) == (1, "")
        assert error.startswith(sentence)
        assert error.count("\n") == 1

    def test_names_an_unknown_setting(self, invoke, monkeypatch):
        monkeypatch.setenv("APISERVER_SIGN_UP", "open")
        status, printed, error = invoke("app.swagger")
        assert (status, printed) == (1, "")
        assert error.startswith("Unknown settings: apiserver.sign_up.")
