"""The example in one file, served as its reader would serve it."""

import importlib.util
import os
import re
import subprocess
import sys

import httpx
import pytest
from openapi_spec_validator import validate

from tests.client import Client
from tests.conftest import ROOT
from tests.markdown import blocks
from tests.served import Program, clean_environment

pytestmark = pytest.mark.slow

EXAMPLE = ROOT / "examples/single_file.py"
CORE = ROOT / "docs/core.md"
# How a token is sent, in the words of Swagger 2.0 and of OpenAPI 3.1.
SCHEMES = {
    "/swagger.json": {
        "type": "apiKey",
        "name": "Authorization",
        "in": "header",
        "description": "`Bearer`, a space and the token.",
    },
    "/openapi.json": {"type": "http", "scheme": "bearer"},
}
LOADED = """
import sys
sys.path.insert(0, sys.argv[1])
import single_file
single_file.main()
print(*sorted(name for name in sys.modules if name.startswith("apiserver.")))
"""
PATH = {"PYTHONPATH": os.environ.get("PYTHONPATH", str(ROOT))}


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    """A client of the example, which knows what it has printed: the token."""
    folder = tmp_path_factory.mktemp("example")
    environment = clean_environment(**PATH, APISERVER_LISTEN="127.0.0.1:0")
    command, log = ["python", EXAMPLE], folder / "printed"
    with (
        Program(command, log, folder=folder, environment=environment) as program,
        httpx.Client(base_url=f"{program.url()}/api/v1") as client,
    ):
        client.token = token_in(program.said())
        yield client


def token_in(printed):
    """Return the token that the example prints before its address."""
    (token,) = re.findall("^The token for librarians is (.+)$", printed, re.M)
    return token


@pytest.fixture
def librarian(client):
    return {"Authorization": f"Bearer {client.token}"}


class TestBooks:
    def test_are_added_and_read(self, client, librarian):
        answer = client.post("/books/", json={"title": "Emma"}, headers=librarian)
        book = answer.json()
        assert (answer.status_code, book) == (201, {"id": book["id"], "title": "Emma"})
        path = answer.headers["Location"].removeprefix("/api/v1")
        assert client.get(path).json() == book
        assert book in client.get("/books/?limit=100").json()
        assert client.get("/books/999").status_code == 401
        assert client.get("/books/999", headers=librarian).status_code == 404

    @pytest.mark.parametrize("token", [None, "x", "ü"])
    def test_are_not_written_by_others(self, client, token):
        sent = f"Bearer {token}".encode()
        headers = {"Authorization": sent} if token is not None else {}
        answer = client.post("/books/", json={"title": "Emma"}, headers=headers)
        assert answer.status_code == 401
        assert client.options("/books/").headers["Allow"] == "GET, HEAD, OPTIONS"

    def test_have_titles(self, client, librarian):
        answer = client.post("/books/", json={"title": ""}, headers=librarian)
        assert answer.status_code == 422
        assert answer.json()["errors"] == [
            {
                "location": "body",
                "name": "title",
                "description": "Must be at least 1 character long.",
            }
        ]


class TestDocumentation:
    def test_is_there_for_people_and_programs(self, client):
        page = client.get("/")
        assert (page.status_code, "<title>Books" in page.text) == (200, True)
        for path in ("/swagger.json", "/openapi.json"):
            document = client.get(path).json()
            validate(document)
            assert list(document["paths"]) == ["/books/", "/books/{book_id}"]

    def test_says_how_librarians_send_their_token(self, client):
        for path, scheme in (
            ("/swagger.json", "securityDefinitions"),
            ("/openapi.json", "components"),
        ):
            document = client.get(path).json()
            found = document[scheme].get("securitySchemes", document[scheme])
            assert found == {"token": SCHEMES[path]}
            operations = document["paths"]["/books/"]
            assert operations["post"]["security"] == [{"token": []}]
            assert "Librarians and administrators." in operations["post"]["description"]


class TestCore:
    def test_stands_alone(self, tmp_path):
        """No feature of the server is loaded, and no table of one is made."""
        done = subprocess.run(  # noqa: S603
            [sys.executable, "-c", LOADED, EXAMPLE.parent],
            cwd=tmp_path,
            env=clean_environment(**PATH),
            capture_output=True,
            text=True,
            check=True,
        )
        loaded = done.stdout.split()
        assert "apiserver.core.endpoints.services" in loaded
        assert [name for name in loaded if not name.startswith("apiserver.core")] == []


@pytest.fixture
def patched_app(tmp_path, monkeypatch):
    """The example with the endpoint that docs/core.md adds to it."""
    monkeypatch.chdir(tmp_path)
    specification = importlib.util.spec_from_file_location("single_file", EXAMPLE)
    module = importlib.util.module_from_spec(specification)
    monkeypatch.setitem(sys.modules, "single_file", module)
    (added,) = [b.text for b in blocks(CORE) if "patch_book" in b.text]
    # Its views are found in the module's own frame.
    text = EXAMPLE.read_text("utf-8")
    exec(compile(f"{text}\n{added}", EXAMPLE, "exec"), vars(module))  # noqa: S102
    app = module.main()
    yield app
    for sessions in (app.registry.write_sessions, app.registry.read_sessions):
        sessions.kw["bind"].dispose()
    module.db.Base.metadata.remove(module.Book.__table__)


class TestDocumentOfCore:
    def test_adds_a_patch(self, patched_app):
        client = Client(patched_app, patched_app.registry.settings["apiserver.token"])
        assert client.post("/books/", {"title": "Emma"}).status_int == 201
        patch = [{"op": "replace", "path": "/title", "value": "Persuasion"}]
        answer = client.patch("/books/1", patch)
        changed = {"title": "Persuasion", "id": 1}
        assert (answer.status_int, answer.json) == (200, changed)
        assert client.get("/books/1").json == changed
