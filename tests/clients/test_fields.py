"""Fields of every type, null among them, in generated clients: a model of a parcel."""

import json

import orjson
import pytest

from apiserver.core.openapi import own_document
from apiserver.core.openapi.openapi31 import to_openapi31
from tasks.client_document import client_document
from tasks.openapi_generator import QUICK_JAVA
from tests.clients.test_languages import CHECKS
from tests.clients.workshop import GENERATOR, run
from tests.core.conftest import make_core_app
from tests.core.parcels import parcels
from tests.core.test_nullable import NOTHING, SOMETHING
from tests.markdown import ROOT
from tests.served import BIN
from tests.tools import need, needs

__all__ = ["make_core_app"]

pytestmark = needs(GENERATOR)

READ = """
import json, sys
from apiserver_client import ParcelDetail
sent = json.loads(sys.argv[1])
read = [ParcelDetail.from_dict(each).to_dict() for each in sent]
print(json.dumps(read, default=str))
"""


@pytest.fixture
def generate(make_core_app, tmp_path):
    """A function that generates an application's client for a language; its folder."""

    def generate(language, app=None):
        app = app or make_core_app(parcels)
        document = to_openapi31(own_document(app.registry))
        source = tmp_path / "openapi.json"
        source.write_bytes(orjson.dumps(client_document(document, "http://localhost")))
        own = ROOT / "clients" / language
        words = ["--generator-name", language, "--input-spec", source]
        words += ["--output", tmp_path / language, "--config", own / "config.yaml"]
        if (own / "templates").exists():
            words += ["--template-dir", own / "templates"]
        program = str(BIN / "openapi-generator-cli")
        command = [program, "generate", *map(str, words)]
        run(command, tmp_path, JDK_JAVA_OPTIONS=QUICK_JAVA)
        return tmp_path / language

    return generate


def test_of_python_come_and_go(generate):
    """As they are answered: a client reads a day as one, and sends it again."""
    sent = [{**fields, "id": 1} for fields in (SOMETHING, NOTHING)]
    dist = generate("python")
    read = run([str(BIN / "python"), "-c", READ, json.dumps(sent)], dist)
    assert json.loads(read) == [
        {**sent[0], "sent": "2026-03-01 12:00:00+00:00"},
        sent[1],
    ]


def test_of_java_are_its_language(generate):
    program, pattern, command = CHECKS["java"]
    need(program)
    dist = generate("java")
    run([*command, *map(str, dist.glob(pattern))], dist)
