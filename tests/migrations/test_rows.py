"""Migrations of filled databases, by every door: no row of another table changes."""

from contextlib import suppress

import pytest
from alembic.util import CommandError
from pyramid.paster import get_appsettings
from sqlalchemy import text

import apiserver
from apiserver import migrating, prepare
from apiserver.core.db import make_engines
from apiserver.features import histories
from apiserver.histories import revisions_in
from tests.conftest import SERVER
from tests.doors import logging_as_it_was
from tests.migrations.filling import rows, schema, tables

WIDEN = """
with op.batch_alter_table("{0}") as batch_op:
    batch_op.alter_column("{1}", existing_type=sa.String({2}), type_=sa.String({3}))
"""
# Of tables that others refer to: a row of these ends with theirs.
WIDENED = [("team", "title", 50), ("user", "username", 80)]

BY_HAND = """
made = sa.text("SELECT sql FROM sqlite_master WHERE name = 'team'")
made = op.get_bind().scalar(made)
op.execute("CREATE TABLE team_copy AS SELECT * FROM team")
op.drop_table("team")
op.execute(made)
op.execute("INSERT INTO team SELECT * FROM team_copy")
op.drop_table("team_copy")
"""

needs_sqlite = pytest.mark.skipif(SERVER is not None, reason="is about SQLite")


def by_alembic(ini, url):
    migrating.main(["-c", str(ini), "upgrade", "head"])


def by_server(ini, url):
    """As make run does, where the server begins with migrating."""
    settings = {**get_appsettings(str(ini)), "sqlalchemy.url": url}
    settings["apiserver.prepare_database"] = "true"
    app = apiserver.main({"__file__": str(ini)}, **settings)
    for sessions in (app.registry.write_sessions, app.registry.read_sessions):
        sessions.kw["bind"].dispose()


def by_function(ini, url):
    for engine in make_engines(url):
        with engine.connect() as connection:
            prepare.migrate(ini, connection)
        engine.dispose()


DOORS = {"alembic": by_alembic, "server": by_server, "function": by_function}
TASKS = ("upgrade", "init-development-data")


@pytest.fixture(params=[*DOORS, *TASKS])
def upgrade(request, project, url, task, monkeypatch):
    """A function that goes up by one of the doors."""

    def run():
        monkeypatch.setenv("DATABASE_URL", url)
        ini = project / "testing.ini"
        with logging_as_it_was():
            if request.param in DOORS:
                DOORS[request.param](ini, url)
            elif request.param == "upgrade":
                task("upgrade")
            else:
                task("init-development-data", "--skip-on-failure")

    return run


class TestWidenedColumn:
    @pytest.mark.parametrize(("table", "column", "length"), WIDENED)
    def test_changes_no_row(self, engine, write, well, table, column, length):
        upgrade = WIDEN.format(table, column, length, length + 30)
        write(upgrade, WIDEN.format(table, column, length + 30, length))
        before, shape = rows(engine), schema(engine)
        well("upgrade")
        assert rows(engine) == before
        assert schema(engine) != shape
        well("downgrade")
        assert (rows(engine), schema(engine)) == (before, shape)

    def test_changes_no_row_by_any_door(self, engine, write, upgrade):
        revision = write(WIDEN.format("team", "title", 50, 80))
        before = rows(engine)
        upgrade()
        assert rows(engine) == before
        assert revision_of(engine) == revision

    @needs_sqlite
    def test_leaves_foreign_keys_on(self, engine, write, url, project):
        write(WIDEN.format("team", "title", 50, 80))
        with engine.connect() as connection:
            prepare.migrate(project / "testing.ini", connection)
            assert connection.scalar(text("PRAGMA foreign_keys")) == 1
            connection.execute(text("DELETE FROM team WHERE id = 1"))
            members = text("SELECT count(*) FROM team_member WHERE team_id = 1")
            assert connection.scalar(members) == 0


def revision_of(engine):
    """Return the revision of the central history; None for one that others imply."""
    others = {r for folder in histories({}).values() for r in revisions_in(folder)}
    with engine.connect() as connection:
        found = connection.scalars(text("SELECT version_num FROM alembic_version"))
        return next(iter(set(found) - others), None)


@needs_sqlite
class TestByHand:
    """What Alembic's batches do, written out, and what else drops a table."""

    def test_a_table_is_dropped_and_made_again(self, engine, write, well):
        write(BY_HAND)
        before = rows(engine)
        well("upgrade")
        assert rows(engine) == before

    def test_a_table_is_renamed_there_and_back(self, engine, write, well):
        there = 'op.rename_table("team", "crew")'
        write(there, 'op.rename_table("crew", "team")')
        before, shape = rows(engine), schema(engine)
        well("upgrade")
        after = rows(engine)
        assert after == {
            {"team": "crew"}.get(name, name): found for name, found in before.items()
        }
        with engine.begin() as connection:
            connection.execute(text("DELETE FROM crew WHERE id = 1"))
            found = connection.scalars(text("SELECT team_id FROM team_member")).all()
            assert sorted(found) == [2, 3]
            connection.rollback()
        well("downgrade")
        assert (rows(engine), schema(engine)) == (before, shape)

    def test_statements_outside_of_transactions_change_no_row(
        self, engine, write, well
    ):
        block = "with op.get_context().autocommit_block():\n    pass\n"
        write(block + WIDEN.format("team", "title", 50, 80).strip())
        before = rows(engine)
        well("upgrade")
        assert rows(engine) == before
        # The driver begins no transaction by itself, as before.
        with engine.connect() as connection:
            assert connection.connection.driver_connection.isolation_level is None


class TestBrokenForeignKey:
    """A migration after which a row refers to nothing is undone, and says which."""

    @pytest.fixture
    def of_members(self, engine):
        """Only members refer to teams: features that are there have more that does."""
        with engine.begin() as connection:
            for table in tables(connection):
                referred = {key.column.table.name for key in table.foreign_keys}
                if "team" in referred and table.name != "team_member":
                    connection.execute(table.delete())

    @needs_sqlite
    @pytest.mark.parametrize(
        ("upgrade", "said"),
        [
            (
                'op.execute("DELETE FROM team WHERE id IN (1, 3)")',
                "2 rows of team_member would refer to rows that team doesn't have "
                "(rowid 1, 3)",
            ),
            (
                'op.execute("UPDATE team_member SET user_id = user_id + 100")',
                "3 rows of team_member would refer to rows that user doesn't have "
                "(rowid 1, 2, 3)",
            ),
            (
                'op.drop_table("team")',
                "3 rows of team_member would refer to rows that team doesn't have "
                "(rowid 1, 2, 3)",
            ),
            (
                'op.execute("DELETE FROM team_member")\nop.drop_table("team")',
                "team_member would refer to team, which does not exist",
            ),
        ],
    )
    def test_is_named(self, engine, of_members, write, task, upgrade, said):
        write(f"{WIDEN.format('user', 'username', 80, 99).strip()}\n{upgrade}")
        before, shape = rows(engine), schema(engine)
        status, printed, error = task("upgrade")
        assert (status, printed) == (1, "")
        assert error.startswith("The migration was rolled back: ")
        assert said in error
        assert (rows(engine), schema(engine)) == (before, shape)

    @needs_sqlite
    @pytest.mark.parametrize("upgrade", ["alembic", "server"], indirect=True)
    def test_changes_nothing_by_other_doors(self, engine, write, upgrade):
        write('op.execute("UPDATE team_member SET user_id = user_id + 100")')
        before, shape, revision = rows(engine), schema(engine), revision_of(engine)
        with suppress(CommandError, SystemExit):
            upgrade()
        assert (rows(engine), schema(engine)) == (before, shape)
        assert revision_of(engine) == revision

    @needs_sqlite
    def test_of_a_key_that_is_none(self, engine, write, task):
        write("""
op.create_table(
    "note_of_a_test",
    sa.Column("title", sa.String(50), sa.ForeignKey("team.title"), nullable=False),
)
""")
        before = rows(engine)
        status, _, error = task("upgrade")
        assert (status, error) == (
            1,
            'A foreign key has no target: foreign key mismatch - "note_of_a_test" '
            'referencing "team".\n',
        )
        assert rows(engine) == before


class TestAllOfThem:
    def test_lead_to_nothing_and_back(self, engine, well):
        shape = schema(engine)
        well("downgrade", "--revision", "base")
        assert set(rows(engine)) == set()
        well("upgrade")
        assert schema(engine) == shape


class TestFailure:
    """Each revision is a transaction: what fails is undone, those before it stay."""

    FAILING = """
op.create_table("note_of_a_test", sa.Column("id", sa.Integer, primary_key=True))
op.execute("INSERT INTO note_of_a_test (id) VALUES (1)")
op.execute("DELETE FROM team_member")
with op.batch_alter_table("team") as batch_op:
    batch_op.add_column(sa.Column("name", sa.String(50)))
op.execute("SELECT nonsense")
"""

    def test_half_way_undoes_all_of_the_revision(self, engine, write, task):
        write(self.FAILING)
        before, shape, revision = rows(engine), schema(engine), revision_of(engine)
        status, _, error = task("upgrade")
        assert (status, "nonsense" in error) == (1, True)
        assert (rows(engine), schema(engine)) == (before, shape)
        assert revision_of(engine) == revision

    def test_leaves_the_revisions_before_it(self, engine, write, task):
        first = write(WIDEN.format("team", "title", 50, 80))
        write(self.FAILING)
        before = rows(engine)
        assert task("upgrade")[0] == 1
        assert rows(engine) == before
        assert revision_of(engine) == first

    def test_of_a_downgrade_undoes_it(self, engine, write, well, task):
        revision = write("pass", self.FAILING)
        well("upgrade")
        before, shape = rows(engine), schema(engine)
        assert task("downgrade")[0] == 1
        assert (rows(engine), schema(engine)) == (before, shape)
        assert revision_of(engine) == revision

    @needs_sqlite
    def test_follows_where_a_transaction_has_begun(self, engine, project):
        """Foreign keys can't be switched off inside of one."""
        with (
            engine.begin() as connection,
            pytest.raises(Exception, match="without a transaction"),
        ):
            prepare.migrate(project / "testing.ini", connection)


@needs_sqlite
class TestPrintedStatements:
    def test_turn_foreign_keys_off(self, engine, write, head, well):
        before = head()
        write('op.drop_table("throttle")')
        printed = well("upgrade", "--revision", f"{before}:central@head", "--sql")
        lines = [line for line in printed.splitlines() if line]
        assert lines[:2] == ["PRAGMA foreign_keys = OFF;", "BEGIN;"]
        assert lines[-3:] == [
            "COMMIT;",
            "PRAGMA foreign_key_check;",
            "PRAGMA foreign_keys = ON;",
        ]
