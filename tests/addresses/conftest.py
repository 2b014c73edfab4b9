"""What the tests of verified addresses share."""

import re

import pytest
from sqlalchemy import delete, select, update

from apiserver.auth.models import OAuth2Grant
from apiserver.core.db import now
from apiserver.core.jobs import QueuedJob, work_off
from apiserver.mail.models import MailCounter, ShownMail
from tests.auth.browser import Browser
from tests.mail.features import written
from tests.project import an_hour_later, user

__all__ = ["an_hour_later", "user", "written"]

ISSUER = "https://api.example.com"


@pytest.fixture
def verified(shared_app, api):
    """The application that verifies addresses, whose pages need no captcha."""
    app = shared_app(signup="verified", captcha="off", captcha_secret="")
    api(app=app)
    return app


@pytest.fixture
def fresh(api, verified, db):
    """A function that gives the client of a user who has just signed in."""

    def call(user, app=verified):
        client = api(user, app=app)
        db.execute(update(OAuth2Grant).values(auth_time=now(), amr=("pwd",)))
        return client

    return call


@pytest.fixture
def visit(api, verified):
    """A function that gives a browser in front of that application."""
    return lambda: Browser(lambda: api(app=verified))


@pytest.fixture
def mails(verified, db):
    """A function that runs the jobs, and returns the mails: recipient, subject, text.

    Those of before are forgotten, and counted no more.
    """

    def run():
        for table in (ShownMail, MailCounter):
            db.execute(delete(table))
        db.execute(update(QueuedJob).values(due=QueuedJob.created))
        assert set(work_off(verified.registry)) <= {"done"}
        db.expire_all()
        columns = (ShownMail.recipient, ShownMail.subject, ShownMail.text)
        return db.execute(select(*columns).order_by(ShownMail.id)).all()

    return run


@pytest.fixture
def link_in(mails):
    """A function that runs the jobs, and returns the path of the link in the mail."""

    def run():
        [mail] = mails()
        [link] = re.findall(rf"{ISSUER}(/\S+token=\S+)", mail.text)
        return link

    return run


@pytest.fixture
def token_in(link_in):
    return lambda: link_in().partition("token=")[2]
