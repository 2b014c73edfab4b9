"""The pages of the documentation: what they may do, what they name."""

import re

import pytest
import webtest

from tests.client import Client

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)

# Of the files; browsers refuse others where "nosniff" is said.
TYPES = {
    "/api/v1/oauth2-redirect": "text/html",
    "css": "text/css",
    "js": "text/javascript",
    "json": "application/json",
    "png": "image/png",
}

BELOW = {"SCRIPT_NAME": "/below"}

# The pages, with the URLs that they name.
PAGES = {
    "/": [
        "/api/v1/oauth2-redirect",
        "/api/v1/swagger.json",
        "/documentation/documentation.css",
        "/documentation/documentation.js",
        "/swagger-ui/favicon-32x32.png",
        "/swagger-ui/swagger-ui-bundle.js",
        "/swagger-ui/swagger-ui.css",
    ],
    "/oauth2-redirect": [
        "/documentation/oauth2_redirect.js",
        "/swagger-ui/favicon-32x32.png",
    ],
}


def names(page):
    """Return the URLs that a page names."""
    return set(re.findall(r'(?:src|href|data-document|data-redirect)="(.*?)"', page))


@pytest.fixture
def caller(app):
    return Client(app)


class TestPage:
    @pytest.mark.parametrize("path", PAGES)
    def test_is_allowed_what_it_needs(self, caller, path):
        response = caller.get(path)
        assert response.status_int == 200
        assert response.headers["Content-Type"] == "text/html; charset=UTF-8"
        assert response.headers["Cache-Control"] == "no-cache"
        assert response.headers.getall("Content-Security-Policy") == [POLICY]
        assert response.headers["X-Content-Type-Options"] == "nosniff"

    @pytest.mark.parametrize("path", PAGES)
    def test_has_no_script_and_no_style_of_its_own(self, caller, path):
        page = caller.get(path).text
        assert set(re.findall(r"<script[^>]*>([^<]*)", page)) == {""}
        assert "<style" not in page
        assert re.search(r"\s(style|on\w+)=", page) is None

    @pytest.mark.parametrize("path", PAGES)
    def test_names_only_files_that_are_there(self, caller, path):
        named = names(caller.get(path).text)
        assert sorted(named) == PAGES[path]
        for each in named:
            response = caller.call("GET", each)
            assert response.status_int == 200
            assert response.content_type == TYPES[each.rpartition(".")[2]]
            assert response.headers["X-Content-Type-Options"] == "nosniff"

    def test_names_its_files_under_the_path_of_a_proxy(self, caller):
        response = webtest.TestApp(caller.app, BELOW).get("/api/v1/")
        assert names(response.text) == {f"/below{path}" for path in PAGES["/"]}

    def test_shows_title_and_client_of_the_settings(self, database_url, make_app):
        settings = {"title": "Tools & <Toys>", "documentation_client_id": "docs"}
        page = Client(make_app(database_url, **settings)).get("/").text
        assert "<title>Tools &amp; &lt;Toys&gt;</title>" in page
        assert 'data-title="Tools &amp; &lt;Toys&gt;"' in page
        assert 'data-client-id="docs"' in page

    def test_names_no_client_by_default(self, caller):
        assert 'data-client-id=""' in caller.get("/").text

    def test_does_not_repeat_the_query(self, caller):
        page = caller.get("/?url=https://evil.example/&configUrl=evil").text
        assert page == caller.get("/").text

    def test_slash_is_added(self, caller):
        response = caller.get("")
        assert response.status_int == 308
        assert response.headers["Location"] == "/api/v1/"
