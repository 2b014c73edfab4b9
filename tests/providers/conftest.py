"""What the tests of providers share: a provider, and a server that knows it."""

import pytest
from sqlalchemy import select

from apiserver.auth.models import BrowserSession
from apiserver.providers.models import LinkedIdentity
from tests.auth.browser import Browser, said
from tests.project import an_hour_later, user
from tests.providers import issuer
from tests.providers.issuer import CLIENT_ID, CLIENT_SECRET, fetch

START = "/account/sign-in/{}"


@pytest.fixture(scope="session")
def shared_issuer():
    with issuer.serve() as server:
        yield server


def settings_of(name, url, **more):
    """Return the settings of a provider at a URL."""
    values = {"issuer": url, "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
    return {f"provider_{name}_{key}": each for key, each in {**values, **more}.items()}


@pytest.fixture(scope="session")
def make_provided(shared_app, shared_issuer):
    """A function that returns the application with the providers acme and github."""
    # Two issuers: accounts are found by them.
    hub = shared_issuer.url.replace("127.0.0.1", "localhost")
    known = {
        **settings_of("acme", shared_issuer.url),
        **settings_of("github", hub, kind="github", title="GitHub"),
    }
    return lambda **more: shared_app(providers="acme github", **known, **more)


@pytest.fixture(scope="session")
def app(make_provided):
    return make_provided()


@pytest.fixture
def provider(shared_issuer, app):
    """The provider, as it is at first; what the application kept of it is forgotten."""
    shared_issuer.reset()
    for client in app.registry.provider_clients.values():
        client.__init__(client.provider)
    return shared_issuer


@pytest.fixture
def link(db, shared_issuer):
    """A function that links an identity to a user."""

    def make(user, subject="a1", **columns):
        values = {"issuer": shared_issuer.url, "name": "ada@example.com", **columns}
        row = LinkedIdentity(user_id=user.id, subject=subject, **values)
        db.add(row)
        db.commit()
        return row

    return make


class Person(Browser):
    """Somebody with a browser, and an account at the provider."""

    def set_out(self, name="acme", query=""):
        """Begin to sign in; return where the browser is led."""
        self.call("GET", START.format(name) + query)
        return self.page.headers["Location"]

    def agree(self, url):
        """Agree at the provider; return where the browser is led back to."""
        answer = fetch(url)
        return answer.getheader("Location").removeprefix("https://api.example.com")

    def come_back(self, name="acme", query=""):
        return self.call("GET", self.agree(self.set_out(name, query)))


@pytest.fixture
def person(api, provider):
    return Person(api)


@pytest.fixture
def sessions(db):
    """A function that returns user and methods of each session."""
    statement = select(BrowserSession.user_id, BrowserSession.amr)
    return lambda: [tuple(row) for row in db.execute(statement)]


def refused(page, status, sentence):
    """Whether a page refuses what was asked, in these words."""
    return (page.status_int, said(page)) == (status, sentence)
