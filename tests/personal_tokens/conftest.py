"""What the tests of personal access tokens share."""

import pytest
from sqlalchemy import update

from apiserver.auth.models import OAuth2Grant
from apiserver.core.db import now
from tests.auth.browser import Browser
from tests.client import Client
from tests.personal_tokens import factories


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
def make_personal_token(db):
    """A function that makes a token; it returns the row, and the token."""
    return lambda *args, **kw: factories.make_personal_token(db, *args, **kw)


@pytest.fixture
def calling(app, api):
    """A function that gives the client of whoever holds a token."""

    def call(token):
        api()
        return Client(app, token)

    return call


@pytest.fixture
def fresh(api, db):
    """A function that gives the client of a user who has just signed in."""

    def call(user, **kw):
        client = api(user, **kw)
        db.execute(update(OAuth2Grant).values(auth_time=now(), amr=("pwd",)))
        return client

    return call
