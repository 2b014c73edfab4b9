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
    "/api/v1/": "text/html",
    "/api/v1/oauth2-redirect": "text/html",
    "css": "text/css",
    "js": "text/javascript",
    "json": "application/json",
    "png": "image/png",
    "svg": "image/svg+xml",
}

BELOW = {"SCRIPT_NAME": "/below"}

# The pages, with the URLs that they name.
PAGES = {
    "/": [
        "/api/v1/",
        "/api/v1/openapi.json",
        "/api/v1/swagger.json",
        "/documentation/home.js",
        "/documentation/icon.svg",
        "/documentation/pages.css",
    ],
    "/api/v1/": [
        "/api/v1/oauth2-redirect",
        "/api/v1/openapi.json",
        "/documentation/documentation.css",
        "/documentation/documentation.js",
        "/swagger-ui/favicon-32x32.png",
        "/swagger-ui/swagger-ui-bundle.js",
        "/swagger-ui/swagger-ui.css",
    ],
    "/api/v1/oauth2-redirect": [
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
        response = caller.call("GET", path)
        assert response.status_int == 200
        assert response.headers["Content-Type"] == "text/html; charset=UTF-8"
        assert response.headers["Cache-Control"] == "no-cache"
        assert response.headers.getall("Content-Security-Policy") == [POLICY]
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        # And has no script and no style of its own.
        assert set(re.findall(r"<script[^>]*>([^<]*)", response.text)) == {""}
        assert "<style" not in response.text
        assert re.search(r"\s(style|on\w+)=", response.text) is None

    @pytest.mark.parametrize("path", PAGES)
    def test_names_only_files_that_are_there(self, caller, path):
        named = names(caller.call("GET", path).text)
        assert sorted(each.partition("?")[0] for each in named) == PAGES[path]
        for each in named:
            response = caller.call("GET", each)
            assert response.status_int == 200
            file, _, version = each.partition("?v=")
            assert response.content_type == TYPES[file.rpartition(".")[2]]
            assert not version or response.headers["ETag"] == f'"{version}"'
            assert response.headers["X-Content-Type-Options"] == "nosniff"
        page = webtest.TestApp(caller.app, BELOW).get(path).text
        paths = {url.partition("?v=")[0] for url in names(page)}
        assert paths == {f"/below{each}" for each in PAGES[path]}

    def test_does_not_repeat_what_was_sent(self, caller):
        page = caller.get("/?url=https://evil.example/&configUrl=evil").text
        assert page == caller.get("/").text
        assert 'data-client-id=""' in page
        home = caller.call("GET", "/", headers={"Host": "evil.example"}).text
        assert "evil.example" not in home

    def test_slash_is_added(self, caller):
        response = caller.get("")
        assert response.status_int == 308
        assert response.headers["Location"] == "/api/v1/"


class TestHome:
    CAPITALS = "Replace the words in capitals with your own values."

    @pytest.fixture
    def home(self, database_url, make_pure_app):
        """A function that returns the page of an application, without white space."""

        def get(login=None, path="/", **settings):
            app = make_pure_app(database_url, **settings)
            app.registry.demo_login = login
            return " ".join(Client(app).call("GET", path).text.split())

        return get

    def test_says_what_there_is(self, home):
        settings = {"title": "Tools & <Toys>", "documentation_client_id": "docs"}
        page = home(**settings)
        assert "<h1>Tools &amp; &lt;Toys&gt;</h1>" in page
        assert "<dt>teams</dt> <dd>Teams: groups of users" in page
        assert (
            "curl https://api.example.com/auth/oauth2/token \\ -d grant_type=password "
            "\\ -d client_id=docs \\ -d username=USERNAME \\ -d password=PASSWORD"
        ) in page
        assert self.CAPITALS in page
        page = home(path="/api/v1/", **settings)
        assert "<title>Tools &amp; &lt;Toys&gt;</title>" in page
        assert 'data-title="Tools &amp; &lt;Toys&gt;"' in page
        assert 'data-client-id="docs"' in page

    def test_names_a_user_of_the_demo_data(self, home):
        page = home(login=("root", "q"), documentation_client_id="documentation")
        assert "-d username=root \\ -d password=q</code>" in page
        assert "This signs in as the administrator of the demo data." in page

    def test_says_how_a_client_gets_one_without_passwords(self, home):
        page = home(login=("root", "q"), oauth2_password_grant="false")
        command = (
            "-u CLIENT_ID:CLIENT_SECRET \\ -d grant_type=client_credentials</code>"
        )
        assert command in page
        assert "root" not in page
        assert self.CAPITALS in page

    def test_command_leads_below_the_path_of_a_proxy(self, caller):
        page = webtest.TestApp(caller.app, BELOW).get("/").text
        assert "curl https://api.example.com/below/auth/oauth2/token" in page

    def test_is_there_without_any_feature(self, make_core_app):
        page = Client(make_core_app()).call("GET", "/").text
        assert "Documentation</a>" in page
        assert "curl" not in page
        assert "<dl>" not in page
