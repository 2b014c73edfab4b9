"""What the tests of the audit log share: the project's application."""

import pytest

from tests.audit.places import make_event
from tests.project import app


@pytest.fixture
def make(db):
    """A function that makes an event."""
    return lambda **values: make_event(db, **values)
