"""The document and Swagger UI's files over HTTP, for callers whom nobody knows."""

import gzip

import pytest
import webtest

from apiserver.core.openapi import own_document
from tests.client import Client
from tests.problems import problem

BELOW = {"SCRIPT_NAME": "/below"}
DOCUMENT = "/api/v1/swagger.json"
FILE = "/swagger-ui/swagger-ui-bundle.js"


@pytest.fixture
def caller(app):
    return Client(app)


@pytest.fixture
def get(caller):
    """A function that gets a path of the root, with an encoding that suits."""

    def get(path, accepted="identity", **headers):
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        headers = {"Accept-Encoding": accepted, **named}
        return caller.call("GET", path, headers=headers)

    return get


class TestDocument:
    def test_is_the_one_that_was_made_at_start(self, app, caller):
        response = caller.get("/swagger.json")
        assert response.status_int == 200
        assert response.headers["Content-Type"] == "application/json"
        assert response.headers["Cache-Control"] == "no-cache"
        assert response.json == own_document(app.registry)
        head = caller.head("/swagger.json")
        assert (head.status_int, head.body) == (200, b"")
        assert head.headers["ETag"] == response.headers["ETag"]

    def test_is_for_callers_whose_token_is_not_valid(self, app):
        caller = Client(app, "nonsense")
        assert caller.get("/swagger.json").status_int == 200
        assert caller.get("/").status_int == 200

    @pytest.mark.parametrize("path", [DOCUMENT, FILE])
    def test_is_compressed_for_whom_it_suits(self, app, get, path):
        plain = get(path)
        # Which WebTest's client would decompress.
        request = webtest.TestRequest.blank(path)
        request.headers["Accept-Encoding"] = "br, gzip"
        response = request.get_response(app)
        assert response.headers["Content-Encoding"] == "gzip"
        assert response.headers["Content-Length"] == str(len(response.body))
        assert response.headers["Vary"] == plain.headers["Vary"] == "Accept-Encoding"
        assert gzip.decompress(response.body) == plain.body
        assert len(response.body) * 3 < len(plain.body)
        assert response.headers["ETag"] != plain.headers["ETag"]

    @pytest.mark.parametrize(
        "accepted", ["", "identity", "gzip;q=0", "br", "gzip;q=0.2, identity;q=0.5"]
    )
    def test_is_plain_for_others(self, get, accepted):
        response = get(DOCUMENT, accepted)
        assert "Content-Encoding" not in response.headers
        assert response.json["swagger"] == "2.0"

    @pytest.mark.parametrize("accepted", ["identity", "gzip"])
    def test_is_not_sent_again(self, get, accepted):
        etag = get(DOCUMENT, accepted).headers["ETag"]
        response = get(DOCUMENT, accepted, If_None_Match=etag)
        assert (response.status_int, response.body) == (304, b"")
        assert response.headers["ETag"] == etag
        assert response.headers["Vary"] == "Accept-Encoding"
        assert get(DOCUMENT, accepted, If_None_Match='"other"').status_int == 200


class TestMounted:
    """An application under a path of a proxy, or of a WSGI server."""

    @pytest.fixture
    def below(self, app):
        return webtest.TestApp(app, BELOW)

    def test_document_names_paths_below_it(self, caller, below):
        response = below.get(DOCUMENT)
        flow = response.json["securityDefinitions"]["oauth2_code"]
        assert response.json["basePath"] == "/below/api/v1"
        root = "https://api.example.com/below/auth/oauth2"
        assert flow["tokenUrl"] == f"{root}/token"
        assert flow["authorizationUrl"] == f"{root}/authorize"
        etag = caller.get("/swagger.json").headers["ETag"]
        assert response.headers["ETag"] != etag

    def test_openapi_document_names_paths_of_its_host(self, below):
        document = below.get("/api/v1/openapi.json").json
        flows = document["components"]["securitySchemes"]["oauth2_code"]["flows"]
        flow = flows["authorizationCode"]
        assert document["servers"] == [{"url": "/below/api/v1"}]
        assert flow["tokenUrl"] == flow["refreshUrl"] == "/below/auth/oauth2/token"
        assert flow["authorizationUrl"] == "/below/auth/oauth2/authorize"

    def test_openapi_document_refreshes_what_has_refresh_tokens(self, caller):
        schemes = caller.get("/openapi.json").json["components"]["securitySchemes"]
        flows = [
            each for scheme in schemes.values() for each in scheme["flows"].items()
        ]
        lacking = {name for name, flow in flows if "refreshUrl" not in flow}
        assert lacking == {"clientCredentials"}


class TestFiles:
    def test_with_their_version_are_kept_for_good(self, get):
        version = get(FILE).headers["ETag"].strip('"')
        response = get(f"{FILE}?v={version}")
        assert response.headers["Content-Type"] == "text/javascript; charset=utf-8"
        assert response.headers["Cache-Control"] == (
            "public, max-age=31536000, immutable"
        )
        for query in ("", "?v=", "?v=another", "?v"):
            assert get(FILE + query).headers["Cache-Control"] == "no-cache"
        assert get(FILE, If_None_Match=f'"{version}"').status_int == 304

    def test_that_are_compressed_already_are_sent_as_they_are(self, app):
        request = webtest.TestRequest.blank("/swagger-ui/favicon-32x32.png")
        request.headers["Accept-Encoding"] = "gzip"
        response = request.get_response(app)
        assert "Content-Encoding" not in response.headers
        assert response.body.startswith(b"\x89PNG")

    @pytest.mark.parametrize(
        "path",
        [
            *("/swagger-ui/swagger-editor-bundle.js", "/swagger-ui/absent.js"),
            *("/swagger-ui/oauth2-redirect.html", "/swagger-ui/"),
            *("/documentation/absent.js", "/documentation/../documentation.py"),
            "/documentation/",
        ],
    )
    def test_that_the_page_does_not_need_are_not_there(self, get, path):
        assert get(path).json == problem(404, "There is nothing at this URL.")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        *(("POST", "/"), ("PUT", "/api/v1/"), ("DELETE", "/api/v1/oauth2-redirect")),
        *(("OPTIONS", DOCUMENT), ("POST", "/swagger-ui/swagger-ui.css")),
        ("PUT", "/documentation/documentation.js"),
    ],
)
def test_methods_that_could_change_something_are_refused(caller, method, path):
    response = caller.call(method, path)
    assert response.headers["Allow"] == "GET, HEAD"
    assert response.json == problem(405, "Allowed methods: GET, HEAD.")
