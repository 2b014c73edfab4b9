"""The migrations: they lead to the models, and back, and keep what is stored."""

import pytest
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import MetaData, inspect, text

from apiserver.migrating import main
from apiserver.prepare import configuration
from apiserver.users.names import canonical
from tests.conftest import INI
from tests.forked import in_fork
from tests.migrations import filling
from tests.served import clean_environment

# All, from the first to the last; those that come with the project.
REVISIONS = [
    script.revision
    for script in ScriptDirectory.from_config(Config(str(INI))).walk_revisions()
][::-1]
OURS = {
    "a3cf5f3e5442",
    "5d0c6b4e8f21",
    "9b1f7a3c2d64",
    "c47e0d5a8b19",
    "01218ebe7599",
    "3e8a51c9d7f4",
}
SHIPPED = [revision for revision in REVISIONS if revision in OURS]

# A value for each type of column; all rows have the key 1, so foreign keys fit.
VALUES = {kind: make(1) for kind, make in filling.VALUES.items()} | {bool: True}


@pytest.fixture
def connection(own_connection):
    return own_connection


@pytest.fixture
def migrate(connection):
    """A function that runs a command of Alembic on the database."""
    config = configuration(INI, connection)

    def run(what, *revision):
        # What was read has begun a transaction; migrations have their own.
        connection.rollback()
        what(config, *revision)

    return run


@pytest.fixture
def empty(connection):
    """Makes the database one that was never migrated."""
    metadata = MetaData()
    metadata.reflect(connection)
    metadata.drop_all(connection)
    connection.commit()


def schema(connection):
    """Return columns, indexes, constraints and keys as the database has them."""
    metadata = MetaData()
    metadata.reflect(connection)
    inspector = inspect(connection)
    return {
        name: (
            [str(column) + repr(column.type) for column in table.columns],
            sorted(map(str, inspector.get_indexes(name))),
            sorted(map(str, inspector.get_unique_constraints(name))),
            sorted(map(str, inspector.get_foreign_keys(name))),
        )
        for name, table in metadata.tables.items()
        if name != "alembic_version"
    }


def tables(connection):
    metadata = MetaData()
    metadata.reflect(connection)
    return [t for t in metadata.sorted_tables if t.name != "alembic_version"]


def fill(connection):
    """Insert a row into each table."""
    for table in tables(connection):
        row = {column.name: VALUES[column.type.python_type] for column in table.columns}
        connection.execute(table.insert().values(row))
    connection.commit()


def by_id(row):
    return row["id"]


def rows(connection):
    """Return the rows of each table as documents."""
    found = {
        table.name: [dict(row) for row in connection.execute(table.select()).mappings()]
        for table in tables(connection)
    }
    connection.commit()
    return found


class TestMigrations:
    def test_lead_to_the_models(self, migrate):
        """Raises where autogenerate would write something."""
        migrate(command.check)

    def test_lead_back_to_nothing(self, empty, migrate, connection):
        migrate(command.upgrade, SHIPPED[-1])
        assert len(inspect(connection).get_table_names()) > 1
        migrate(command.downgrade, "base")
        assert inspect(connection).get_table_names() == ["alembic_version"]

    def test_each_can_be_undone_and_done_again(self, empty, migrate, connection):
        before = {}
        for revision in SHIPPED:
            migrate(command.upgrade, revision)
            after = schema(connection)
            migrate(command.downgrade, "central@-1")
            assert schema(connection) == before
            migrate(command.upgrade, revision)
            assert schema(connection) == after
            before = after
        assert before

    def test_keep_what_is_stored(self, empty, migrate, connection):
        migrate(command.upgrade, SHIPPED[0])
        fill(connection)
        original = rows(connection)
        assert {len(stored) for stored in original.values()} == {1}
        migrate(command.upgrade, SHIPPED[-1])
        migrated = rows(connection)
        for table, (row,) in original.items():
            kept = migrated[table][0]
            assert {name: kept[name] for name in row if name in kept}.items() <= (
                row.items()
            )
        migrate(command.downgrade, SHIPPED[0])
        assert rows(connection) == original

    def test_are_one_line_from_the_first_to_the_last(self):
        scripts = ScriptDirectory.from_config(Config(str(INI)))
        assert (scripts.get_bases(), scripts.get_heads()) == (
            REVISIONS[:1],
            REVISIONS[-1:],
        )


class TestNames:
    """Accounts of before have what names are compared by today."""

    NAMES = ("user1", "\u0430dmin", "admin", "userl", "Ada L.", "a\u200bda")
    EMAILS = (
        "ada@bücher.example",
        "bob@xn--bcher-kva.example",
        "ada@xn--bcher-kva.example",
        "bob@straße.example",
        "cy@example.com",
        "no address",
    )
    FORMS = text('SELECT username_skeleton, canonical_email FROM "user" ORDER BY id')

    @pytest.fixture
    def before(self, empty, migrate, connection):
        migrate(command.upgrade, "5d0c6b4e8f21")
        user = next(table for table in tables(connection) if table.name == "user")
        row = {column.name: VALUES[column.type.python_type] for column in user.columns}
        rows = [
            {
                **row,
                "id": number,
                "username": username,
                "canonical_username": canonical(username),
                "email": email,
                "canonical_email": canonical(email),
            }
            for number, (username, email) in enumerate(
                zip(self.NAMES, self.EMAILS, strict=True), start=1
            )
        ]
        connection.execute(user.insert(), rows)
        connection.commit()
        return rows

    def test_are_compared_by_today_s_rules(self, before, migrate, connection):
        migrate(command.upgrade, "c47e0d5a8b19")
        # The oldest of several that look alike, or are the same.
        assert [tuple(row) for row in connection.execute(self.FORMS)] == [
            ("userl", "ada@bücher.example"),
            ("adrnln", "bob@xn--bcher-kva.example"),
            (None, "ada@xn--bcher-kva.example"),
            (None, "bob@xn--strae-oqa.example"),
            ("ada l.", "cy@example.com"),
            ("ada", "no address"),
        ]

    def test_are_as_they_were_afterwards(self, before, migrate, connection):
        original = rows(connection)
        migrate(command.upgrade, "c47e0d5a8b19")
        migrate(command.downgrade, "5d0c6b4e8f21")
        # PostgreSQL gives them in the order in which they were changed.
        assert sorted(rows(connection)["user"], key=by_id) == original["user"]


@pytest.mark.slow
class TestCommandLine:
    """As an operator migrates: the database is the one that the environment names."""

    @pytest.fixture
    def alembic(self, tmp_path):
        """A function that runs Alembic's command, and returns what it has printed."""

        def run(*arguments, url=f"sqlite:///{tmp_path}/database"):
            environment = clean_environment(DATABASE_URL=url)
            words = ("-c", str(INI), *arguments)
            status, output, errors = in_fork(main, *words, environment=environment)
            assert status == 0, errors
            return output

        return run

    def test_upgrades(self, alembic):
        assert alembic("current") == ""
        alembic("upgrade", "head")
        assert f"{REVISIONS[-1]} (" in alembic("current")
        assert alembic("check") == "No new upgrade operations detected.\n"

    def test_prints_sql_without_a_database(self, alembic):
        url = "postgresql://nobody@127.0.0.1:1/nothing"
        printed = alembic("upgrade", "head", "--sql", url=url)
        assert 'CREATE TABLE "user"' in printed
        assert printed.rstrip().endswith("COMMIT;")
