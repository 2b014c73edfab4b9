"""What the tests of lost passwords share."""

import re

import pytest
from sqlalchemy import select

from apiserver.core.jobs import work_off
from apiserver.mail.models import ShownMail
from tests.password_resets import factories
from tests.project import app, browser, user

__all__ = ["app", "browser", "user"]


@pytest.fixture
def make_reset(db):
    """A function that makes a link for a user, and returns its token."""
    return lambda *args, **kw: factories.make_reset(db, *args, **kw)


@pytest.fixture
def mails(app, api, db):
    """A function that lets the jobs be done, and returns the mails that came of it."""

    def read():
        api()
        assert set(work_off(app.registry)) <= {"done"}
        return db.scalars(select(ShownMail).order_by(ShownMail.id)).all()

    return read


@pytest.fixture
def mailed_token(mails):
    """A function that returns the token of the newest mail."""
    return lambda: re.search(r"token=(\S+)", mails()[-1].text)[1]
