"""What the tests of verified addresses share: the application that verifies them."""

import pytest
from sqlalchemy import select

from apiserver.users.models import User
from tests.mail.features import mailed_link, mailed_token, mails, notified, written
from tests.project import (
    an_hour_later,
    browser,
    refused_later,
    signed_in,
    user,
)

VERIFIED = {"signup": "verified", "captcha": "off", "captcha_secret": ""}


@pytest.fixture(scope="session")
def app(shared_app):
    """The application that verifies addresses, whose pages need no captcha."""
    return shared_app(**VERIFIED)


@pytest.fixture
def stranger(api):
    """The client of somebody who has not signed in."""
    return api()


@pytest.fixture
def email_of(db):
    """A function that returns the address of an account."""
    return lambda user: db.scalar(select(User.email).where(User.id == user.id))
