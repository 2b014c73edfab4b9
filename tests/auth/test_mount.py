"""Below a path of the host: every URL that is sent begins with it, however it came."""

import re
from urllib.parse import parse_qsl, urlsplit

import pytest
from paste.deploy.config import make_prefix_middleware

from apiserver.core.openapi import own_document
from tests.auth.browser import Browser, home
from tests.client import Client
from tests.conformance.flow import REDIRECT_URI, VERIFIER, target
from tests.factories import PASSWORD
from tests.networks import from_address

MOUNT = "/svc"
ISSUER = f"https://api.example.com{MOUNT}"
CLIENT = "https://client.example.org/"


def by_web_server(app):
    """As uWSGI's mount, waitress's url_prefix and Paste's urlmap call it."""

    def call(environ, start_response):
        path = environ["PATH_INFO"]
        assert path.startswith(f"{MOUNT}/")
        moved = {"SCRIPT_NAME": MOUNT, "PATH_INFO": path.removeprefix(MOUNT)}
        return app({**environ, **moved}, start_response)

    return call


def by_header(app):
    """As a trusted proxy calls it that cuts the path, and says so."""
    headers = {"HTTP_X_FORWARDED_PREFIX": MOUNT, "REMOTE_ADDR": "127.0.0.1"}
    return cut(app, **headers)


def by_issuer(app):
    """As a proxy calls it that cuts the path, and says nothing."""
    return cut(app, REMOTE_ADDR="192.0.2.1")


def by_paste(app):
    """As PasteDeploy's filter calls it, behind a proxy that cuts the path."""
    return cut(make_prefix_middleware(app, {}, prefix=MOUNT))


def cut(app, **more):
    def call(environ, start_response):
        path = environ["PATH_INFO"]
        assert path.startswith(f"{MOUNT}/")
        cut = {"PATH_INFO": path.removeprefix(MOUNT), **more}
        return app({**environ, **cut}, start_response)

    return call


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
    def test_leads_to_the_client(self, caller, browser, make_user, oauth2_client):
        user = make_user()
        asked = MOUNT + target(oauth2_client)
        to_login = browser.call("GET", asked).headers["Location"]
        parts = urlsplit(to_login)
        assert parts.path == f"{MOUNT}/auth/login"
        assert dict(parse_qsl(parts.query))["next"] == asked

        page = browser.call("GET", to_login)
        assert action(page) == parts.path
        answer = browser.submit(
            parts.path, username=user.username, password=PASSWORD, next=asked
        )
        assert answer.headers["Location"] == asked

        page = browser.call("GET", asked)
        assert action(page) == f"{MOUNT}/auth/oauth2/authorize"
        answer = browser.submit(action(page), decision="allow")
        location = urlsplit(answer.headers["Location"])
        assert answer.headers["Location"].startswith(f"{REDIRECT_URI}?code=")
        query = dict(parse_qsl(location.query))
        assert query["iss"] == ISSUER

        form = {
            "grant_type": "authorization_code",
            "code": query["code"],
            "redirect_uri": REDIRECT_URI,
            "code_verifier": VERIFIER,
            "client_id": oauth2_client.client_id,
        }
        answer = caller.call("POST", f"{MOUNT}/auth/oauth2/token", form=form)
        assert answer.status_int == 200
        caller.token = answer.json["access_token"]
        assert caller.call("GET", f"{MOUNT}/api/v1/teams/").status_int == 200

    def test_alone_leads_to_the_page(self, browser, make_user):
        browser.call("GET", f"{MOUNT}/auth/login")
        user = make_user()
        answer = browser.submit(
            f"{MOUNT}/auth/login", username=user.username, password=PASSWORD
        )
        assert answer.headers["Location"] == f"{MOUNT}{home()}"
        page = browser.call("GET", f"{MOUNT}/auth/login")
        assert f"You are signed in as <strong>{user.username}</strong>" in page.text
        assert action(page) == f"{MOUNT}/auth/logout"
        answer = browser.submit(f"{MOUNT}/auth/logout")
        assert answer.headers["Location"] == f"{MOUNT}/auth/login"

    @pytest.mark.parametrize("place", ["", "/other", "/svcs", "//svc", "/svc/svc"])
    def test_leads_to_no_other_mount_point(self, browser, make_user, place):
        browser.call("GET", f"{MOUNT}/auth/login")
        answer = browser.submit(
            f"{MOUNT}/auth/login",
            username=make_user().username,
            password=PASSWORD,
            next=f"{place}/auth/oauth2/authorize?x=y",
        )
        assert answer.headers["Location"] == f"{MOUNT}{home()}"


class TestCookie:
    def test_is_for_the_path_alone(self, browser, make_user):
        page = browser.call("GET", f"{MOUNT}/auth/login")
        user = make_user()
        answer = browser.submit(
            f"{MOUNT}/auth/login", username=user.username, password=PASSWORD
        )
        for response in (page, answer):
            pair, *attributes = response.headers["Set-Cookie"].split("; ")
            # RFC 6265bis section 4.1.3.2: __Host- is for the path / alone.
            assert pair.startswith("__Secure-")
            assert {f"Path={MOUNT}", "Secure", "HttpOnly", "SameSite=Lax"} < {
                *attributes
            }


class TestUrl:
    """What answers lead to."""

    def test_of_what_was_made(self, caller, api, make_user, mounted_app):
        caller.token = api(make_user(), app=mounted_app).token
        team = {"title": "Engineers"}
        made = caller.call("POST", f"{MOUNT}/api/v1/teams/", json=team)
        location = f"{MOUNT}/api/v1/teams/{made.json['id']}"
        assert made.headers["Location"] == location
        assert caller.call("GET", location).json["title"] == "Engineers"

    def test_of_pages(self, caller, api, make_user, mounted_app):
        caller.token = api(make_user(), app=mounted_app).token
        page = caller.call("GET", f"{MOUNT}/api/v1/teams/?limit=1")
        assert page.headers["Link"].startswith(f"<{MOUNT}/api/v1/teams/?limit=1")

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
