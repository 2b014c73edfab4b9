"""SIGTERM: what has begun is finished, nothing new begins, the exit status is 0."""

import gc
import os
import signal
import socket
import time
from contextlib import contextmanager, suppress
from http.client import HTTPConnection
from types import SimpleNamespace

import httpx
import pytest
from pyramid.exceptions import ConfigurationError

from apiserver.ops.server import serve, taking_files
from tests.served import clean_environment, listens, pserve
from tests.settings import shipped_ini

pytestmark = pytest.mark.slow

DRAIN_SECONDS = 1
# Of the server that is asked meanwhile, on a machine that does other things, too.
LONG_DRAIN_SECONDS = 5
# Less than idle connections last.
PATIENCE = 60


def write_ini(folder, drain_seconds=DRAIN_SECONDS):
    ini = folder / "own.ini"
    text = shipped_ini("testing.ini")
    text = text.replace("level = WARN", "level = INFO")
    text = text.replace(
        "use = egg:waitress#main",
        f"use = egg:apiserver#waitress\ndrain_seconds = {drain_seconds}",
    )
    ini.write_text(text)
    return ini


@pytest.fixture
def start(tmp_path, make_database):
    """A function for ``with start() as (process, url):``, a server by itself."""

    @contextmanager
    def start(**options):
        environment = clean_environment(DATABASE_URL=make_database())
        with pserve(write_ini(tmp_path, **options), environment) as program:
            yield program, httpx.URL(program.url())

    return start


def begin_request(url):
    """Send half of a request, and return the socket."""
    begun = socket.create_connection((url.host, url.port), timeout=10)
    begun.sendall(
        b"POST /api/v1/users/ HTTP/1.1\r\nHost: localhost\r\n"
        b"Content-Type: application/json\r\nContent-Length: 2\r\n\r\n"
    )
    return begun


class TestTermination:
    def test_drains(self, start):
        """It waits for what has begun, and not for connections that are idle."""
        with (
            start(drain_seconds=LONG_DRAIN_SECONDS) as (process, url),
            httpx.Client(base_url=url, trust_env=False) as client,
            httpx.Client(base_url=url, trust_env=False) as idle,
        ):
            assert idle.get("/healthz").status_code == 200
            begun = begin_request(url)
            assert client.get("/readyz").status_code == 200
            process.send_signal(signal.SIGTERM)
            answer = None
            while answer is None or answer.status_code == 200:
                answer = client.get("/readyz")
            assert answer.json()["detail"] == "The server is shutting down."
            assert client.get("/healthz").status_code == 200

            while listens(url.port):
                time.sleep(0.1)
            begun.sendall(b"{}")
            assert begun.recv(100).startswith(b"HTTP/1.1 422 ")
            begun.close()
            assert process.wait(PATIENCE) == 0

    def test_answers_whom_it_has_let_in(self, start):
        """A proxy connects, and sends its request a moment later."""
        with start() as (process, url):
            process.send_signal(signal.SIGTERM)
            connected = []
            with suppress(ConnectionRefusedError):
                while True:
                    connected.append(socket.create_connection((url.host, url.port)))
                    time.sleep(0.02)
            connected[-1].sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert connected[-1].recv(100).startswith(b"HTTP/1.1 200 OK\r\n")
            for each in connected:
                each.close()
            assert process.wait(PATIENCE) == 0


class TestStart:
    # What waitress has opened by then it leaves to the garbage collector.
    @pytest.mark.filterwarnings("ignore::ResourceWarning")
    def test_says_where_another_was_faster(self, make_pure_app, database_url):
        """Since it was looked at before, whether it can listen there."""
        app = make_pure_app(database_url)
        with socket.create_server(("127.0.0.1", 0)) as faster:
            listen = f"127.0.0.1:{faster.getsockname()[1]}"
            options = {
                "listen": listen,
                "trusted_proxy": "127.0.0.1",
                "trusted_proxy_headers": "forwarded",
            }
            with pytest.raises(ConfigurationError, match="The server can't listen: "):
                serve(app, {}, **options)
        gc.collect()

    def test_takes_files_that_are_longer_than_other_bodies(self):
        app = SimpleNamespace(registry=SimpleNamespace(body_limits={"papers": 1000}))
        for given, taken in (("10", "1001"), ("5000", "5000")):
            options = {"threads": "4", "max_request_body_size": given}
            assert taking_files(app, options) == {
                **options,
                "max_request_body_size": taken,
            }


@pytest.fixture(scope="module")
def process(tmp_path_factory, make_database):
    """A server that goes on, until the last test."""
    environment = clean_environment(DATABASE_URL=make_database())
    with pserve(write_ini(tmp_path_factory.mktemp("goes_on")), environment) as program:
        yield program


class TestConnection:
    @pytest.fixture
    def connection(self, process):
        url = httpx.URL(process.url())
        connection = HTTPConnection(url.host, url.port, timeout=10)
        yield connection
        connection.close()

    def test_lasts_after_answers_without_a_body(self, connection):
        etag = ask(connection, "GET", "/api/v1/swagger.json").headers["ETag"]
        socket_of_first = connection.sock
        unchanged = {"If-None-Match": etag}
        answer = ask(connection, "GET", "/api/v1/swagger.json", unchanged)
        assert (answer.status, answer.headers["Connection"]) == (304, None)
        answer = ask(connection, "GET", "/healthz")
        assert (answer.status, answer.body) == (200, b'{"status":"ok"}')
        assert connection.sock is socket_of_first is not None

    def test_ends_when_the_client_wants_it(self, connection):
        etag = ask(connection, "GET", "/api/v1/swagger.json").headers["ETag"]
        unchanged = {"If-None-Match": etag, "Connection": "close"}
        answer = ask(connection, "GET", "/api/v1/swagger.json", unchanged)
        assert (answer.status, answer.headers["Connection"]) == (304, "close")

    def test_ends_at_once_by_the_keyboard(self, process):
        os.kill(process.pid, signal.SIGINT)
        assert process.wait(PATIENCE) == 0


def ask(connection, method, path, headers=None):
    """Send a request on the connection; return the answer, read to its end."""
    connection.request(method, path, headers=headers or {})
    answer = connection.getresponse()
    answer.body = answer.read()
    return answer
