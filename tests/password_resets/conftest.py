"""What the tests of lost passwords share."""

import re

import pytest

from tests.mail.features import mails, written
from tests.password_resets import factories
from tests.project import app, browser, user

__all__ = ["app", "browser", "mails", "user", "written"]


@pytest.fixture
def make_reset(db):
    """A function that makes a link for a user, and returns its token."""
    return lambda *args, **kw: factories.make_reset(db, *args, **kw)


@pytest.fixture
def mailed_token(mails):
    """A function that returns the token of the newest mail."""
    return lambda: re.search(r"token=(\S+)", mails()[-1].text)[1]
