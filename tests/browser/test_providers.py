"""Signing in with a provider in a real browser, there and back."""

import pytest
from playwright.sync_api import expect
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from tests import factories
from tests.browser.test_accessibility import Walk
from tests.browser.test_account import NARROW
from tests.browser.visit import TIMEOUT
from tests.forked import serve
from tests.providers import issuer
from tests.providers.issuer import CLIENT_ID, CLIENT_SECRET
from tests.served import clean_environment, development_ini, free_port
from tests.tools import needs

pytestmark = needs("chromium")


class Person(Walk):
    def press(self, name):
        self.page.get_by_role("button", name=name, exact=True).click()

    def follow(self, name):
        self.page.get_by_role("link", name=name, exact=True).first.click()

    def sees(self, heading, name):
        expect(self.page.get_by_role("heading", level=1)).to_have_text(heading)
        assert self.faults(f"providers-{name}") == []


@pytest.fixture(scope="module")
def provider():
    with issuer.serve() as server:
        yield server


@pytest.fixture(scope="module")
def place(tmp_path_factory, make_database, provider):
    """The URL of a server that knows the provider, and that of its database."""
    database, port = make_database(), free_port()
    ini = development_ini(tmp_path_factory.mktemp("server"))
    ini.write_text(ini.read_text().replace("127.0.0.1:0", f"127.0.0.1:{port}"))
    environment = clean_environment(
        DATABASE_URL=database,
        APISERVER_ISSUER=f"http://127.0.0.1:{port}",
        APISERVER_PROVIDERS="acme",
        APISERVER_PROVIDER_ACME_ISSUER=provider.url,
        APISERVER_PROVIDER_ACME_CLIENT_ID=CLIENT_ID,
        APISERVER_PROVIDER_ACME_CLIENT_SECRET=CLIENT_SECRET,
    )
    with serve(ini, environment) as url:
        yield url, database


@pytest.fixture
def person(chromium, place):
    expect.set_options(timeout=TIMEOUT)
    context = chromium.new_context(viewport=NARROW)
    visit = Person(context, place[0])
    yield visit
    context.close()
    assert visit.complaints == []


def test_a_newcomer_signs_up_and_in(person, provider):
    person.open("/auth/login")
    person.sees("Sign in", "login")
    person.follow("Sign in with Acme")
    person.sees("Almost there", "new")
    person.press("Create an account")
    person.sees("Your account", "account")
    person.press("Sign out")
    person.follow("Sign in with Acme")
    person.sees("Your account", "account")


def test_a_user_links_and_unlinks(person, place, provider):
    engine = create_engine(place[1])
    with Session(engine, expire_on_commit=False) as db:
        user = factories.make_user(db)
    engine.dispose()
    provider.claims |= {"sub": "b2", "email": user.email}
    person.open("/auth/login")
    person.follow("Sign in with Acme")
    person.sees("Almost there", "has-account")
    person.follow("Sign in to link it")
    person.page.get_by_label("Username").fill(user.username)
    person.page.get_by_label("Password").fill(factories.PASSWORD)
    person.press("Sign in")
    person.sees("Providers", "waiting")
    person.press("Link Acme")
    person.sees("Providers", "linked")
    person.press("Unlink Acme")
    person.press("Link Acme")
    expect(person.page.get_by_role("button", name="Unlink Acme")).to_be_visible()
