"""The stacks with the API below a path of the host."""

import re

import pytest

from tests import factories
from tests.browser.drivers import Chromium
from tests.deploy.nginx import HOST, check
from tests.tools import needs, path_of

ISSUER = f"https://{HOST}/prefix"


@pytest.fixture(scope="module", params=["waitress", "uwsgi"])
def stack(request, start):
    return start(request.param, "prefix.conf", APISERVER_ISSUER=ISSUER)


@pytest.fixture
def http(stack):
    with stack.proxy.client() as http:
        yield http


class TestPrefix:
    def test_is_in_what_answers_lead_to(self, http, account):
        account.sign_in(http, "/prefix")
        made = http.post("/prefix/api/v1/teams/", json={"title": "Engineers"})
        location = f"/prefix/api/v1/teams/{made.json()['id']}"
        assert made.headers["Location"] == location
        assert http.get(location).json()["title"] == "Engineers"
        page = http.get("/prefix/api/v1/teams/?limit=1")
        assert page.headers["Link"].startswith("</prefix/api/v1/teams/?limit=1")
        assert http.get("/prefix/api/v1/teams").headers["Location"] == (
            "/prefix/api/v1/teams/"
        )

    def test_is_in_the_document(self, http):
        document = http.get("/prefix/api/v1/swagger.json").json()
        assert document["basePath"] == "/prefix/api/v1"

    @pytest.mark.parametrize("name", ["authorization-server", "protected-resource"])
    def test_is_where_clients_look_for_metadata(self, http, name):
        document = http.get(f"/.well-known/oauth-{name}/prefix").json()
        assert ISSUER in {document.get("issuer"), document.get("resource")}

    def test_is_in_the_pages_for_people(self, http):
        page = http.get("/prefix/auth/login").text
        icon, stylesheet, *forms = re.findall(r'(?:action|href)="([^"]+)"', page)
        assert "/prefix/auth/login" in forms
        assert re.fullmatch(r"/prefix/.+\.svg\?v=\w+", icon)
        assert re.fullmatch(r"/prefix/.+\.css\?v=\w+", stylesheet)
        assert http.get(stylesheet).status_code == 200

    def test_has_limits_and_secrets_as_the_root(self, stack, http):
        body = b"x" * (64 * 1024 + 1)
        assert http.post("/prefix/auth/oauth2/token", content=body).status_code == 413
        assert http.get("/prefix/metrics").status_code == 404
        assert http.get("/api/v1/teams/").status_code == 404
        assert "successful" in check(stack.proxy.folder / "nginx.conf")


@needs("chromium")
class TestBrowser:
    @pytest.fixture
    def own(self, stack, playwright):
        """A browser that finds the host at nginx."""
        to = f"127.0.0.1:{stack.proxy.https_port}"
        program = playwright.chromium.launch(
            executable_path=path_of("chromium"),
            args=[f"--host-resolver-rules=MAP {HOST}:443 {to}"],
        )
        yield Chromium(program)
        program.close()

    def test_is_signed_in_for_the_path_alone(self, own, account):
        own.open(f"{ISSUER}/auth/login")
        own.fill("#username", account.username)
        own.fill("#password", factories.PASSWORD)
        own.press("form button")
        own.page.wait_for_selector("text=You are signed in as")
        cookies = own.page.context.cookies()
        assert len(cookies) == 2
        for cookie in cookies:
            assert cookie["name"].startswith("__Secure-")
            assert (cookie["path"], cookie["secure"]) == ("/prefix", True)
        own.press("form button")
        own.page.wait_for_selector("#username")
