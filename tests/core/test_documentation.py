"""The document and Swagger UI's files over HTTP, for callers whom nobody knows."""

import gzip

import pytest
import webtest

from apiserver.core.openapi import own_document
from tests.client import Client
from tests.problems import problem

BELOW = {"SCRIPT_NAME": "/below"}


@pytest.fixture
def caller(app):
    return Client(app)


class TestDocument:
    def test_is_the_one_that_was_made_at_start(self, app, caller):
        response = caller.get("/swagger.json")
        assert response.status_int == 200
        assert response.headers["Content-Type"] == "application/json"
        assert response.headers["Cache-Control"] == "no-cache"
        assert response.headers["Vary"] == "Accept-Encoding"
        assert "Content-Encoding" not in response.headers
        assert response.json == own_document(app.registry)

    def test_is_compressed_for_whom_it_suits(self, app, caller):
        plain = caller.get("/swagger.json")
        request = webtest.TestRequest.blank("/api/v1/swagger.json")
        request.headers["Accept-Encoding"] = "br, gzip"
        response = request.get_response(app)
        assert response.headers["Content-Encoding"] == "gzip"
        assert response.headers["Content-Length"] == str(len(response.body))
        assert response.headers["Vary"] == "Accept-Encoding"
        assert gzip.decompress(response.body) == plain.body
        assert len(response.body) * 5 < len(plain.body)
        assert response.headers["ETag"] != plain.headers["ETag"]

    @pytest.mark.parametrize(
        "accepted", ["", "identity", "gzip;q=0", "br", "gzip;q=0.2, identity;q=0.5"]
    )
    def test_is_plain_for_others(self, caller, accepted):
        response = caller.get("/swagger.json", headers={"Accept-Encoding": accepted})
        assert "Content-Encoding" not in response.headers
        assert response.json["swagger"] == "2.0"

    @pytest.mark.parametrize("accepted", ["identity", "gzip"])
    def test_is_not_sent_again(self, caller, accepted):
        headers = {"Accept-Encoding": accepted}
        etag = caller.get("/swagger.json", headers=headers).headers["ETag"]
        headers["If-None-Match"] = etag
        response = caller.get("/swagger.json", headers=headers)
        assert response.status_int == 304
        assert response.body == b""
        assert response.headers["ETag"] == etag
        assert response.headers["Vary"] == "Accept-Encoding"

    def test_is_sent_again_when_it_is_another_one(self, caller):
        headers = {"If-None-Match": '"another"'}
        assert caller.get("/swagger.json", headers=headers).status_int == 200

    def test_head_has_the_headers_alone(self, caller):
        response = caller.head("/swagger.json")
        assert response.status_int == 200
        assert response.body == b""
        assert response.headers["ETag"] == caller.get("/swagger.json").headers["ETag"]


class TestMounted:
    """An application under a path of a proxy, or of a WSGI server."""

    def test_document_names_paths_below_it(self, caller):
        below = webtest.TestApp(caller.app, BELOW)
        document = below.get("/api/v1/swagger.json").json
        flow = document["securityDefinitions"]["oauth2_code"]
        assert document["basePath"] == "/below/api/v1"
        assert flow["tokenUrl"] == "https://api.example.com/below/auth/oauth2/token"
        assert flow["authorizationUrl"] == (
            "https://api.example.com/below/auth/oauth2/authorize"
        )

    def test_openapi_document_names_paths_of_its_host(self, caller):
        below = webtest.TestApp(caller.app, BELOW)
        document = below.get("/api/v1/openapi.json").json
        flows = document["components"]["securitySchemes"]["oauth2_code"]["flows"]
        flow = flows["authorizationCode"]
        assert document["servers"] == [{"url": "/below/api/v1"}]
        assert flow["tokenUrl"] == flow["refreshUrl"] == "/below/auth/oauth2/token"
        assert flow["authorizationUrl"] == "/below/auth/oauth2/authorize"

    def test_openapi_document_refreshes_what_has_refresh_tokens(self, caller):
        document = caller.get("/openapi.json").json
        flows = {
            name: flow
            for scheme in document["components"]["securitySchemes"].values()
            for name, flow in scheme["flows"].items()
        }
        refreshed = {name for name, flow in flows.items() if "refreshUrl" in flow}
        assert flows.keys() - refreshed == {"clientCredentials"}

    def test_has_an_entity_tag_of_its_own(self, caller):
        below = webtest.TestApp(caller.app, BELOW).get("/api/v1/swagger.json")
        assert below.headers["ETag"] != caller.get("/swagger.json").headers["ETag"]


class TestFiles:
    URL = "/swagger-ui/swagger-ui-bundle.js"

    @pytest.fixture
    def version(self, caller):
        return caller.call("GET", self.URL).headers["ETag"].strip('"')

    def test_with_their_version_are_kept_for_good(self, caller, version):
        response = caller.call("GET", f"{self.URL}?v={version}")
        assert response.headers["Content-Type"] == "text/javascript; charset=utf-8"
        assert response.headers["Cache-Control"] == (
            "public, max-age=31536000, immutable"
        )

    @pytest.mark.parametrize("query", ["", "?v=", "?v=another", "?v"])
    def test_without_it_are_asked_for_again(self, caller, version, query):
        response = caller.call("GET", self.URL + query)
        assert response.headers["Cache-Control"] == "no-cache"
        known = {"If-None-Match": f'"{version}"'}
        assert caller.call("GET", self.URL, headers=known).status_int == 304

    def test_are_compressed_for_whom_it_suits(self, caller):
        plain = caller.call("GET", self.URL)
        request = webtest.TestRequest.blank(self.URL)
        request.headers["Accept-Encoding"] = "gzip"
        response = request.get_response(caller.app)
        assert response.headers["Content-Encoding"] == "gzip"
        assert response.headers["Vary"] == plain.headers["Vary"] == "Accept-Encoding"
        assert response.headers["ETag"] != plain.headers["ETag"]
        assert gzip.decompress(response.body) == plain.body
        assert len(response.body) * 3 < len(plain.body)

    def test_that_are_compressed_already_are_sent_as_they_are(self, caller):
        request = webtest.TestRequest.blank("/swagger-ui/favicon-32x32.png")
        request.headers["Accept-Encoding"] = "gzip"
        response = request.get_response(caller.app)
        assert "Content-Encoding" not in response.headers
        assert response.body.startswith(b"\x89PNG")

    @pytest.mark.parametrize(
        "path",
        [
            "/swagger-ui/swagger-editor-bundle.js",
            "/swagger-ui/oauth2-redirect.html",
            "/swagger-ui/",
            "/swagger-ui/absent.js",
            "/documentation/absent.js",
            "/documentation/../documentation.py",
            "/documentation/",
        ],
    )
    def test_that_the_page_does_not_need_are_not_there(self, caller, path):
        response = caller.call("GET", path)
        assert response.status_int == 404
        assert response.json == problem(404, "There is nothing at this URL.")


class TestMethods:
    @pytest.mark.parametrize(
        "path",
        [
            *("/", "/api/v1/", "/api/v1/oauth2-redirect", "/api/v1/swagger.json"),
            *("/swagger-ui/swagger-ui.css", "/documentation/documentation.js"),
        ],
    )
    @pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
    def test_that_could_change_something_are_refused(self, caller, method, path):
        response = caller.call(method, path)
        assert response.status_int == 405
        assert response.headers["Allow"] == "GET, HEAD"
        assert response.json == problem(405, "Allowed methods: GET, HEAD.")

    def test_of_callers_with_a_token_that_is_not_valid_are_not_asked_for_it(self, app):
        caller = Client(app, "nonsense")
        assert caller.get("/swagger.json").status_int == 200
        assert caller.get("/").status_int == 200
