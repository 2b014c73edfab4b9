"""Callers that send slowly, through nginx by the stack's file with shorter times."""

import socket
from contextlib import ExitStack, suppress

import pytest

from tests.deploy.nginx import HOST, nginx

SHORT = {
    "client_header_timeout 10s": "client_header_timeout 4s",
    "client_body_timeout 10s": "client_body_timeout 4s",
}
HALF_A_HEAD = f"GET /api/v1/teams/ HTTP/1.1\r\nHost: {HOST}\r\nX-Slow: "
HALF_A_BODY = (
    f"POST /api/v1/users/ HTTP/1.1\r\nHost: {HOST}\r\n"
    "Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n{"
)
CALLERS = 60
# A hundred handshakes may take longer than one may be slow.
PATIENT = {name: name.replace("10s", "600s") for name in SHORT}
MOST = 100


@pytest.fixture(scope="module")
def stack(start):
    return start("waitress", changes=SHORT)


@pytest.fixture
def patient(stack, certificate, tmp_path):
    """Another nginx, in front of the same server, that lets nobody go."""
    running = nginx("stack1", tmp_path, stack.upstreams, certificate, changes=PATIENT)
    with running as proxy:
        yield proxy


@pytest.fixture
def begin():
    """A function that begins a request by TLS; returns the connection."""
    with ExitStack() as opened:

        def begin(proxy, half, address="127.0.0.5"):
            https = ("127.0.0.1", proxy.https_port)
            plain = socket.create_connection(https, 30, (address, 0))
            secured = proxy.tls().wrap_socket(plain, server_hostname=HOST)
            secured.sendall(half.encode())
            return opened.enter_context(secured)

        yield begin


def end_of(connection):
    """Return what is sent until the connection is closed."""
    answer = b""
    with suppress(ConnectionResetError):
        while more := connection.recv(65_536):
            answer += more
    return answer


class TestSlowCallers:
    @pytest.mark.parametrize("half", [HALF_A_HEAD, HALF_A_BODY], ids=["head", "body"])
    def test_are_let_go_and_keep_nobody_out(self, stack, begin, half):
        slow = [begin(stack.proxy, half) for _ in range(CALLERS)]
        with stack.proxy.client() as http:
            for _ in range(20):
                assert http.get("/healthz").status_code == 200
        # None of them has reached the server behind.
        answers = {end_of(connection)[:12] for connection in slow}
        assert answers <= {b"", b"HTTP/1.1 408"}
        (log,) = stack.proxy.folder.glob("*access.log")
        assert '"status": 408' in log.read_text("utf-8")

    def test_that_drip_a_head_are_let_go(self, stack, begin):
        """Each byte comes soon enough; all of them together don't."""
        connection = begin(stack.proxy, HALF_A_HEAD)
        connection.settimeout(0.5)
        answer = None
        while answer is None:
            try:
                connection.sendall(b"x")
                answer = connection.recv(65_536)
            except TimeoutError:
                continue
            except (BrokenPipeError, ConnectionResetError):
                answer = b""
        assert answer[:12] in {b"", b"HTTP/1.1 408"}

    def test_are_told_when_they_are_too_many(self, patient, begin):
        """From one address; another one is served."""
        for _ in range(MOST):
            begin(patient, HALF_A_BODY, "127.0.0.6")
        with patient.client("127.0.0.6") as http:
            answer = http.get("/healthz")
        assert answer.status_code == 429
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.json()["detail"] == "Too many connections."
        with patient.client("127.0.0.7") as http:
            assert http.get("/healthz").status_code == 200
