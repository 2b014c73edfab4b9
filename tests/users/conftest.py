"""What the tests of accounts share: whose they are, and who calls."""

import pytest
from sqlalchemy import select

from apiserver.users.models import User
from tests.project import admin, user


@pytest.fixture
def client(api, user):
    """The client of the user."""
    return api(user)


@pytest.fixture
def path(user):
    return f"/users/{user.id}"


@pytest.fixture
def stored(db):
    """A function that returns the account of a name, or None."""
    return lambda name: db.scalar(select(User).where(User.username == name))
