"""Around every request: headers of every answer, and which origins may read it."""

from io import BytesIO

import pytest
import webtest

from tests.client import Client
from tests.core.samples import samples
from tests.problems import problem

ORIGIN = "https://app.example.com"
FOREIGN = "https://evil.example.com"
CORS = "Access-Control-Allow-"


@pytest.fixture(scope="module")
def client(make_core_app):
    settings = {"apiserver.cors_origins": f"{ORIGIN} https://other.example.com"}
    return Client(make_core_app(samples, **settings))


def cors_headers(response):
    return {k: v for k, v in response.headers.items() if k.startswith("Access-Control")}


def preflight(client, origin, path="/samples/", **headers):
    return client.options(
        path,
        headers={"Origin": origin, "Access-Control-Request-Method": "POST", **headers},
    )


class TestRequestId:
    def test_is_its_own(self, client):
        headers = {"X-Request-Id": "chosen-by-the-client"}
        ids = {
            client.get("/samples/", headers=headers).headers["X-Request-Id"]
            for _ in range(3)
        }
        assert len(ids) == 3
        assert "chosen-by-the-client" not in ids


EXPOSED = (
    "Accept-Encoding, Accept-Patch, Accept-Post, Allow, ETag, Link, Location, "
    "Preference-Applied, Retry-After, WWW-Authenticate, X-Request-Id, X-Total-Count"
)
TAKEN = (
    "Authorization, Content-Type, If-Match, If-None-Match, Prefer, X-Request-Id, "
    "X-Written-At"
)


class TestCors:
    @pytest.mark.parametrize("path", ["/samples/", "/samples/?number=x", "/nowhere"])
    def test_lets_an_allowed_origin_read(self, client, path):
        response = client.get(path, headers={"Origin": ORIGIN})
        assert cors_headers(response) == {
            "Access-Control-Allow-Origin": ORIGIN,
            "Access-Control-Expose-Headers": EXPOSED,
        }
        assert "Origin" in response.headers.getall("Vary")

    @pytest.mark.parametrize(
        "origin",
        [
            *(FOREIGN, "null", "", "*", f"{ORIGIN}.evil.com", f"{ORIGIN}/", "\xff"),
            *(ORIGIN.upper(), "http://app.example.com", f"{ORIGIN}:8443", None),
        ],
    )
    def test_lets_no_other_origin_read(self, client, origin):
        headers = {} if origin is None else {"Origin": origin}
        asked = {**headers, "Access-Control-Request-Method": "POST"}
        response = client.get("/samples/", headers=headers)
        assert response.status_int == 200
        for answer in (response, client.options("/samples/", headers=asked)):
            assert cors_headers(answer) == {}
            assert "Origin" in answer.headers.getall("Vary")

    def test_is_off_by_default_and_may_be_open_to_all(self, make_core_app):
        closed = Client(make_core_app(samples))
        response = closed.get("/samples/", headers={"Origin": ORIGIN})
        assert response.status_int == 200
        assert cors_headers(response) == {}
        assert "Origin" not in response.headers.getall("Vary")
        everybody = Client(make_core_app(samples, **{"apiserver.cors_origins": "*"}))
        response = everybody.get("/samples/", headers={"Origin": FOREIGN})
        assert response.headers[CORS + "Origin"] == FOREIGN
        assert "Origin" in response.headers.getall("Vary")


METHODS = [
    ("/samples/", "GET, HEAD, POST, OPTIONS"),
    ("/samples/strict", "POST, OPTIONS"),
    ("/swagger.json", "GET, HEAD"),
    ("/", "GET, HEAD"),
    # So that the page gets to know that there is nothing.
    ("/nowhere", "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"),
]


class TestPreflight:
    @pytest.mark.parametrize(("path", "methods"), METHODS)
    def test_is_answered_before_anything_is_looked_up(self, client, path, methods):
        response = preflight(client, ORIGIN, path, Authorization="Bearer x")
        assert (response.status_int, response.body) == (204, b"")
        assert cors_headers(response) == {
            "Access-Control-Allow-Origin": ORIGIN,
            "Access-Control-Allow-Methods": methods,
            "Access-Control-Allow-Headers": TAKEN,
            "Access-Control-Max-Age": "600",
        }

    def test_names_the_methods_that_there_are(self, api, shared_app):
        client = api(app=shared_app(cors_origins=ORIGIN))
        headers = {"Origin": ORIGIN, "Access-Control-Request-Method": "PUT"}
        for path, methods in (
            ("/api/v1/teams/1", "GET, HEAD, PATCH, DELETE, OPTIONS"),
            ("/auth/oauth2/token", "POST"),
            ("/.well-known/oauth-authorization-server", "GET, HEAD"),
            ("/healthz", "GET, HEAD"),
        ):
            response = client.call("OPTIONS", path, headers=headers)
            assert response.status_int == 204
            assert response.headers[CORS + "Methods"] == methods

    def test_of_junk_is_refused(self, client):
        headers = {"Origin": ORIGIN, "Access-Control-Request-Method": "PUT"}
        response = client.call("OPTIONS", "/%ff", headers=headers)
        assert response.status_int == 400
        assert response.headers[CORS + "Origin"] == ORIGIN

    def test_is_no_other_method_and_no_plain_options(self, client):
        headers = {"Origin": ORIGIN, "Access-Control-Request-Method": "POST"}
        response = client.post("/samples/", {"flag": True}, headers=headers)
        assert response.json == {"flag": True}
        response = client.options("/samples/", headers={"Origin": ORIGIN})
        assert response.headers["Allow"] == "GET, HEAD, POST, OPTIONS"


def test_limit_of_what_is_refused_unread(client):
    """``bad_input`` sends it to every endpoint."""
    path, most = "/api/v1/samples/", 2**20
    assert client.call("POST", path, body=b"x" * most).status_int == 415
    response = client.call("POST", path, body=b"x" * (most + 1))
    assert response.json == problem(413, f"The body is longer than {most} bytes.")
    assert client.call("GET", f"{path}?{'x' * 8192}").status_int != 400
    response = client.call("GET", f"{path}?{'x' * 8193}")
    assert response.json == problem(400, "The query is longer than 8192 bytes.")


class TestCharset:
    @pytest.mark.parametrize(
        "parameters",
        [
            *("charset=utf-8", "Charset=UTF-8", 'charset="utf-8"', "charset=utf8"),
            *("charset=utf-8; version=1", "version=charset"),
        ],
    )
    def test_utf_8_has_many_names(self, client, parameters):
        content_type = f"Application/JSON; {parameters}"
        response = client.post("/samples/", body=b"{}", content_type=content_type)
        assert response.status_int == 200

    @pytest.mark.parametrize("base", ["application/x-www-form-urlencoded", "x/y; a=b"])
    def test_is_looked_at_in_any_type(self, client, base):
        content_type = f"{base}; charset=latin-1"
        response = client.post("/samples/", body=b"{}", content_type=content_type)
        assert response.json == problem(400, "The charset must be UTF-8.")


class TestChunkedBody:
    """A body of unknown length, as gunicorn hands it on."""

    @pytest.fixture
    def send(self, client):
        def call(body, *, ends=True):
            request = webtest.TestRequest.blank("/api/v1/samples/", method="POST")
            request.content_type = "application/json"
            request.environ.pop("CONTENT_LENGTH", None)
            request.environ["wsgi.input"] = source = BytesIO(body)
            request.environ["wsgi.input_terminated"] = ends
            return client.do_request(request, expect_errors=True), source.tell()

        return call

    def test_is_read_up_to_its_limit(self, send):
        start = b'{"flag": true}'
        for length in (len(start), 2**20):
            response, _ = send(start.ljust(length))
            assert response.json == {"flag": True}
        response, read = send(b" " * 2**21)
        assert response.json == problem(413, "The body is longer than 1048576 bytes.")
        assert read == 2**20 + 1

    def test_that_never_ends_is_not_read(self, send):
        """Such a server leaves the connection open, and whoever reads waits for it."""
        response, read = send(b'{"flag": true}', ends=False)
        assert response.json == problem(400)
        assert read == 0
