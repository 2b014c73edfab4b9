"""What every response has, whichever part of the server makes it."""

import re

import pytest
import webtest
from pyramid.httpexceptions import HTTPFound, HTTPGone, HTTPNotAcceptable
from pyramid.response import Response
from pyramid.security import NO_PERMISSION_REQUIRED
from sqlalchemy.exc import IntegrityError, OperationalError
from webob.request import DisconnectionError

from apiserver.core.openapi import own_document
from tests.core.samples import samples
from tests.core.test_openapi import operations
from tests.settings import project

ORIGIN = "https://app.example.com"
SAMPLES = "/api/v1/samples/"

SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
}
RATE_LIMIT = ("Policy", "Limit", "Remaining", "Reset")

ERRORS = {
    "mistake": ValueError("x"),
    "redirect": HTTPFound("/elsewhere"),
    "gone": HTTPGone(),
    "not-acceptable": HTTPNotAcceptable(),
    "disconnected": DisconnectionError(),
    "database": OperationalError("SELECT", {}, Exception("away")),
    "conflict": IntegrityError("INSERT", {}, Exception("twice")),
}


def fail(request):
    """Answer with an error that a library, the database or a view could make."""
    name = request.matchdict["name"]
    if name == "commit":
        request.tm.get().addBeforeCommitHook(commit)
        return Response()
    if name == "header":
        return Response(headerlist=[("X-Split", "a\r\nSet-Cookie: evil=1")])
    raise ERRORS[name]


def commit():
    raise ERRORS["conflict"]


def failing(config):
    config.include("apiserver.ops.rate_limit")
    config.include("apiserver.ops.proxies")
    config.add_route("failing", "/failing/{name}")
    config.add_view(fail, route_name="failing", permission=NO_PERMISSION_REQUIRED)


@pytest.fixture(scope="module")
def app(make_core_app):
    settings = {
        "cors_origins": ORIGIN,
        "rate_limit": "1000/minute",
        "trusted_proxies": "192.0.2.1",
    }
    named = {f"apiserver.{name}": value for name, value in settings.items()}
    return webtest.TestApp(make_core_app(samples, failing, **named), lint=False)


@pytest.fixture
def send(app):
    def call(method, path, body=b"", **environ):
        environ.setdefault("HTTP_ORIGIN", ORIGIN)
        request = webtest.TestRequest.blank(path, environ, method=method, body=body)
        if "CONTENT_LENGTH" in environ:
            request.environ["CONTENT_LENGTH"] = environ["CONTENT_LENGTH"]
        return app.do_request(request, status="*", expect_errors=True)

    return call


TYPE, FROM_PROXY = "CONTENT_TYPE", {"REMOTE_ADDR": "192.0.2.1"}
CASES = [
    ("GET", SAMPLES, {}, 200),
    ("HEAD", SAMPLES, {}, 200),
    ("OPTIONS", SAMPLES, {}, 204),
    ("GET", "/api/v1/swagger.json", {"HTTP_IF_NONE_MATCH": "*"}, 304),
    ("GET", "/documentation/documentation.css", {}, 200),
    ("GET", "/documentation/nothing.css", {}, 404),
    ("GET", "/api/v1/samples", {}, 308),
    ("GET", "/api/v1/failing/redirect", {}, 302),
    ("GET", "/%ff", {}, 400),
    ("GET", "/?%ff", {}, 400),
    ("GET", "/%00", {}, 400),
    ("GET", f"/?{'x' * 10_000}", {}, 400),
    ("GET", f"/?{'&' * 1000}", {}, 400),
    ("POST", SAMPLES, {"CONTENT_LENGTH": "many"}, 400),
    ("POST", SAMPLES, {"CONTENT_LENGTH": "9" * 15}, 413),
    ("POST", SAMPLES, {TYPE: "application/json; charset=latin-1"}, 400),
    ("POST", SAMPLES, {TYPE: "application/json"}, 400),
    ("POST", SAMPLES, {TYPE: "multipart/form-data"}, 400),
    ("POST", SAMPLES, {TYPE: "text/plain"}, 415),
    ("POST", SAMPLES, {"HTTP_CONTENT_ENCODING": "gzip"}, 415),
    ("GET", "/", {**FROM_PROXY, "HTTP_X_FORWARDED_FOR": "nobody"}, 400),
    ("GET", "/", {**FROM_PROXY, "HTTP_X_FORWARDED_PROTO": "ftp"}, 400),
    ("GET", "/", {**FROM_PROXY, "HTTP_X_FORWARDED_PREFIX": "x"}, 400),
    ("GET", SAMPLES, {"HTTP_AUTHORIZATION": "Bearer x"}, 401),
    ("GET", "/nowhere", {}, 404),
    ("DELETE", SAMPLES, {}, 405),
    ("POST", "/api/v1/swagger.json", {}, 405),
    ("BREW", SAMPLES, {}, 405),
    ("GET", f"{SAMPLES}?number=x", {}, 422),
    ("POST", f"{SAMPLES}?number=1", {}, 422),
    ("GET", "/api/v1/failing/gone", {}, 410),
    ("GET", "/api/v1/failing/not-acceptable", {}, 406),
    ("GET", "/api/v1/failing/disconnected", {}, 400),
    ("GET", "/api/v1/failing/conflict", {}, 409),
    ("POST", "/api/v1/failing/commit", {}, 409),
    ("GET", "/api/v1/failing/database", {}, 503),
    ("GET", "/api/v1/failing/mistake", {}, 500),
    ("GET", "/api/v1/failing/header", {}, 500),
]


@pytest.mark.parametrize(("method", "path", "environ", "status"), CASES)
def test_has_the_headers_of_every_answer(send, method, path, environ, status):
    response = send(method, path, **environ)
    headers = response.headers
    assert response.status_int == status
    assert re.fullmatch("[0-9a-f]{32}", headers["X-Request-Id"])
    for name, value in SECURITY_HEADERS.items():
        assert headers.getall(name) == [value]
    assert headers.getall("Access-Control-Allow-Origin") == [ORIGIN]
    assert "X-Request-Id" in headers["Access-Control-Expose-Headers"].split(", ")
    assert "Origin" in headers.getall("Vary")
    assert [len(headers.getall(f"RateLimit-{name}")) for name in RATE_LIMIT] == [1] * 4
    if status >= 400 and method != "HEAD":
        assert response.content_type == "application/problem+json"
        assert response.json["request_id"] == headers["X-Request-Id"]


def test_exposes_each_header_that_it_has(send):
    told = send("GET", SAMPLES).headers["Access-Control-Expose-Headers"].split(", ")
    assert told == sorted(told)
    assert {f"RateLimit-{name}" for name in RATE_LIMIT} <= set(told)


# What pages can read in any case (the Fetch standard, section 2.2.6), what is no matter
# of theirs, and what browsers act on by themselves.
NOT_EXPOSED = {
    "Cache-Control",
    "Content-Security-Policy",
    "Referrer-Policy",
    "Vary",
    "X-Content-Type-Options",
}


def test_exposes_each_header_that_the_document_names():
    registry = project().registry
    document = own_document(registry)
    named = set(document["x-headers"])
    for operation in operations(document).values():
        for answer in operation["responses"].values():
            named |= answer.get("headers", {}).keys()
    named = {name for name in named if not name.startswith("Access-Control-")}
    assert named - NOT_EXPOSED <= set(registry.exposed_headers.split(", "))


@pytest.mark.parametrize(
    ("environ", "line"),
    [
        ({"CONTENT_LENGTH": "9" * 15}, "413 Content Too Large"),
        ({TYPE: "application/json"}, "422 Unprocessable Content"),
        ({TYPE: "text/plain"}, "415 Unsupported Media Type"),
    ],
)
def test_has_the_phrases_of_rfc_9110(send, environ, line):
    response = send("POST", f"{SAMPLES}strict", b"{}", **environ)
    assert response.status == line
    assert response.json["title"] == line[4:]


@pytest.mark.parametrize("name", ["pages.css", "documentation.js"])
def test_is_whole_whatever_range_is_asked_for(send, name):
    path = f"/documentation/{name}"
    whole = send("GET", path)
    for value in ("bytes=0-5", "bytes=9999999-", "bytes=-1", "x"):
        response = send("GET", path, HTTP_RANGE=value)
        assert (response.status_int, response.body) == (200, whole.body)
