"""The stacks, from nginx to the database, as a client of the API meets them.

Until their servers end.
"""

import socket
import ssl
from functools import partial

import httpx
import pytest

from tests.deploy.conftest import KINDS
from tests.deploy.load import PATH, Load
from tests.deploy.nginx import HOST, check
from tests.deploy.processes import servers
from tests.tools import needs

MIB = 1024 * 1024
KIB = 1024


CLOSING = {"Connection": "close"}


@pytest.fixture(scope="module", params=KINDS)
def stack(request, start):
    return start(request.param, count=2)


@pytest.fixture
def http(stack):
    with stack.proxy.client() as http:
        yield http


@pytest.fixture
def member(http, account):
    """A client that is signed in."""
    account.sign_in(http)
    return http


def remaining(http, **headers):
    """Return how many requests the address has left, by the answer's header."""
    answer = http.get("/api/v1/users/signup-form", headers=headers)
    return int(answer.headers["RateLimit-Remaining"])


class TestNginx:
    def test_takes_its_configuration(self, stack):
        said = check(stack.proxy.folder / "nginx.conf")
        assert [line for line in said.splitlines() if "warn" in line] == []
        assert "test is successful" in said

    def test_serves_the_api(self, member):
        made = member.post("/api/v1/teams/", json={"title": "Engineers"})
        assert made.status_code == 201
        assert made.headers["Location"] == f"/api/v1/teams/{made.json()['id']}"
        page = member.get("/api/v1/teams/?limit=1")
        assert page.headers["Link"].startswith("</api/v1/teams/?limit=1")
        assert "max-age=" in page.headers["Strict-Transport-Security"]

    def test_says_who_the_server_is(self, http):
        document = http.get("/.well-known/oauth-authorization-server").json()
        assert document["issuer"] == f"https://{HOST}"
        assert document["token_endpoint"] == f"https://{HOST}/auth/oauth2/token"

    def test_hides_the_metrics(self, stack, http):
        port, *_ = stack.servers.running
        assert httpx.get(f"http://127.0.0.1:{port}/metrics").status_code == 200
        for path in ("/metrics", "/%6detrics", "//metrics"):
            answer = http.get(http.base_url.copy_with(raw_path=path.encode()))
            assert answer.status_code == 404
            assert answer.headers["Content-Type"] == "application/problem+json"
            assert "apiserver_request" not in answer.text

    @pytest.mark.parametrize(
        ("path", "most"), [("/api/v1/teams/", MIB), ("/auth/oauth2/token", 64 * KIB)]
    )
    def test_limits_bodies_as_the_server_does(self, member, path, most):
        assert member.post(path, content=b"x" * most).status_code in {400, 415}
        answer = member.post(path, content=b"x" * (most + 1))
        assert answer.status_code == 413
        assert answer.json()["title"] == "Content Too Large"
        assert answer.headers["Content-Type"] == "application/problem+json"

    def test_takes_the_long_queries_of_the_login_page(self, http):
        answer = http.get("/auth/login?next=/" + "x" * 39 * KIB)
        assert answer.status_code in {200, 400}, answer.text
        assert "text/html" in answer.headers["Content-Type"]


class TestAddress:
    def test_is_that_of_the_caller(self, stack):
        with (
            stack.proxy.client("127.0.0.2") as one,
            stack.proxy.client("127.0.0.3") as other,
        ):
            of_one, of_other = remaining(one), remaining(other)
            assert remaining(one) == of_one - 1
            assert remaining(other) == of_other - 1

    def test_is_not_what_the_caller_says(self, stack):
        names = ("X-Forwarded-For", "Forwarded", "X-Real-IP")
        with stack.proxy.client("127.0.0.4") as http:
            left = [remaining(http, **{name: "for=1.2.3.4"}) for name in names]
            left += [remaining(http, **{"X-Forwarded-For": "1.2.3.4, 127.0.0.9"})]
            left += [remaining(http, **{"X-Forwarded-Prefix": "/elsewhere"})]
        assert left == list(range(left[0], left[0] - 5, -1))

    def test_has_no_prefix_but_of_the_proxy(self, member):
        headers = {"X-Forwarded-Prefix": "/evil", "X-Forwarded-Host": "evil.example"}
        page = member.get("/api/v1/teams/?limit=1", headers=headers)
        assert page.headers["Link"].startswith("</api/v1/teams/?limit=1")


class TestTls:
    def test_is_where_http_leads(self, stack):
        url = f"http://127.0.0.1:{stack.proxy.http_port}/api/v1/teams/?limit=1"
        answer = httpx.get(url, headers={"Host": HOST}, trust_env=False)
        assert answer.status_code == 308
        assert answer.headers["Location"] == f"https://{HOST}/api/v1/teams/?limit=1"

    @pytest.mark.parametrize("version", ["TLSv1_2", "TLSv1_3"])
    def test_has_modern_versions(self, stack, version):
        assert handshake(stack, version) == version.replace("_", ".")

    @pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1:DeprecationWarning")
    @pytest.mark.parametrize("version", ["TLSv1", "TLSv1_1"])
    def test_has_no_old_versions(self, stack, version):
        with pytest.raises(ssl.SSLError):
            handshake(stack, version)

    def test_is_for_this_host_alone(self, stack):
        with pytest.raises(ssl.SSLError, match="UNRECOGNIZED_NAME"):
            handshake(stack, "TLSv1_3", host="other.example.com")
        url = f"http://127.0.0.1:{stack.proxy.http_port}/"
        with pytest.raises(httpx.TransportError):
            httpx.get(url, headers={"Host": "other.example.com"}, trust_env=False)


def handshake(stack, version, host=HOST):
    """Connect by one version of TLS; return the version."""
    context = stack.proxy.tls()
    context.set_ciphers("DEFAULT@SECLEVEL=0")
    context.maximum_version = getattr(ssl.TLSVersion, version)
    context.minimum_version = getattr(ssl.TLSVersion, version)
    address = ("127.0.0.1", stack.proxy.https_port)
    with (
        socket.create_connection(address, 10) as plain,
        context.wrap_socket(plain, server_hostname=host) as secured,
    ):
        return secured.version()


class TestTermination:
    """The last tests of a stack: a server ends while requests run, then all of them."""

    def test_of_one_loses_no_request(self, stack, account):
        """Waitress drains by itself; from others nginx has to be told to send no more.

        What waits for them to accept would be lost, as the README of stack2 says.
        """
        port, server = next(iter(stack.servers.running.items()))
        drains = stack.kind == "waitress"
        # A reload closes connections that are idle, which a client may just use.
        headers = {} if drains else CLOSING
        load = Load(partial(stack.proxy.client, headers=headers), account)
        with load:
            load.reaches(50)
            if not drains:
                upstream = stack.servers.uwsgi.get(port, port)
                stack.proxy.take_out(f"127.0.0.1:{upstream}")
            server.terminate()
            assert server.wait(90) == 0
            load.reaches(50)
        assert set(load.statuses) == {200, 201}

    def test_of_all_is_told_as_such(self, stack):
        for process in stack.servers.running.values():
            process.terminate()
        for process in stack.servers.running.values():
            process.wait(90)
        with stack.proxy.client() as http:
            answer = http.get(PATH)
        assert answer.status_code == 503
        assert answer.headers["Retry-After"] == "5"
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.json()["detail"] == "The server can't be reached."


@needs("uwsgi")
def test_uwsgi_ends_while_it_starts(settings, tmp_path):
    """Its processes lose a signal that comes while they load the application."""
    with servers(tmp_path, **settings) as behind:
        starting = behind.running[behind.start("uwsgi")]
        starting.until(lambda: "(pre app)" in starting.said())
        starting.terminate()
        assert starting.wait(180) == 0
