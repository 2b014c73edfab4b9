"""The application of the project, walks over it, and those of a tiny feature."""

from functools import partial

import pytest

from tests.contract.walk import Walk
from tests.core.conftest import make_core_app

__all__ = ["make_core_app"]


@pytest.fixture(scope="session")
def app(make_project_app):
    """The application with all features of the project."""
    return make_project_app()


@pytest.fixture
def walk_as(app, api, connection, db):
    """A function that returns the walk of a kind of callers."""
    api()
    return partial(Walk, app, connection, db)
