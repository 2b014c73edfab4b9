"""What the tests of second factors share: browsers, and accounts with factors."""

import pytest

from tests.auth.conftest import browser, client, post, web_client
from tests.factors import accounts
from tests.factors.authenticator import Authenticator
from tests.project import an_hour_later, fresh, signed_in, user

__all__ = [
    "an_hour_later",
    "browser",
    "client",
    "fresh",
    "post",
    "signed_in",
    "user",
    "web_client",
]


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


@pytest.fixture(scope="session")
def make_required_app(shared_app):
    """A function that returns the application in which some must have a factor."""
    return lambda who: shared_app(factors_required=who)
