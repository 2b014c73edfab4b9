"""What the tests of sessions share: the project's application, and its browsers."""

import pytest

from tests.auth.browser import Browser
from tests.factories import make_session as new_session


@pytest.fixture(scope="session")
def app(make_project_app):
    return make_project_app()


@pytest.fixture
def browser(api):
    return Browser(api)


@pytest.fixture
def make_session(db):
    """A function that makes a session of a user in a browser."""
    return lambda *args, **kw: new_session(db, *args, **kw)
