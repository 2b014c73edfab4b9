"""The browser arrives at the client, wherever that leads, by Chromium and Firefox."""

from urllib.parse import urlencode

import pytest
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from tests import factories
from tests.browser.callback import pages
from tests.browser.drivers import Chromium, firefox
from tests.conformance.flow import challenge
from tests.forked import serve
from tests.served import clean_environment, development_ini
from tests.tools import need

OTHER_SCHEME = "com.example.app:/callback"


@pytest.fixture(scope="module")
def database(make_database):
    return make_database()


@pytest.fixture(scope="module")
def server(tmp_path_factory, database):
    ini = development_ini(tmp_path_factory.mktemp("server"))
    with serve(ini, clean_environment(DATABASE_URL=database)) as url:
        yield url


@pytest.fixture(scope="module")
def client_pages():
    with pages() as served:
        yield served


@pytest.fixture(scope="module")
def chromium_window(chromium):
    window = Chromium(chromium)
    yield window
    window.end()


@pytest.fixture(scope="module")
def firefox_window(tmp_path_factory):
    need("firefox-esr")
    with firefox(tmp_path_factory.mktemp("profile")) as window:
        yield window


@pytest.fixture(params=["chromium", "firefox"])
def window(request):
    return request.getfixturevalue(f"{request.param}_window")


@pytest.fixture(scope="module")
def db(database, server):
    engine = create_engine(database)
    with Session(engine, expire_on_commit=False) as session:
        yield session
    engine.dispose()


@pytest.fixture
def ask(db, server, client_pages):
    """A function that registers a client, and returns what it asks, and the user."""

    def make(uri, leads_to="", **columns):
        client_pages.leads_to = leads_to
        user = factories.make_user(db)
        client = factories.make_client(
            db,
            redirect_uris=(uri,),
            grant_types=("authorization_code",),
            **columns,
        )
        asked = {
            "response_type": "code",
            "client_id": client.client_id,
            "redirect_uri": uri,
            "code_challenge": challenge(),
            "code_challenge_method": "S256",
            "prompt": "login",
        }
        return f"{server}/auth/oauth2/authorize?{urlencode(asked)}", user.username

    return make


def sign_in(window, url, username):
    window.begin()
    window.open(url)
    window.fill("#username", username)
    window.fill("#password", factories.PASSWORD)
    window.press("form button")


def places(client):
    """Return redirect URIs, where they lead on to, and where the browser ends."""
    end = f"{client.there}/end"
    return [
        (f"{client.here}/callback", "", f"{client.here}/callback"),
        (f"{client.ipv6}/callback", "", f"{client.ipv6}/callback"),
        (f"{client.here}/hop", end, end),
        (f"{client.ipv6}/hop", end, end),
        (f"{client.here}/hop", f"{client.ipv6}/end", f"{client.ipv6}/end"),
    ]


class TestBrowser:
    @pytest.mark.parametrize("number", range(5))
    def test_arrives_after_consent(self, window, ask, client_pages, number):
        uri, leads_to, end = places(client_pages)[number]
        sign_in(window, *ask(uri, leads_to))
        window.press("button[value=allow]")
        window.wait_for(end)

    def test_arrives_after_refusing(self, window, ask, client_pages):
        uri, leads_to, end = places(client_pages)[-1]
        sign_in(window, *ask(uri, leads_to))
        window.press("button[value=deny]")
        window.wait_for(end)

    @pytest.mark.parametrize("number", [1, 2])
    def test_arrives_after_signing_in_where_consent_is_remembered(
        self, window, ask, client_pages, number
    ):
        uri, leads_to, end = places(client_pages)[number]
        asked = ask(uri, leads_to)
        sign_in(window, *asked)
        window.press("button[value=allow]")
        window.wait_for(end)
        sign_in(window, *asked)
        window.wait_for(end)


class TestApplication:
    """One with a scheme of its own; no desktop is there that would call it."""

    @pytest.mark.parametrize("leads_to", ["", OTHER_SCHEME])
    def test_is_called(self, chromium_window, ask, client_pages, leads_to):
        uri = f"{client_pages.here}/hop" if leads_to else OTHER_SCHEME
        sign_in(chromium_window, *ask(uri, leads_to))
        page = chromium_window.page
        with page.expect_request(lambda r: r.url.startswith(OTHER_SCHEME)) as called:
            chromium_window.press("button[value=allow]")
        assert called.value.url.startswith(leads_to or f"{OTHER_SCHEME}?code=")
