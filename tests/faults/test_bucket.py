"""Files in a bucket of a real server of S3's protocol, which is stopped, too."""

import socket
from http.client import HTTPConnection, HTTPException
from resource import RUSAGE_SELF, getrusage

import boto3
import pytest
from pyramid.exceptions import ConfigurationError
from sqlalchemy import delete
from sqlalchemy.orm import Session

from apiserver.core.db import Base
from apiserver.core.files.bucket import PART, Bucket
from apiserver.core.files.loose import sweep
from apiserver.core.files.models import LooseObject, StoredObject
from apiserver.core.files.storage import ObjectMissing, StorageUnavailable, place
from tests.core.binders import TABLES, binders, known
from tests.core.conftest import make_core_app
from tests.core.test_files import (
    BODY,
    CONTENT,
    PAPERS,
    UNAVAILABLE,
    AdasClient,
    Unsurprised,
    add,
)
from tests.served import Program
from tests.tools import needs

pytestmark = needs("moto_server")
__all__ = ["make_core_app"]

CREDENTIALS = {"AWS_ACCESS_KEY_ID": "tests", "AWS_SECRET_ACCESS_KEY": "of-the-tests"}
NAME = "papers"
KEY = "ab" * 16
PIECE = bytes(range(256)) * 256
MEBIBYTE = 1024 * 1024


class Server:
    """The server, which can be stopped, and started again without what it had."""

    def __init__(self, folder):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.folder = folder
        self.program = None

    def start(self):
        command = ["moto_server", "-H", "127.0.0.1", "-p", str(self.port)]
        self.program = Program(command, self.folder / "moto.log").__enter__()
        self.program.until(self.answers)
        self.client().create_bucket(Bucket=NAME)

    def stop(self):
        self.program.__exit__(None, None, None)

    def answers(self):
        connection = HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", "/moto-api/")
            return connection.getresponse().status == 200
        except (OSError, HTTPException):
            return False
        finally:
            connection.close()

    def client(self):
        return boto3.client(
            "s3",
            endpoint_url=self.url,
            region_name="us-east-1",
            aws_access_key_id="tests",
            aws_secret_access_key="of-the-tests",
        )

    def keys(self):
        listed = self.client().list_objects_v2(Bucket=NAME).get("Contents", [])
        return [each["Key"] for each in listed]

    def unfinished(self):
        return self.client().list_multipart_uploads(Bucket=NAME).get("Uploads", [])


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    server = Server(tmp_path_factory.mktemp("moto"))
    server.start()
    with pytest.MonkeyPatch.context() as patch:
        for name, value in CREDENTIALS.items():
            patch.setenv(name, value)
        yield server
    server.stop()


@pytest.fixture(scope="module")
def setting(server):
    return f"s3://{NAME}/below/it?region=us-east-1&endpoint={server.url}"


@pytest.fixture(scope="module")
def app(server, setting, make_core_app, make_database):
    with known():
        url = make_database()
        yield make_core_app(
            binders, **{"sqlalchemy.url": url, "apiserver.storage": setting}
        )


@pytest.fixture
def client(app):
    engine = app.registry.engine
    Base.metadata.create_all(engine, TABLES)
    client = AdasClient(app)
    client.post("/binders/", {"title": "Letters"})
    yield client
    Base.metadata.drop_all(engine, TABLES)
    with Session(engine) as db, db.begin():
        for model in (StoredObject, LooseObject):
            db.execute(delete(model))


@pytest.fixture
def bucket(server, setting):
    return Bucket(place(setting))


class TestBucket:
    @pytest.mark.parametrize("name", CREDENTIALS)
    def test_needs_both_halves_of_the_credentials(
        self, setting, make_core_app, monkeypatch, name
    ):
        monkeypatch.delenv(name)
        with pytest.raises(ConfigurationError, match=f"but {name} is missing"):
            make_core_app(**{"apiserver.storage": setting})

    def test_stores_and_sends(self, server, client):
        assert add(client, name="%C3%9C.txt").json["size"] == len(BODY)
        (key,) = server.keys()
        assert key.startswith("below/it/")
        assert "%C3%9C" not in key
        answer = client.get(CONTENT)
        assert (answer.status_int, answer.body) == (200, BODY)
        answer = client.get(CONTENT, headers={"Range": "bytes=-3"})
        assert (answer.status_int, answer.body) == (206, b"a,\n")
        assert client.delete(f"{PAPERS}1").status_int == 204
        assert server.keys() == []

    def test_may_hold_nothing(self, client):
        assert add(client, b"").json["size"] == 0
        assert client.get(CONTENT).body == b""
        assert client.delete("/binders/1").status_int == 204

    def test_has_nothing_of_what_fails(self, server, client):
        client = Unsurprised(client.app)
        client.post("/binders/", {"title": "broken"})
        assert add(client, path="/binders/2/papers/").status_int == 500
        assert server.keys() == []

    def test_that_has_lost_an_object_is_logged(self, server, client, caplog):
        add(client)
        (key,) = server.keys()
        server.client().delete_object(Bucket=NAME, Key=key)
        assert client.get(CONTENT).json == UNAVAILABLE
        assert "to which a row refers" in caplog.text

    def test_that_is_away_is_said(self, server, client, caplog):
        add(client)
        server.stop()
        try:
            answer = add(client)
            assert (answer.json, answer.headers["Retry-After"]) == (UNAVAILABLE, "5")
            assert client.get(CONTENT).json == UNAVAILABLE
            assert client.delete(f"{PAPERS}1").status_int == 204
        finally:
            server.start()
        assert "of-the-tests" not in caplog.text
        registry = client.app.registry
        with Session(registry.engine) as db:
            assert db.query(LooseObject).filter_by(is_doomed=True).count() >= 1
        assert sum(sweep(registry.engine, registry, batch=10)) == 2
        assert server.keys() == []


class TestLargeFile:
    """Larger than what is sent at once: in parts, two of them in memory."""

    def test_is_stored_in_parts(self, server, bucket):
        before = getrusage(RUSAGE_SELF).ru_maxrss
        bucket.put(KEY, (PIECE for _ in range(64 * 16)))
        read = bucket.read(KEY, 0, 64 * MEBIBYTE)
        assert sum(map(len, read)) == 64 * MEBIBYTE
        after = getrusage(RUSAGE_SELF).ru_maxrss
        assert after - before < 40 * 1024, "KiB"
        middle = bucket.read(KEY, PART - 1, PART + 1)
        assert b"".join(middle) == bytes([255, 0])
        bucket.delete([KEY])
        with pytest.raises(ObjectMissing):
            bucket.read(KEY, 0, 1)

    def test_that_is_interrupted_leaves_nothing(self, server, bucket):
        def cut():
            yield from (PIECE for _ in range(12 * 16))
            raise ConnectionResetError("The client has gone.")

        with pytest.raises(ConnectionResetError):
            bucket.put(KEY, cut())
        assert (server.keys(), server.unfinished()) == ([], [])

    def test_of_a_missing_bucket_is_unavailable(self, server, setting):
        bucket = Bucket(place(setting.replace(NAME, "elsewhere")))
        for size in (1, 12 * 16):
            with pytest.raises(StorageUnavailable):
                bucket.put(KEY, (PIECE for _ in range(size)))
