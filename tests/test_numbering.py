"""Ids are never used again, not even after a migration has copied the table."""

import shutil
from functools import partial

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import MetaData, delete, insert, text

from apiserver.core.db import Base
from apiserver.histories import add_histories, direct
from apiserver.prepare import without_histories
from tests.conftest import INI, ROOT, SERVER
from tests.test_migrations import VALUES, fill, rows

only_sqlite = pytest.mark.skipif(SERVER is not None, reason="copies tables of SQLite")

NUMBERED = ["audit_event", "oauth2_client", "oauth2_grant", "team", "user"]

MIGRATION = """
import sqlalchemy as sa
from alembic import op

revision, down_revision = "of_a_test", "{head}"


def upgrade():
    {upgrade}


def downgrade():
    {downgrade}
"""
LONGER = """\
with op.batch_alter_table("team") as batch:
        batch.alter_column("title", type_=sa.String({length}))"""
DRAWER = """\
op.create_table(
        "drawer",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("label", sa.String(9)),
    )"""


@pytest.fixture
def connection(own_connection):
    return own_connection


@pytest.fixture
def config(tmp_path, own_connection):
    # With what Python has compiled: each test would compile all of it.
    shutil.copytree(ROOT / "migrations", tmp_path / "migrations")
    config = without_histories(INI)
    config.set_main_option("script_location", str(tmp_path / "migrations"))
    # Those of features, which the database has.
    add_histories(config, own_connection)
    return config


@pytest.fixture
def migrate(connection, config):
    """A function that runs a command of Alembic on the database."""
    config.attributes["connection"] = connection

    def run(what, *arguments):
        what(config, *arguments)
        connection.commit()

    return run


@pytest.fixture
def write(tmp_path, config):
    """A function that writes a migration by hand, after the newest."""
    scripts = ScriptDirectory.from_config(config)
    head = scripts.get_revision("central@head").revision

    def write(**parts):
        path = tmp_path / "migrations" / "versions" / "of_a_test.py"
        path.write_text(MIGRATION.format(head=head, **parts))

    return write


def add(connection, name):
    """Add a row of sample values; return its id."""
    table = MetaData()
    table.reflect(connection, only=[name])
    table = table.tables[name]
    row = {
        column.name: VALUES[column.type.python_type]
        for column in table.columns
        if column.name != "id"
    }
    return connection.execute(insert(table).values(row).returning(table.c.id)).scalar()


def empty(connection, name):
    connection.execute(delete(Base.metadata.tables[name]))


def newest(connection, name):
    """Empty the table; return the id that its newest row had."""
    empty(connection, name)
    number = add(connection, name)
    empty(connection, name)
    connection.commit()
    return number


class TestModels:
    @pytest.mark.parametrize("name", NUMBERED)
    def test_give_no_id_twice(self, connection, name):
        fill(connection)
        used = newest(connection, name)
        assert add(connection, name) > used


class TestMigration:
    @pytest.fixture
    def change_title(self, write):
        write(upgrade=LONGER.format(length=80), downgrade=LONGER.format(length=50))

    def test_that_alters_a_table_keeps_its_numbers(
        self, connection, migrate, change_title
    ):
        used = newest(connection, "team")
        migrate(command.upgrade, "heads")
        assert add(connection, "team") == used + 1
        empty(connection, "team")
        connection.commit()
        migrate(command.downgrade, "central@-1")
        assert add(connection, "team") == used + 2

    @only_sqlite
    def test_of_a_new_table_numbers_its_rows_once(self, connection, migrate, write):
        """Though it was written by hand, and made again after it was dropped."""
        write(upgrade=DRAWER, downgrade='op.drop_table("drawer")')
        migrate(command.upgrade, "heads")
        connection.execute(text("INSERT INTO drawer (id) VALUES (7)"))
        connection.commit()
        migrate(command.downgrade, "central@-1")
        migrate(command.upgrade, "heads")
        assert add(connection, "drawer") == 8


@only_sqlite
class TestDatabaseOfBefore:
    @pytest.fixture
    def before(self, connection, migrate):
        """Makes the tables as they were without AUTOINCREMENT, with a row in each."""
        metadata = MetaData()
        metadata.reflect(connection)
        metadata.drop_all(connection)
        connection.execute(text("DELETE FROM sqlite_sequence"))
        connection.commit()
        migrate(command.upgrade, "a3cf5f3e5442")
        # Of AUTOINCREMENT nothing is read from a database.
        metadata = MetaData()
        metadata.reflect(connection)
        metadata.drop_all(connection)
        metadata.create_all(connection)
        connection.commit()
        migrate(command.stamp, "a3cf5f3e5442")
        fill(connection)

    def test_uses_an_id_again(self, connection, before):
        used = newest(connection, "team")
        assert add(connection, "team") == used

    def test_does_so_no_more_once_it_is_migrated(self, connection, migrate, before):
        original = rows(connection)
        migrate(command.upgrade, "heads")
        migrated = rows(connection)
        kept = {name: len(migrated[name]) for name in original}
        assert kept == dict.fromkeys(original, 1)
        migrate(command.check)
        used = newest(connection, "team")
        assert add(connection, "team") > used

    def test_is_written_by_autogenerate(self, migrate, before, config, tmp_path):
        migrate(command.stamp, "heads")
        central = direct(config, "head")
        migrate(partial(command.revision, **central), "Number again", True)
        (written,) = tmp_path.glob("migrations/versions/*number_again.py")
        assert "    op.never_reuse_ids()\n" in written.read_text("utf-8")

    def test_is_seen_by_the_check(self, migrate, before):
        migrate(command.stamp, "heads")
        with pytest.raises(CommandError, match="never_reuse_ids"):
            migrate(command.check)
