"""What the tests of second factors share: browsers, and accounts with factors."""

import json
import re
from html import unescape

import pytest
from sqlalchemy import select

from apiserver.auth.models import BrowserSession
from apiserver.factors.models import RecoveryCode
from apiserver.factors.recovery import digest_of
from tests.auth.conftest import browser, client, post, web_client
from tests.factories import PASSWORD
from tests.factors import accounts
from tests.factors.accounts import CODE
from tests.factors.authenticator import Authenticator
from tests.project import an_hour_later, refused_later, signed_in, user

STEP = "/auth/second-factor"


@pytest.fixture
def authenticator():
    return Authenticator()


@pytest.fixture
def add_totp(db):
    """A function that gives a user an app; it returns its row and the app."""
    return lambda user, **kw: accounts.add_totp(db, user, **kw)


@pytest.fixture
def totp(user, add_totp):
    """The app of the user, which is confirmed."""
    return add_totp(user)[1]


@pytest.fixture
def recovery_code(db, user):
    db.add(RecoveryCode(digest=digest_of(CODE, user_id=user.id), user_id=user.id))
    db.commit()
    return CODE


@pytest.fixture
def to_step(browser, user):
    """A function that signs in by the password, as another browser does."""

    def go():
        browser.cookies.clear()
        answer = browser.sign_in(user.username, PASSWORD)
        assert answer.headers["Location"] == STEP
        return browser.call("GET", STEP)

    return go


@pytest.fixture
def enter(browser):
    """A function that sends a proof on the page of the second step."""

    def send(code=None, **credential):
        proof = {"credential": json.dumps(credential)} if credential else {}
        return browser.submit(STEP, **({"code": code} if code else {}), **proof)

    return send


@pytest.fixture
def sessions(db):
    """A function that returns the methods of each session."""
    statement = select(BrowserSession.amr).order_by(BrowserSession.id)
    return lambda: db.scalars(statement).all()


@pytest.fixture(scope="session")
def make_required_app(shared_app):
    """A function that returns the application in which some must have a factor."""
    return lambda who: shared_app(factors_required=who)


def secret_in(page):
    """Return the secret of the app that a page sets up."""
    return re.search(r"Secret: <code>(.*?)</code>", page.text)[1].replace(" ", "")


def codes_in(page):
    """Return the recovery codes that a page shows."""
    return re.findall(r"<li><code>(.*?)</code></li>", page.text)


def options_in(page):
    """Return what a page asks the browser to sign."""
    return json.loads(unescape(re.search('data-options="(.*?)"', page.text)[1]))
