"""The migrations of projects: a history of their own, beside that of the server."""

import pytest
from alembic import command
from sqlalchemy import inspect

from apiserver.prepare import configuration, migrate
from tests.databases import INI
from tests.settings import own_settings


@pytest.fixture
def connection(own_connection, monkeypatch):
    monkeypatch.setenv("APISERVER_FEATURES", own_settings()["apiserver.features"])
    migrate(INI, own_connection)
    return own_connection


@pytest.fixture
def run(connection):
    """A function that runs a command of Alembic on the database."""
    config = configuration(INI)
    config.attributes["connection"] = connection

    def call(what, *revision):
        connection.rollback()
        what(config, *revision)

    return call


def test_lead_to_the_models_and_back(run, connection):
    run(command.check)
    assert inspect(connection).has_table("project")
    run(command.downgrade, "projects@base")
    assert not inspect(connection).has_table("project")
    assert inspect(connection).has_table("team")
