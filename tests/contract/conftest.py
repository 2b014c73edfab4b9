"""The application of the project, and those of a tiny feature, as for core."""

import pytest

from tests.core.conftest import make_core_app

__all__ = ["make_core_app"]


@pytest.fixture(scope="session")
def app(make_project_app):
    """The application with all features of the project."""
    return make_project_app()
