"""Below a path of the host: every URL that is sent begins with it, however it came."""

import re
from urllib.parse import parse_qsl, urlsplit

import pytest
from paste.deploy.config import make_prefix_middleware

from apiserver.core.openapi import own_document
from tests.auth.browser import Browser, home, redemption, told
from tests.client import Client
from tests.conformance.flow import REDIRECT_URI, target
from tests.factories import PASSWORD
from tests.networks import from_address

MOUNT = "/svc"
ISSUER = f"https://api.example.com{MOUNT}"


def moved(app, **more):
    """Return the application without the path in front of it, and with more said."""

    def call(environ, start_response):
        path = environ["PATH_INFO"]
        assert path.startswith(f"{MOUNT}/")
        rest = {"PATH_INFO": path.removeprefix(MOUNT), **more}
        return app({**environ, **rest}, start_response)

    return call


def by_web_server(app):
    """As uWSGI's mount, waitress's url_prefix and Paste's urlmap call it."""
    return moved(app, SCRIPT_NAME=MOUNT)


def by_header(app):
    """As a trusted proxy calls it that cuts the path, and says so."""
    return moved(app, HTTP_X_FORWARDED_PREFIX=MOUNT, REMOTE_ADDR="127.0.0.1")


def by_issuer(app):
    """As a proxy calls it that cuts the path, and says nothing."""
    return moved(app, REMOTE_ADDR="192.0.2.1")


def by_paste(app):
    """As PasteDeploy's filter calls it, behind a proxy that cuts the path."""
    return moved(make_prefix_middleware(app, {}, prefix=MOUNT))


@pytest.fixture(scope="module")
def mounted_app(make_app, database_url):
    return make_app(database_url, issuer=ISSUER, trusted_proxies="127.0.0.1")


@pytest.fixture(
    params=[by_web_server, by_header, by_issuer, by_paste], ids=lambda f: f.__name__
)
def caller(request, api, mounted_app):
    """A client in front of the mounted application, without a token."""
    api(app=mounted_app)
    app = request.param(mounted_app)
    app.registry = mounted_app.registry
    client = Client(app)
    # The document has paths without the mount point.
    client.compare = lambda request, response: None
    return client


@pytest.fixture
def browser(caller):
    return Browser(lambda: caller)


@pytest.fixture
def sign_in(browser, user):
    """A function that signs in on the login page, and returns the answer."""

    def call(path=f"{MOUNT}/auth/login", **form):
        browser.call("GET", path)
        about = {"username": user.username, "password": PASSWORD}
        return browser.submit(f"{MOUNT}/auth/login", **about, **form)

    return call


@pytest.fixture
def oauth2_client(make_client):
    return make_client(
        redirect_uris=[REDIRECT_URI],
        client_type="public",
        secret_digest=None,
        grant_types=("authorization_code", "refresh_token"),
        default_scopes=("teams:read",),
    )


def action(page):
    (found,) = re.findall(r'<form method="post" action="([^"]+)"', page.text)
    return found


class TestSignIn:
    def test_leads_to_the_client(self, caller, browser, sign_in, oauth2_client):
        asked = MOUNT + target(oauth2_client)
        to_login = browser.call("GET", asked).headers["Location"]
        parts = urlsplit(to_login)
        assert parts.path == f"{MOUNT}/auth/login"
        assert dict(parse_qsl(parts.query))["next"] == asked
        assert action(browser.call("GET", to_login)) == parts.path
        assert sign_in(to_login, next=asked).headers["Location"] == asked

        page = browser.call("GET", asked)
        assert action(page) == f"{MOUNT}/auth/oauth2/authorize"
        answer = browser.submit(action(page), decision="allow")
        assert answer.headers["Location"].startswith(f"{REDIRECT_URI}?code=")
        query = told(answer)
        assert query["iss"] == ISSUER

        form = {**redemption(query["code"]), "client_id": oauth2_client.client_id}
        answer = caller.call("POST", f"{MOUNT}/auth/oauth2/token", form=form)
        caller.token = answer.json["access_token"]
        assert caller.call("GET", f"{MOUNT}/api/v1/teams/").status_int == 200

    def test_alone_leads_to_the_page(self, browser, sign_in, user):
        assert sign_in().headers["Location"] == f"{MOUNT}{home()}"
        page = browser.call("GET", f"{MOUNT}/auth/login")
        assert f"You are signed in as <strong>{user.username}</strong>" in page.text
        assert action(page) == f"{MOUNT}/auth/logout"
        answer = browser.submit(f"{MOUNT}/auth/logout")
        assert answer.headers["Location"] == f"{MOUNT}/auth/login"

    @pytest.mark.parametrize("place", ["", "/other", "/svcs", "//svc", "/svc/svc"])
    def test_leads_to_no_other_mount_point(self, sign_in, place):
        answer = sign_in(next=f"{place}/auth/oauth2/authorize?x=y")
        assert answer.headers["Location"] == f"{MOUNT}{home()}"


class TestCookie:
    def test_is_for_the_path_alone(self, browser, sign_in):
        for response in (browser.call("GET", f"{MOUNT}/auth/login"), sign_in()):
            pair, *attributes = response.headers["Set-Cookie"].split("; ")
            # RFC 6265bis section 4.1.3.2: __Host- is for the path / alone.
            assert pair.startswith("__Secure-")
            expected = {f"Path={MOUNT}", "Secure", "HttpOnly", "SameSite=Lax"}
            assert expected < {*attributes}


class TestUrl:
    """What answers lead to."""

    def test_of_what_was_made_and_of_pages(self, caller, api, user, mounted_app):
        caller.token = api(user, app=mounted_app).token
        path, team = f"{MOUNT}/api/v1/teams/", {"title": "Engineers"}
        made = caller.call("POST", path, json=team)
        location = f"{path}{made.json['id']}"
        assert made.headers["Location"] == location
        assert caller.call("GET", location).json["title"] == "Engineers"
        page = caller.call("GET", f"{path}?limit=1")
        assert page.headers["Link"].startswith(f"<{path}?limit=1")

    def test_of_a_missing_slash(self, caller):
        answer = caller.call("GET", f"{MOUNT}/api/v1/teams?x=y")
        assert answer.headers["Location"] == f"{MOUNT}/api/v1/teams/?x=y"

    @pytest.mark.parametrize("path", ["/", "/api/v1/", "/auth/login"])
    def test_of_what_a_page_needs(self, caller, path):
        page = caller.call("GET", MOUNT + path).text
        urls = re.findall(r'(?:href|src|action|data-\w+)="(/[^"]*)"', page)
        assert len(urls) > 1
        for url in urls:
            assert url.startswith(f"{MOUNT}/")
            assert caller.call("GET", url).status_int == 200

    def test_of_an_error_page(self, caller):
        page = caller.call("GET", f"{MOUNT}/auth/oauth2/authorize")
        assert page.status_int == 400
        links = re.findall(r'href="([^"]*)"', page.text)
        assert links
        for link in links:
            assert caller.call("GET", link).status_int == 200

    def test_of_the_command_that_gets_a_token(self, caller):
        page = caller.call("GET", f"{MOUNT}/").text
        assert f"curl {ISSUER}/auth/oauth2/token" in page


class TestDocument:
    def test_of_swagger(self, caller):
        document = caller.call("GET", f"{MOUNT}/api/v1/swagger.json").json
        assert document["basePath"] == f"{MOUNT}/api/v1"
        flows = document["securityDefinitions"]
        code = flows["oauth2_code"]
        assert code["authorizationUrl"] == f"{ISSUER}/auth/oauth2/authorize"
        assert {flow["tokenUrl"] for flow in flows.values()} == {
            f"{ISSUER}/auth/oauth2/token"
        }

    def test_of_openapi(self, caller):
        document = caller.call("GET", f"{MOUNT}/api/v1/openapi.json").json
        assert document["servers"] == [{"url": f"{MOUNT}/api/v1"}]

    def test_of_generated_clients(self, mounted_app):
        assert own_document(mounted_app.registry)["basePath"] == f"{MOUNT}/api/v1"

    @pytest.mark.parametrize(
        ("name", "member"),
        [
            ("oauth-authorization-server", "issuer"),
            ("oauth-protected-resource", "resource"),
        ],
    )
    def test_of_metadata_is_at_the_root_of_the_host(
        self, api, mounted_app, name, member
    ):
        """RFC 8414 section 3.1 and RFC 9728 section 3.1 insert the path."""
        api(app=mounted_app)
        client = Client(from_address(mounted_app, "192.0.2.1"))
        client.compare = lambda request, response: None
        document = client.call("GET", f"/.well-known/{name}{MOUNT}").json
        assert document[member] == ISSUER
        urls = [v for k, v in document.items() if k.endswith("_endpoint")]
        assert all(url.startswith(f"{ISSUER}/auth/oauth2/") for url in urls)
