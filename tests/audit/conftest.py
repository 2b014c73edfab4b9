"""What the tests of the audit log share: the project's application."""

import pytest

from tests.audit.places import make_event


@pytest.fixture(scope="session")
def app(make_project_app):
    return make_project_app()


@pytest.fixture
def make(db):
    """A function that makes an event."""
    return lambda **values: make_event(db, **values)
