"""Tables of SQLite that are made anew: all that they had is there, or it is refused."""

import pytest
from sqlalchemy import text

from tests.conftest import SERVER
from tests.migrations.filling import rows, schema

pytestmark = pytest.mark.skipif(SERVER is not None, reason="is about SQLite")

REBUILD = """
with op.batch_alter_table("note_of_a_test") as batch_op:
    batch_op.alter_column("title", existing_type=sa.String(50), type_=sa.String({}))
"""
# What SQLAlchemy reads of a table, and what it doesn't.
NOTE = """
CREATE TABLE note_of_a_test (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    title VARCHAR(50) DEFAULT 'it''s' NOT NULL CHECK (length(title) > 0),
    number INTEGER DEFAULT (1 + 1),
    since DATETIME DEFAULT CURRENT_TIMESTAMP,
    parent_id INTEGER,
    team_id INTEGER NOT NULL,
    CONSTRAINT ck_note_number CHECK (number > 0),
    CONSTRAINT uq_note_number UNIQUE (number, title),
    UNIQUE (title),
    CONSTRAINT fk_note_parent FOREIGN KEY (parent_id)
        REFERENCES note_of_a_test (id) ON DELETE CASCADE,
    CONSTRAINT fk_note_team FOREIGN KEY (team_id)
        REFERENCES team (id) ON DELETE RESTRICT ON UPDATE CASCADE
        DEFERRABLE INITIALLY DEFERRED
)
"""
MORE = [
    "CREATE TABLE log_of_a_test (note INTEGER, FOREIGN KEY (note) "
    "REFERENCES note_of_a_test (id) ON DELETE CASCADE)",
    "CREATE INDEX ix_note_lower ON note_of_a_test (lower(title))",
    "CREATE INDEX ix_note_part ON note_of_a_test (number) WHERE number > 1",
    "CREATE INDEX ix_note_newest ON note_of_a_test (since DESC, title COLLATE NOCASE)",
    "CREATE UNIQUE INDEX ix_note_once ON note_of_a_test (team_id, title)",
    "CREATE TRIGGER note_added AFTER INSERT ON note_of_a_test BEGIN "
    "INSERT INTO log_of_a_test (note) VALUES (new.id); END",
    # On another table, and of it.
    "CREATE TRIGGER team_gone AFTER DELETE ON team BEGIN "
    "DELETE FROM note_of_a_test WHERE team_id = old.id; END",
    "CREATE VIEW titles_of_a_test AS SELECT title FROM note_of_a_test",
    "INSERT INTO note_of_a_test (title, number, parent_id, team_id) "
    "VALUES ('one', 1, NULL, 1), ('two', 2, 1, 1), ('three', 3, 2, 2)",
    "DELETE FROM note_of_a_test WHERE title = 'three'",
]


def run(engine, *statements):
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))


def made_of(engine):
    """Return how all was made that isn't a table, as it was written."""
    written = "SELECT sql FROM sqlite_master WHERE type <> 'table' ORDER BY sql"
    with engine.connect() as connection:
        return connection.scalars(text(written)).all()


class TestRebuiltTable:
    @pytest.fixture(autouse=True)
    def note(self, engine):
        run(engine, NOTE, *MORE)

    @pytest.fixture(autouse=True)
    def silence(self, recwarn):
        """Alembic and SQLAlchemy warn of what they lose, which comes back."""

    def test_has_what_it_had(self, engine, write, well):
        write(REBUILD.format(80), REBUILD.format(50))
        before, shape, parts = rows(engine), schema(engine), made_of(engine)
        well("upgrade")
        assert rows(engine) == before
        widened = schema(engine)
        note = [part.replace("=80", "=50") for part in widened["note_of_a_test"]]
        assert {**widened, "note_of_a_test": note} == shape
        assert set(made_of(engine)) == set(parts)
        well("downgrade")
        assert (rows(engine), schema(engine)) == (before, shape)

    def test_never_gives_an_id_again(self, engine, write, well):
        write(REBUILD.format(80))
        well("upgrade")
        new = "INSERT INTO note_of_a_test (title, number, team_id) VALUES ('x', 4, 3)"
        run(engine, new)
        assert rows(engine)["note_of_a_test"][-1]["id"] == 4

    def test_that_is_empty_gives_none_again(self, engine, write, well):
        run(engine, "DELETE FROM note_of_a_test")
        write(REBUILD.format(80))
        well("upgrade")
        new = "INSERT INTO note_of_a_test (title, team_id) VALUES ('x', 3)"
        run(engine, new)
        assert [row["id"] for row in rows(engine)["note_of_a_test"]] == [4]

    def test_leaves_out_what_the_migration_drops(self, engine, write, well):
        write("""
with op.batch_alter_table("note_of_a_test") as batch_op:
    batch_op.drop_index("ix_note_part")
    batch_op.drop_constraint(op.f("ck_note_number"), type_="check")
    batch_op.drop_constraint("fk_note_parent", type_="foreignkey")
    batch_op.drop_column("parent_id")
""")
        before = rows(engine)
        well("upgrade")
        for row in before["note_of_a_test"]:
            del row["parent_id"]
        assert rows(engine) == before
        said = str(schema(engine)["note_of_a_test"])
        for dropped in ("ix_note_part", "ck_note_number", "fk_note_parent"):
            assert dropped not in said
        for kept in ("ix_note_once", "uq_note_number", "fk_note_team"):
            assert kept in said


class TestRefusedTable:
    @pytest.mark.parametrize(
        ("made", "lost"),
        [
            ("title VARCHAR(50) COLLATE NOCASE", "COLLATE"),
            ("title VARCHAR(50) NOT NULL ON CONFLICT IGNORE", "ON CONFLICT"),
            ("title VARCHAR(50) REFERENCES team (id) ON DELETE CASCADE", "ON DELETE"),
        ],
    )
    def test_would_lose_something(self, engine, write, task, made, lost):
        run(engine, f"CREATE TABLE note_of_a_test (id INTEGER PRIMARY KEY, {made})")
        write(REBUILD.format(80))
        shape = made_of(engine), schema(engine)
        status, _, error = task("upgrade")
        assert (status, error) == (
            1,
            f"A copy of note_of_a_test would lose its {lost}: describe it, "
            "op.batch_alter_table(…, copy_from=…).\n",
        )
        assert (made_of(engine), schema(engine)) == shape

    def test_is_taken_when_it_is_described(self, engine, write, well):
        run(
            engine,
            "CREATE TABLE note_of_a_test (title VARCHAR(50) COLLATE NOCASE)",
            "INSERT INTO note_of_a_test VALUES ('One')",
        )
        write("""
note = sa.Table(
    "note_of_a_test",
    sa.MetaData(),
    sa.Column("title", sa.String(50, collation="NOCASE")),
)
with op.batch_alter_table("note_of_a_test", copy_from=note) as batch_op:
    batch_op.add_column(sa.Column("more", sa.Text))
    batch_op.alter_column("title", nullable=False)
""")
        well("upgrade")
        with engine.connect() as connection:
            found = text("SELECT title FROM note_of_a_test WHERE title = 'ONE'")
            assert connection.scalars(found).all() == ["One"]
