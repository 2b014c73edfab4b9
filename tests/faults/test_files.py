"""Stored files under faults: kills, races, clients that go away, an old client."""

import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Thread

import pytest
from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from waitress.server import create_server

from apiserver.core.files.folder import Folder
from apiserver.core.files.loose import give_up, sweep
from tests.conftest import SERVER
from tests.core.binders import MOST, Paper
from tests.core.conftest import make_core_app
from tests.core.test_files import (
    BODY,
    CONTENT,
    KEPT,
    NOTHING,
    PAPERS,
    AdasClient,
    add,
    client,
    database,
    folder,
    make_old,
    stored,
    tables,
)
from tests.served import clean_environment
from tests.settings import ROOT
from tests.tools import needs

__all__ = ["client", "database", "folder", "make_core_app", "tables"]

UPLOADED = f"/api/v1{PAPERS}"
on_postgresql = pytest.mark.skipif(SERVER is None, reason="needs TEST_DATABASE_URL")

# A process that ends at a point, as by a power cut: nothing of it runs any more.
DYING = """
import os, sys
from pyramid.config import Configurator
from apiserver.core.files import loose, uploads
from apiserver.core.files.folder import Folder
from tests.core.binders import binders, known
from tests.core.test_files import BODY, PAPERS, AdasClient, add

url, storage, point = sys.argv[1:]
settings = {"sqlalchemy.url": url, "apiserver.storage": storage}
put, discard = Folder.put, loose.discard


def cut(pieces):
    yield next(pieces)
    os._exit(9)


def dying_put(folder, key, pieces):
    if point == "before":
        os._exit(9)
    put(folder, key, cut(pieces) if point == "within" else pieces)
    if point == "after":
        os._exit(9)


Folder.put = dying_put
if point == "removing":
    loose.discard = lambda *args: os._exit(9)
with known(), Configurator(settings=settings) as config:
    config.include("apiserver.core")
    config.include(binders, route_prefix="/api/v1")
    client = AdasClient(config.make_wsgi_app())
    if point == "removing":
        client.delete(f"{PAPERS}1")
    add(client, BODY * 10)
"""


def die(client, point):
    registry = client.app.registry
    url = registry.engine.url.render_as_string(hide_password=False)
    arguments = [url, str(registry.storage.root), point]
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", DYING, *arguments],
        cwd=ROOT,
        env=clean_environment(PYTHONPATH=str(ROOT)),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 9, done.stderr


class TestKill:
    @pytest.mark.parametrize(
        ("point", "left"),
        [("before", (1, 1, 1)), ("within", (2, 1, 1)), ("after", (2, 1, 1))],
    )
    def test_while_uploading_leaves_what_the_purge_finds(self, client, point, left):
        add(client)
        die(client, point)
        assert stored(client.app) == left
        registry = client.app.registry
        make_old(registry)
        assert sum(sweep(registry.engine, registry, batch=10)) == 1
        assert stored(client.app) == KEPT
        assert client.get(CONTENT).body == BODY

    def test_while_removing_leaves_what_the_purge_finds(self, client):
        add(client)
        die(client, "removing")
        assert client.get(f"{PAPERS}1").status_int == 404
        assert stored(client.app) == (1, 0, 1)
        registry = client.app.registry
        assert sum(sweep(registry.engine, registry, batch=10)) == 1
        assert stored(client.app) == NOTHING


def at_once(*calls):
    """Call functions in threads of their own, at the same moment."""
    start = Barrier(len(calls))

    def call(function):
        start.wait()
        return function()

    with ThreadPoolExecutor(len(calls)) as threads:
        return [each.result() for each in [threads.submit(call, c) for c in calls]]


class TestRace:
    def test_of_deletes_leaves_nothing(self, client):
        for number in range(1, 6):
            add(client)

            def remove(path=f"{PAPERS}{number}"):
                return AdasClient(client.app).delete(path).status_int

            assert sorted(at_once(remove, remove, remove)) == [204, 404, 404]
            assert stored(client.app) == NOTHING

    def test_of_a_purge_and_uploads_keeps_what_is_uploaded(self, client):
        registry = client.app.registry

        def purge():
            for _ in range(20):
                list(sweep(registry.engine, registry, batch=10))

        def upload():
            return [add(AdasClient(client.app)).status_int for _ in range(5)]

        _, *answers = at_once(purge, upload, upload)
        assert answers == [[201] * 5] * 2
        assert stored(client.app) == (10, 10, 0)

    @on_postgresql
    def test_of_a_purge_and_a_new_reference_keeps_the_object(self, client):
        """A row refers to an object that another transaction gives up."""
        add(client)
        engine = client.app.registry.engine
        key = copy_of_row(engine)
        with Session(engine) as one, Session(engine) as other:
            one.execute(delete(Paper))
            one.commit()
            other.add(Paper(id=7, binder_id=1, **key))
            other.flush()
            with ThreadPoolExecutor() as threads:
                given_up = threads.submit(give_up, one, [key["object_key"]])
                time.sleep(0.5)
                assert not given_up.done()
                other.commit()
                assert given_up.result() == []
            one.commit()
        assert stored(client.app) == KEPT
        assert client.get(f"{PAPERS}7/content").body == BODY

    def test_of_a_reference_that_comes_too_late_is_refused(self, client):
        add(client)
        engine = client.app.registry.engine
        key = copy_of_row(engine)
        client.delete(f"{PAPERS}1")
        with Session(engine) as db:
            db.add(Paper(id=7, binder_id=1, **key))
            with pytest.raises(IntegrityError):
                db.flush()


def copy_of_row(engine):
    names = ("object_key", "name", "media_type", "size", "sha256")
    with Session(engine) as db:
        row = db.scalars(select(Paper)).one()
        return {name: getattr(row, name) for name in names}


@pytest.fixture
def port(client):
    """Where waitress serves the application."""
    sockets = {}
    server = create_server(client.app, map=sockets, host="127.0.0.1", port=0)
    thread = Thread(target=server.run)
    thread.start()
    yield server.effective_port
    # In its thread, which has the sockets.
    server.trigger.pull_trigger(lambda: [each.close() for each in [*sockets.values()]])
    thread.join()
    server.task_dispatcher.shutdown()


@pytest.fixture
def connected(port):
    """A connection to the server."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        yield connection


HEAD = (
    f"POST {UPLOADED}?name=a.txt HTTP/1.1\r\nHost: localhost\r\nX-Caller: 1\r\n"
    "Content-Type: text/plain\r\n"
)


def soon(holds):
    """Wait until it holds."""
    end = time.monotonic() + 10
    while not holds() and time.monotonic() < end:
        time.sleep(0.05)
    return holds()


class TestServer:
    def test_whose_client_goes_away_stores_nothing(self, client, connected):
        connected.sendall(f"{HEAD}Content-Length: {MOST}\r\n\r\n".encode() + BODY)
        connected.close()
        time.sleep(0.5)
        assert stored(client.app) == NOTHING

    def test_takes_chunks_up_to_the_limit(self, client, connected):
        chunk = b"%x\r\n%b\r\n" % (len(BODY), BODY)
        chunks = chunk * (MOST // len(BODY) + 1) + b"0\r\n\r\n"
        connected.sendall(f"{HEAD}Transfer-Encoding: chunked\r\n\r\n".encode() + chunks)
        assert connected.recv(100).startswith(b"HTTP/1.1 413 ")
        assert soon(lambda: stored(client.app) == NOTHING)

    def test_whose_client_leaves_a_download_closes_the_file(
        self, client, connected, monkeypatch
    ):
        closed = []
        read = Folder.read

        def watched(folder, *args):
            part = read(folder, *args)
            close = part.close

            def note():
                close()
                closed.append(part.file.closed)

            part.close = note
            return part

        monkeypatch.setattr(Folder, "read", watched)
        add(client, bytes(MOST))
        connected.sendall(
            f"GET /api/v1{CONTENT} HTTP/1.1\r\nHost: x\r\nX-Caller: 1\r\n\r\n".encode()
        )
        assert connected.recv(100).startswith(b"HTTP/1.1 200 ")
        connected.close()
        assert soon(lambda: closed == [True])


@needs("curl")
class TestCurl:
    """That of Debian 12 reads ``filename`` alone."""

    @pytest.mark.parametrize(
        ("quoted", "saved"),
        [
            ("report.pdf", "report.pdf"),
            ("%C3%9Cbersicht.pdf", "Ubersicht.pdf"),
            ("a%22b%25.txt", "a_b_.txt"),
            ("a%3Bb.txt", "a;b.txt"),
            ("%E5%A0%B1.pdf", "_.pdf"),
        ],
    )
    def test_saves_under_the_name(self, client, port, tmp_path, quoted, saved):
        add(client, name=quoted)
        curl(tmp_path, port, "--remote-header-name", "--remote-name")
        assert [path.name for path in tmp_path.iterdir()] == [saved]
        assert (tmp_path / saved).read_bytes() == BODY

    def test_goes_on_where_it_was_interrupted(self, client, port, tmp_path):
        add(client)
        (tmp_path / "part").write_bytes(BODY[:777])
        curl(tmp_path, port, "--continue-at", "-", "--output", "part")
        assert (tmp_path / "part").read_bytes() == BODY


def curl(folder, port, *options):
    url = f"http://127.0.0.1:{port}/api/v1{CONTENT}"
    command = ["curl", "--silent", "--fail", "--header", "X-Caller: 1", *options, url]
    subprocess.run(command, cwd=folder, check=True, timeout=30)  # noqa: S603
