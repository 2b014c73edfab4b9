"""What the tests of lost passwords share."""

import pytest

from tests.mail.features import mailed_link, mailed_token, mails, notified, written
from tests.password_resets import factories
from tests.project import app, browser, user


@pytest.fixture
def make_reset(db):
    """A function that makes a link for a user, and returns its token."""
    return lambda *args, **kw: factories.make_reset(db, *args, **kw)
