"""What the tests of providers share: a provider, and a server that knows it."""

import pytest

from apiserver.providers.models import LinkedIdentity
from tests.auth.browser import Browser
from tests.project import an_hour_later, fresh, user
from tests.providers import issuer
from tests.providers.issuer import CLIENT_ID, CLIENT_SECRET, fetch

__all__ = ["an_hour_later", "fresh", "user"]

START = "/account/sign-in/{}"


@pytest.fixture(scope="session")
def shared_issuer():
    with issuer.serve() as server:
        yield server


@pytest.fixture(scope="session")
def make_provided(shared_app, shared_issuer):
    """A function that returns the application with the providers acme and github."""

    def make(**more):
        known = {}
        for name in ("acme", "github"):
            known[f"provider_{name}_issuer"] = shared_issuer.url
            known[f"provider_{name}_client_id"] = CLIENT_ID
            known[f"provider_{name}_client_secret"] = CLIENT_SECRET
        # Two issuers: accounts are found by them.
        hub = shared_issuer.url.replace("127.0.0.1", "localhost")
        known["provider_github_issuer"] = hub
        known["provider_github_kind"] = "github"
        known["provider_github_title"] = "GitHub"
        return shared_app(providers="acme github", **known, **more)

    return make


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
