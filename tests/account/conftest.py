"""What the tests of the account page share."""

import pytest
from sqlalchemy import update

from apiserver.auth.models import OAuth2Grant
from apiserver.core.db import now
from apiserver.core.jobs import Run
from apiserver.core.jobs.taking import session_of
from tests.auth.browser import Browser
from tests.factories import PASSWORD


@pytest.fixture(scope="session")
def app(make_project_app):
    return make_project_app()


@pytest.fixture
def user(make_user):
    return make_user()


@pytest.fixture
def browser(api):
    return Browser(api)


@pytest.fixture
def signed_in(browser, user):
    browser.sign_in(user.username, PASSWORD)
    return browser


@pytest.fixture
def fresh(api, db):
    """A function that gives the client of a user who has just signed in."""

    def call(user, **kw):
        client = api(user, **kw)
        db.execute(update(OAuth2Grant).values(auth_time=now(), amr=("pwd",)))
        return client

    return call


@pytest.fixture
def run(app, api, db):
    """A function that runs a job, in the transaction of the test."""

    def call(job, **values):
        api()
        origin = {"request_id": "of a test", "address": f"job:{job.name}"}
        with session_of(app.registry, **origin) as session:
            job(Run(app.registry, session, "key", 1, session.commit), **values)
            session.commit()

    return call
