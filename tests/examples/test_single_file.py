"""The example in one file, served as its reader would serve it."""

import os
import socket
import subprocess
import sys
import time

import httpx
import pytest
from openapi_spec_validator import validate

from tests.conftest import ROOT
from tests.served import clean_environment, stop

EXAMPLE = ROOT / "examples/single_file.py"
LOADED = """
import sys
sys.path.insert(0, sys.argv[1])
import single_file
single_file.main()
print(*sorted(name for name in sys.modules if name.startswith("apiserver.")))
"""


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    """A client of the example, which knows what it has printed: the token."""
    folder = tmp_path_factory.mktemp("example")
    log = folder / "printed"
    address = f"127.0.0.1:{free_port()}"
    with log.open("w") as output:
        process = subprocess.Popen(  # noqa: S603
            [sys.executable, EXAMPLE],
            cwd=folder,
            env=clean_environment(
                LISTEN=address, PYTHONPATH=os.environ.get("PYTHONPATH", str(ROOT))
            ),
            stderr=output,
        )
    with httpx.Client(base_url=f"http://{address}/api/v1") as client:
        wait_for(client, process, log)
        client.token = log.read_text().split()[-1]
        yield client
    stop(process)


def wait_for(client, process, log):
    end = time.monotonic() + 60
    while process.poll() is None and time.monotonic() < end:
        try:
            return client.get("/books/")
        except httpx.TransportError:
            time.sleep(0.1)
    raise AssertionError(log.read_text())


@pytest.fixture
def librarian(client):
    return {"Authorization": f"Bearer {client.token}"}


class TestBooks:
    def test_are_added_read_and_changed(self, client, librarian):
        answer = client.post("/books/", json={"title": "Emma"}, headers=librarian)
        book = answer.json()
        assert (answer.status_code, book["title"]) == (201, "Emma")
        path = answer.headers["Location"].removeprefix("/api/v1")
        patch = [{"op": "replace", "path": "/title", "value": "Persuasion"}]
        answer = client.patch(path, json=patch, headers=librarian)
        changed = {"id": book["id"], "title": "Persuasion"}
        assert (answer.status_code, answer.json()) == (200, changed)
        assert client.get(path).json() == changed
        assert changed in client.get("/books/?limit=100").json()

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
                "description": "Must be at least 1 long.",
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


class TestCore:
    def test_stands_alone(self, tmp_path):
        """No feature of the server is loaded, and no table of one is made."""
        done = subprocess.run(  # noqa: S603
            [sys.executable, "-c", LOADED, EXAMPLE.parent],
            cwd=tmp_path,
            env=clean_environment(PYTHONPATH=os.environ.get("PYTHONPATH", str(ROOT))),
            capture_output=True,
            text=True,
            check=True,
        )
        loaded = done.stdout.split()
        assert "apiserver.core.services" in loaded
        assert [name for name in loaded if not name.startswith("apiserver.core")] == []
