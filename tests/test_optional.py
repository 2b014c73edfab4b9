"""Features that a project may do without: nothing of them is there without their name.

Each has a history of migrations of its own.
"""

import json
import re

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from pyramid.interfaces import IRoutesMapper
from sqlalchemy import MetaData, inspect

from apiserver import migrating
from apiserver.core.db import Base
from apiserver.features import histories
from apiserver.histories import CENTRAL, direct, revisions_in
from apiserver.ops.schema import Schema
from apiserver.prepare import configuration, migrate
from tests.client import Client
from tests.conftest import INI
from tests.doors import logging_as_it_was
from tests.settings import OPTIONAL, PURE, ROOT, SHIPPED, TESTING
from tests.test_migrations import schema

HERE = [name for name in OPTIONAL if name in SHIPPED.split()]
WITH_HISTORY = [
    name for name in HERE if (ROOT / f"apiserver/{name}/migrations").exists()
]

pytestmark = pytest.mark.skipif(not HERE, reason="no optional feature is left")


def tables_of(names):
    return {
        mapper.local_table.name
        for mapper in Base.registry.mappers
        for name in names
        if mapper.class_.__module__.startswith(f"apiserver.{name}.")
    }


@pytest.fixture
def new(own_connection):
    """The connection of a database in which nothing is."""
    metadata = MetaData()
    metadata.reflect(own_connection)
    metadata.drop_all(own_connection)
    own_connection.commit()
    return own_connection


@pytest.fixture
def run(own_connection):
    """A function that runs a command of Alembic on the database."""

    def call(what, *revision, **options):
        own_connection.rollback()
        what(configuration(INI, own_connection), *revision, **options)

    return call


class TestSwitchedOff:
    def test_has_no_table(self, pure, new, run):
        migrate(INI, new)
        assert "user" in inspect(new).get_table_names()
        assert tables_of(HERE) & {*inspect(new).get_table_names()} == set()
        new.rollback()
        # Raises where the models of the others are missed.
        run(command.check)

    def test_has_no_route_setting_job_and_no_word_in_a_document(
        self, app, make_app, database_url
    ):
        without = make_app(database_url, features=PURE)
        mapper = without.registry.getUtility(IRoutesMapper)
        views = [
            entry.__module__
            for entry in (
                view["introspectable"]["callable"]
                for view in without.registry.introspector.get_category("views")
            )
            if entry is not None
        ]
        packages = tuple(f"apiserver.{name}." for name in HERE)
        assert [name for name in views if name.startswith(packages)] == []
        first = {
            route.pattern.strip("/").split("/")[0] for route in mapper.get_routes()
        }
        assert first & {*HERE} == set()
        settings = app.registry.known_settings - without.registry.known_settings
        assert settings
        assert settings.isdisjoint(TESTING)
        jobs = [job.function.__module__ for job in without.registry.jobs.values()]
        assert [name for name in jobs if name.startswith(packages)] == []
        document = json.dumps(Client(without).get("/openapi.json").json)
        assert [name for name in HERE if re.search(rf'"{name}\b', document)] == []

    def test_is_known_to_the_command_by_the_database(
        self, pure, make_database, monkeypatch, tmp_path
    ):
        """Its tables are compared with the models where they are, and only there."""
        monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/new.db")
        assert configuration(INI).attributes["histories"] == {}
        assert list(tmp_path.iterdir()) == []
        monkeypatch.setenv("DATABASE_URL", "postgresql://user@127.0.0.1:1/example")
        assert configuration(INI).attributes["histories"] == {}
        monkeypatch.setenv("DATABASE_URL", make_database(migrated=True))
        assert {*configuration(INI).attributes["histories"]} == {*WITH_HISTORY}
        monkeypatch.chdir(ROOT)
        with logging_as_it_was():
            # Exits where something is missed.
            migrating.main(["-c", "testing.ini", "check"])

    def test_serves_what_was_switched_off_later(
        self, pure, make_app, make_database, run, own_connection
    ):
        """Its tables stay, and are migrated with all others."""
        run(command.check)
        migrate(INI, own_connection)
        assert tables_of(HERE) <= {*inspect(own_connection).get_table_names()}
        client = Client(make_app(make_database(migrated=True), features=PURE))
        assert client.call("GET", "/readyz").json == {"status": "ready"}
        heads = Schema(str(INI)).heads
        for name in WITH_HISTORY:
            known = revisions_in(histories({})[name])
            assert heads & known == set()


@pytest.mark.parametrize("name", WITH_HISTORY)
class TestHistory:
    def test_leads_to_the_tables_and_back(self, name, run, own_connection):
        shape = schema(own_connection)
        run(command.downgrade, f"{name}@base")
        left = {*inspect(own_connection).get_table_names()}
        assert tables_of([name]) & left == set()
        assert "user" in left
        run(command.upgrade, "heads")
        own_connection.rollback()
        assert schema(own_connection) == shape

    def test_is_one_line_with_the_name_of_the_feature(self, name):
        scripts = ScriptDirectory.from_config(configuration(INI))
        line = {
            each.revision
            for each in scripts.walk_revisions(f"{name}@base", f"{name}@head")
            if name in each.branch_labels
        }
        assert line == revisions_in(histories({})[name])

    def test_is_added_to_where_it_is_named(self, name):
        config = configuration(INI)
        assert direct(config, f"{name}@head") == {"head": f"{name}@head"}
        assert config.attributes["history"] == name
        assert direct(config, "head") == {"head": "central@head"}
        assert config.attributes["history"] == CENTRAL


class TestNewHistory:
    def test_begins_after_the_newest_of_the_central_one(self, tmp_path):
        config = configuration(INI)
        config.attributes["histories"] = {"fair.stalls": tmp_path}
        assert direct(config, "fair.stalls@head") == {
            "head": "base",
            "branch_label": "stalls",
            "version_path": str(tmp_path),
            "depends_on": "central@head",
        }

    def test_needs_a_folder(self):
        with pytest.raises(CommandError, match=r"There is no history nothing among .*"):
            direct(configuration(INI), "nothing@head")


def test_steps_say_of_which_history(capsys, monkeypatch):
    monkeypatch.chdir(ROOT)
    with logging_as_it_was(), pytest.raises(SystemExit):
        migrating.main(["-c", "testing.ini", "downgrade", "-1"])
    sentence = "Name the history that is meant: central@-1, "
    assert capsys.readouterr().err.startswith(sentence)
