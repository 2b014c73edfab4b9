"""Stored files: uploaded whole or not at all, sent, removed with their rows."""

import hashlib
import os
import resource
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from io import BytesIO
from unittest.mock import ANY
from urllib.parse import quote

import pytest
import webtest
from pyramid.exceptions import ConfigurationError
from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from apiserver.core.audit import AuditEvent
from apiserver.core.db import Base, now
from apiserver.core.files import loose
from apiserver.core.files.folder import Folder
from apiserver.core.files.loose import sweep
from apiserver.core.files.models import LooseObject, StoredObject
from apiserver.core.settings import boolean
from tests.core.binders import MOST, TABLES, Paper, binders, known
from tests.core.tables import empty
from tests.problems import problem
from tests.recipes.callers import ADA, AdasClient

BODY = b"Dear Ada,\n" * 1000
PAPERS = "/binders/1/papers/"
CONTENT = f"{PAPERS}1/content"
UNAVAILABLE = problem(503, "The file storage is currently unavailable.")


@pytest.fixture(scope="module")
def tables():
    with known():
        yield


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("storage")


@pytest.fixture(scope="module")
def database(tables, make_core_app, make_database, folder):
    settings = {"sqlalchemy.url": make_database(), "apiserver.storage": str(folder)}
    app = make_core_app(binders, **settings)
    Base.metadata.create_all(app.registry.engine, TABLES)
    return app


class Unsurprised(AdasClient):
    """Takes 500 for an answer."""

    def compare(self, request, response):
        pass


@pytest.fixture
def client(database):
    """Ada's client, of an application with the binder 1."""
    empty(database, StoredObject, LooseObject, AuditEvent, *TABLES)
    for path in files(database):
        path.unlink()
    client = AdasClient(database)
    assert client.post("/binders/", {"title": "Letters"}).status_int == 201
    return client


def files(app):
    root = app.registry.storage.root
    return [path for path in root.rglob("*") if path.is_file()]


def stored(app):
    """Return what the folder holds, what rows hold and what is loose, as numbers."""
    with Session(app.registry.engine) as db:
        count = select(func.count())
        rows = [
            db.scalar(count.select_from(model)) for model in (StoredObject, LooseObject)
        ]
    return len(files(app)), *rows


def swept(app, batch=10):
    """Return how many files the purge deletes, by the batch."""
    return list(sweep(app.registry.engine, app.registry, batch=batch))


KEPT, NOTHING = (1, 1, 0), (0, 0, 0)
RESET = ConnectionResetError("reset")
CUT_SHORT = "The body is shorter than Content-Length."
DESCRIBED = {
    "id": 1,
    "name": "a.txt",
    "media_type": "text/plain",
    "size": len(BODY),
    "sha256": hashlib.sha256(BODY).hexdigest(),
    "created": ANY,
}


def add(client, body=BODY, name="a.txt", path=PAPERS, content_type="text/plain", **kw):
    return client.post(
        f"{path}?name={name}", body=body, content_type=content_type, **kw
    )


class TestUpload:
    def test_is_stored_and_described(self, client):
        answer = add(client)
        assert (answer.status_int, answer.json) == (201, DESCRIBED)
        assert answer.headers["Location"] == f"/api/v1{PAPERS}1"
        assert client.get(f"{PAPERS}1").json == answer.json
        assert [path.read_bytes() for path in files(client.app)] == [BODY]
        assert stored(client.app) == KEPT

    def test_may_be_empty(self, client):
        assert add(client, b"").json["size"] == 0
        answer = client.get(CONTENT)
        assert (answer.status_int, answer.body) == (200, b"")

    def test_has_any_name(self, client):
        for name in ("Übersicht.pdf", "a\"b'.txt", "100%41.txt", "📄.txt", ".htaccess"):
            assert add(client, name=quote(name)).json["name"] == name
        assert add(client, name="x" * 200).json["name"] == "x" * 200

    @pytest.mark.parametrize(
        "quoted",
        [
            *("", ".", "..", "a%2Fb", "a%5Cb", "..%2F..%2Fetc%2Fpasswd", "a.txt%0A"),
            *("a%00.txt", "a.", "a%20", "%E2%80%AEtxt.exe", "x" * 201),
        ],
    )
    def test_has_a_name_that_is_one(self, client, quoted):
        assert add(client, name=quoted).status_int in {400, 422}
        assert stored(client.app) == NOTHING

    @pytest.mark.parametrize("media_type", ["text/html", "image/svg+xml", None])
    def test_of_another_type_is_refused(self, client, media_type):
        answer = add(client, content_type=media_type)
        assert answer.status_int == 415
        assert stored(client.app) == NOTHING

    def test_ends_at_the_limit(self, client):
        too_long = problem(413, f"The body is longer than {MOST} bytes.")
        assert add(client, bytes(MOST)).status_int == 201
        assert add(client, bytes(MOST + 1)).json == too_long
        assert in_chunks(client, BytesIO(bytes(MOST))).json["size"] == MOST
        endless = BytesIO(bytes(3 * MOST))
        assert in_chunks(client, endless).json == too_long
        assert endless.tell() < 2 * MOST
        assert stored(client.app) == (2, 2, 0)

    @pytest.mark.parametrize(
        ("error", "length"),
        [(None, len(BODY) * 2), (RESET, len(BODY) * 2), (RESET, None)],
    )
    def test_of_a_client_that_goes_away_leaves_nothing(self, client, error, length):
        answer = in_chunks(client, Cut(error), length=length)
        assert answer.json == problem(400, CUT_SHORT)
        assert stored(client.app) == NOTHING

    @pytest.mark.parametrize(
        ("title", "status"), [("full", 409), ("broken", 500), ("chain", 409)]
    )
    def test_that_is_rolled_back_leaves_nothing(self, client, title, status):
        client = Unsurprised(client.app)
        assert client.post("/binders/", {"title": title}).json["id"] == 2
        answer = add(client, path="/binders/2/papers/")
        assert (answer.status_int, stored(client.app)) == (status, NOTHING)

    def test_to_nothing_is_not_even_read(self, client):
        unread = BytesIO(BODY)
        answer = in_chunks(client, unread, path="/binders/9/papers/")
        assert (answer.status_int, unread.tell()) == (404, 0)

    def test_holds_no_lock_while_it_is_stored(self, client, monkeypatch):
        """Others write meanwhile, on SQLite as well, which has one lock."""
        answers = []
        put = Folder.put

        def put_slowly(folder, key, pieces):
            with ThreadPoolExecutor() as others:
                done = others.submit(client.post, "/binders/", {"title": "Meanwhile"})
            answers.append(done.result().status_int)
            put(folder, key, pieces)

        monkeypatch.setattr(Folder, "put", put_slowly)
        assert (add(client).status_int, answers) == (201, [201])

    def test_that_was_given_up_meanwhile_fails(self, client, monkeypatch):
        """One that took longer than a day: the purge came first."""
        put = Folder.put

        def put_for_days(folder, key, pieces):
            put(folder, key, pieces)
            make_old(client.app.registry)
            swept(client.app)

        monkeypatch.setattr(Folder, "put", put_for_days)
        answer = add(client)
        assert answer.json == problem(503, "The upload took too long.")
        assert stored(client.app) == NOTHING


class Cut(BytesIO):
    """A body that ends too early, or by an error of the web server."""

    def __init__(self, error, begin=BODY):
        super().__init__(begin)
        self.error = error

    def read(self, size=-1):
        piece = super().read(size)
        if not piece and self.error:
            raise self.error
        return piece


def in_chunks(client, body, path=PAPERS, length=None, content_type="text/plain"):
    """Upload what the web server hands on as it comes."""
    request = webtest.TestRequest.blank(f"/api/v1{path}?name=a.txt", method="POST")
    request.headers.update(ADA)
    request.headers["Content-Type"] = content_type
    request.environ.pop("CONTENT_LENGTH", None)
    if length is not None:
        request.environ["CONTENT_LENGTH"] = str(length)
    request.environ["wsgi.input"] = body
    request.environ["wsgi.input_terminated"] = True
    return client.do_request(request, expect_errors=True)


class TestDownload:
    def test_is_saved_and_never_shown(self, client):
        add(client, name="%C3%9C.txt")
        answer = client.get(CONTENT)
        assert (answer.status_int, answer.body) == (200, BODY)
        names = "filename=\"U.txt\"; filename*=UTF-8''%C3%9C.txt"
        headers = {
            "Content-Type": "text/plain",
            "Content-Length": str(len(BODY)),
            "Content-Disposition": f"attachment; {names}",
            "ETag": f'"{DESCRIBED["sha256"]}"',
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": (
                "default-src 'none'; frame-ancestors 'none'; sandbox"
            ),
            "Cache-Control": "private, no-cache",
        }
        assert {name: answer.headers[name] for name in headers} == headers
        head = client.head(CONTENT)
        assert (head.body, head.headers["Content-Length"]) == (b"", "10000")

    @pytest.mark.parametrize(
        ("wanted", "part"), [("bytes=5-7", b"Ada"), ("bytes=-3", b"a,\n")]
    )
    def test_may_be_of_a_part(self, client, wanted, part):
        add(client)
        answer = client.get(CONTENT, headers={"Range": wanted})
        assert (answer.status_int, answer.body) == (206, part)

    @pytest.fixture
    def pieces(self, client):
        """The body of a download that has begun."""
        add(client)
        request = webtest.TestRequest.blank(f"/api/v1{CONTENT}", headers=ADA)
        pieces = request.call_application(client.app)[2]
        yield pieces
        pieces.close()

    def test_goes_on_while_it_is_deleted(self, client, pieces):
        assert client.delete(f"{PAPERS}1").status_int == 204
        assert stored(client.app) == NOTHING
        assert b"".join(pieces) == BODY

    def test_of_what_is_just_deleted_is_not_found(self, client, monkeypatch):
        add(client)
        read = Folder.read

        def read_late(folder, *args):
            client.delete(f"{PAPERS}1")
            return read(folder, *args)

        monkeypatch.setattr(Folder, "read", read_late)
        assert client.get(CONTENT).json == problem(404, "The file is gone.")

    def test_of_what_the_storage_has_lost_is_logged(self, client, caplog):
        add(client)
        (file,) = files(client.app)
        file.unlink()
        assert client.get(CONTENT).json == UNAVAILABLE
        assert "to which a row refers" in caplog.text
        # Or what can't be read.
        file.mkdir()
        assert client.get(CONTENT).json == UNAVAILABLE
        file.rmdir()

    def test_of_a_file_that_is_shorter_by_now_breaks_off(self, client, pieces):
        """So that nobody takes the part for the whole."""
        os.truncate(files(client.app)[0], 10)
        with pytest.raises(EOFError, match="shorter than it was"):
            b"".join(pieces)


class TestRemoval:
    @pytest.mark.parametrize("path", [f"{PAPERS}1", "/binders/1"])
    def test_with_the_row_or_what_it_belongs_to(self, client, path):
        add(client)
        assert client.delete(path).status_int == 204
        assert stored(client.app) == NOTHING

    @pytest.mark.parametrize(("batch", "chunk"), [(1, 1), (1, 2), (10, 10_000)])
    def test_by_a_command_is_left_to_the_purge(self, client, monkeypatch, batch, chunk):
        monkeypatch.setattr(loose, "CHUNK", chunk)
        for _ in range(3):
            add(client)
        with Session(client.app.registry.engine) as db, db.begin():
            db.execute(delete(Paper).where(Paper.id < 3))
        assert stored(client.app) == (3, 3, 0)
        assert sum(swept(client.app, batch)) == 2
        assert stored(client.app) == KEPT

    def test_that_is_not_committed_removes_nothing(self, client):
        """Another paper follows it, as the database finds at the end."""
        client.post("/binders/", {"title": "chain"})
        path = "/binders/2/papers/"
        add(client)
        assert add(client, path=path).status_int == 201
        assert client.delete(f"{PAPERS}1").status_int == 409
        assert stored(client.app) == (2, 2, 0)
        assert client.get(CONTENT).body == BODY

    def test_of_what_is_replaced(self, client):
        add(client)
        path = f"{CONTENT}?name=b.txt"
        answer = client.put(path, body=b"new", content_type="text/plain")
        assert (answer.status_int, answer.json["name"]) == (200, "b.txt")
        assert client.get(CONTENT).body == b"new"
        assert stored(client.app) == KEPT

    def test_while_the_storage_is_away_is_made_up_for(self, client, folder):
        add(client)
        with away(folder):
            assert client.delete(f"{PAPERS}1").status_int == 204
        assert stored(client.app) == (1, 0, 1)
        assert swept(client.app) == [1]
        assert stored(client.app) == NOTHING


@contextmanager
def away(folder):
    """Let the storage be away, as a disk that isn't mounted."""
    elsewhere = folder.with_name("elsewhere")
    folder.rename(elsewhere)
    try:
        yield
    finally:
        elsewhere.rename(folder)


class TestStorage:
    def test_that_is_away_is_said(self, client, folder, caplog):
        add(client)
        with away(folder):
            answer = add(client)
            assert (answer.json, answer.headers["Retry-After"]) == (UNAVAILABLE, "5")
            assert client.get(f"{PAPERS}1").status_int == 200
        # What can't be looked at is left to the purge.
        assert stored(client.app) == (1, 1, 1)
        assert "a.txt" not in caplog.text

    def test_that_is_full_stores_nothing(self, client, monkeypatch):
        put = Folder.put

        def put_on_a_full_disk(folder, key, pieces):
            soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
            resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
            try:
                put(folder, key, pieces)
            finally:
                resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

        monkeypatch.setattr(Folder, "put", put_on_a_full_disk)
        assert add(client, bytes(MOST)).json == UNAVAILABLE
        assert stored(client.app) == NOTHING

    def test_is_required_where_files_are_taken(self, make_core_app):
        with pytest.raises(ConfigurationError, match=r"apiserver\.storage is missing"):
            make_core_app(binders)

    @pytest.mark.parametrize(
        ("value", "sentence"),
        [
            *(
                (text, "must be an absolute path or a URL")
                for text in ("files", "ftp://host/path", "s3://", "s3://[bucket")
            ),
            ("/files\x00", "must be one line without control characters"),
            ("s3://bucket", "without its region or endpoint"),
            ("s3://bucket?regoin=x", "unknown option regoin"),
            ("s3://bucket?endpoint=minio:9000", "no http or https URL"),
            ("s3://id:secret@bucket?region=x", "must hold no secret"),
        ],
    )
    def test_is_refused_where_it_can_not_be(self, make_core_app, value, sentence):
        with pytest.raises(ConfigurationError, match=sentence) as caught:
            make_core_app(**{"apiserver.storage": value})
        assert "secret@" not in str(caught.value)

    def test_in_a_bucket_needs_its_library(self, make_core_app, monkeypatch):
        monkeypatch.setitem(sys.modules, "apiserver.core.files.bucket", None)
        bucket = {"apiserver.storage": "s3://bucket?region=x"}
        with pytest.raises(ConfigurationError, match=r"pip install 'apiserver\[s3\]'"):
            make_core_app(**bucket)

    @pytest.mark.parametrize(
        ("value", "production", "sentence"),
        [
            ("/etc/passwd/folder", "false", "can't be made"),
            ("/etc/passwd", "false", "can't be made"),
            ("/etc/passwd", "true", "is no folder|can't be read and written"),
            ("/bin/sh", "true", "is no folder|can't be read and written"),
            ("/no", "true", "/no, is not there"),
        ],
    )
    def test_that_is_no_folder_is_refused(
        self, make_core_app, value, production, sentence
    ):
        settings = {"apiserver.storage": value, "apiserver.production": production}

        def feature(config):
            config.add_setting("production", boolean)
            config.include(binders)

        with pytest.raises(ConfigurationError, match=sentence):
            make_core_app(feature, **settings)


def make_old(registry):
    with registry.engine.begin() as connection:
        since = now() - timedelta(days=2)
        connection.execute(update(LooseObject).values(since=since))


class TestSweep:
    def test_deletes_what_a_crash_has_left(self, client):
        add(client)
        registry = client.app.registry
        key = "ab" * 16
        with registry.engine.begin() as connection:
            connection.execute(insert(LooseObject).values(key=key))
        registry.storage.put(key, iter([b"half of it"]))
        assert sum(swept(client.app)) == 0
        assert stored(client.app) == (2, 1, 1)
        make_old(registry)
        assert sum(swept(client.app)) == 1
        assert stored(client.app) == KEPT
        assert client.get(CONTENT).body == BODY

    def test_keeps_the_files_of_a_feature_that_is_switched_off(self, client, caplog):
        add(client)
        paper = Base.metadata.tables["test_paper"]
        Base.metadata.remove(paper)
        try:
            assert sum(swept(client.app)) == 0
        finally:
            Base.metadata._add_table(paper.name, None, paper)
        assert stored(client.app) == KEPT
        assert "The files of a feature that isn't enabled are kept." in caplog.text
