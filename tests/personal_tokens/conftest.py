"""What the tests of personal access tokens share."""

import pytest

from tests.client import Client
from tests.personal_tokens import factories
from tests.project import (
    admin,
    an_hour_later,
    app,
    browser,
    refused_later,
    signed_in,
    user,
)


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
