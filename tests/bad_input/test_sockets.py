"""Bad input: bytes on a real connection, to the server that ships with this one."""

import socket

import pytest
from webtest.http import StopableWSGIServer

from apiserver.core.http import FORM, JSON
from tests.problems import problem


@pytest.fixture(scope="module")
def port(make_pure_app, make_database):
    """The port of a server in a thread, with a database of its own."""
    server = StopableWSGIServer.create(make_pure_app(make_database()))
    yield server.effective_port
    server.shutdown()
    server.runner.join(10)


@pytest.fixture
def talk(port):
    """A function that sends bytes and returns what is answered until the end."""

    def exchange(data, *, hang_up=False):
        with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
            connection.sendall(data)
            if hang_up:
                connection.shutdown(socket.SHUT_WR)
            answer = b""
            while more := connection.recv(65_536):
                answer += more
        return answer

    return exchange


def request(target, *headers, method="POST", body=b""):
    lines = [f"{method} {target} HTTP/1.1", "Host: localhost", "Connection: close"]
    head = "\r\n".join([*lines, *headers, "", ""])
    return head.encode("latin-1") + body


def whole(target, body, *headers, content_type=JSON, **kw):
    length = f"Content-Length: {len(body)}"
    content_type = f"Content-Type: {content_type}"
    return request(target, length, content_type, *headers, body=body, **kw)


USERS = "/api/v1/users/"

# Waitress refuses these by itself, in its own words.
NO_HTTP = [
    b"\r\n\r\n\0\0\0\r\n\r\n",
    b"\xff\xfe / HTTP/1.1\r\n\r\n",
    request(USERS, "Content-Length: -5"),
    request("/?x=\xff", method="GET"),
    request(USERS, "Transfer-Encoding: chunked", body=b"ZZ\r\nx\r\n"),
    request(USERS, "X: \0"),
]

REFUSED = [
    (request("/api/v1/teams/?x=%ff", method="GET"), 400),
    (request("/api/v1/teams/1", "Authorization: Bearer \xff", method="GET"), 401),
    (request("/api/v1/teams/1", "Authorization: " + "x" * 2**16, method="GET"), 401),
    (request(USERS, method="FOO"), 405),
    (whole(USERS, b"username=%ff", content_type=FORM), 400),
    (whole(USERS, b"x" * 2**21), 413),
    (request(USERS, "Transfer-Encoding: chunked", body=b"1\r\nx\r\n0\r\n\r\n"), 415),
]


def parse(answer):
    """Return the status, the headers and the body of a response."""
    head, _, body = answer.partition(b"\r\n\r\n")
    status, *lines = head.decode("latin-1").split("\r\n")
    headers = dict(line.lower().split(": ", 1) for line in lines)
    return int(status.split()[1]), headers, body


@pytest.fixture(autouse=True)
def alive(talk):
    """Look after each test whether the server still answers."""
    yield
    status, _, body = parse(talk(request("/api/v1/users/signup-form", method="GET")))
    assert (status, b'"captcha"' in body) == (200, True)


class TestConnection:
    @pytest.mark.parametrize("data", NO_HTTP, ids=lambda data: ascii(data[-30:]))
    def test_with_no_http_on_it_is_refused(self, talk, data):
        status, _, _ = parse(talk(data))
        assert status == 400

    @pytest.mark.parametrize(("data", "status"), REFUSED, ids=lambda v: ascii(v)[:40])
    def test_with_junk_on_it_gets_a_problem_document(self, talk, data, status):
        answered, headers, body = parse(talk(data))
        assert answered == status
        assert headers["content-type"] == "application/problem+json"
        assert headers["x-content-type-options"] == "nosniff"
        assert problem(status)["title"].encode() in body

    def test_that_ends_in_the_middle_gets_no_answer(self, talk):
        headers = ("Content-Length: 1000", f"Content-Type: {JSON}")
        assert talk(request(USERS, *headers, body=b"{"), hang_up=True) == b""

    def test_with_a_long_cookie_is_answered_at_once(self, talk):
        """WebOb's own parser would need minutes, which the time-out doesn't leave."""
        cookie = "Cookie: " + "x" * 2**16
        status, _, _ = parse(talk(request("/auth/login", cookie, method="GET")))
        assert status == 200
