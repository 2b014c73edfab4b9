"""What `invoke app.db.migrate` writes of changed models, run up and down on rows."""

import enum
from datetime import date
from typing import Any

import pytest
from sqlalchemy import (
    Boolean,
    Column,
    Date,
    DefaultClause,
    Double,
    Enum,
    ForeignKey,
    Index,
    Integer,
    Interval,
    MetaData,
    Numeric,
    String,
    Table,
    Text,
    Time,
    UniqueConstraint,
    Uuid,
    false,
    func,
)
from sqlalchemy.orm import DeclarativeBase, Mapped

from apiserver.core.db import (
    Base,
    ExactNumeric,
    JsonDocument,
    ListOf,
    PrimaryKey,
    UTCDateTime,
    search_index,
)
from apiserver.core.db.base import NAMING_CONVENTION, BigId
from apiserver.core.db.columns import values_of
from tests.migrations.filling import kept, rows, schema


class Kind(enum.Enum):
    OPEN = "open"
    CLOSED = "closed"


class Own(DeclarativeBase):
    """A base of its own, whose columns are those of any model."""

    type_annotation_map = Base.type_annotation_map


class Note(Own):
    __tablename__ = "note_of_a_test"

    id: Mapped[PrimaryKey]
    kind: Mapped[Kind]


def widen(team, tables):
    team.c.title.type = String(80)


def add(**types: Any) -> Any:
    """Return a function that adds columns to teams, by their names."""

    def change(team, tables):
        for name, (kind, *options) in types.items():
            team.append_column(Column(name, kind, **dict(options)))

    return change


def missing_never(kind: Any, default: Any) -> tuple[Any, ...]:
    """Return a column that needs a value, and has a default."""
    return kind, ("nullable", False), ("server_default", default)


def refer(team, tables):
    user = tables["user"].c.id
    column = Column(
        "owner_id", BigId, ForeignKey(user, ondelete="SET NULL"), index=True
    )
    team.append_column(column)


def index(team, tables):
    Index(None, team.c.updated)
    Index("ix_team_newest", team.c.updated.desc(), team.c.id, unique=True)


def index_for_lists(team, tables):
    Index("ix_team_latest", team.c.created.desc().nulls_last(), team.c.title)
    search_index("ix_team_words", team.c.title)


def be_unique(team, tables):
    team.append_constraint(UniqueConstraint("title"))


def allow_none_and_fill_in(team, tables):
    tables["user"].c.middle_name.nullable = True
    tables["user"].c.is_internal.server_default = DefaultClause(false())


def follow(team, tables):
    """A table that refers to two, and to itself."""
    Table(
        "note_of_a_test",
        team.metadata,
        Column("id", BigId, primary_key=True),
        Column("team_id", ForeignKey("team.id", ondelete="CASCADE"), nullable=False),
        Column("parent_id", ForeignKey("note_of_a_test.id", ondelete="CASCADE")),
        Column("kind", Enum(Kind, name="note_kind")),
    )


def together(*changes):
    """Return a function that makes all of these changes."""

    def change(team, tables):
        for each in changes:
            each(team, tables)

    return change


# Those that SQLite makes alike are made together: it rebuilds a table, or doesn't.
CHANGES = {
    "columns that are widened, may be missing, have a default": together(
        widen, allow_none_and_fill_in
    ),
    "columns": add(
        text=missing_never(String(20), "none"),
        quoted=missing_never(String(20), "it's"),
        empty=missing_never(Text, ""),
        number=missing_never(Integer, "0"),
        flag=missing_never(Boolean, false()),
        moment=missing_never(UTCDateTime, func.now()),
        price=(Numeric(10, 2),),
    ),
    "columns of every field": add(
        kind=missing_never(Enum(Kind, name="team_kind"), "OPEN"),
        kind_as_text=missing_never(Note.__table__.c.kind.type, "open"),
        exact=(ExactNumeric(8, 2),),
        double=(Double,),
        day=(Date,),
        clock=(Time,),
        duration=(Interval,),
        uuid=(Uuid,),
        json=(JsonDocument,),
        days=(ListOf(date),),
    ),
    "a foreign key, and a table": together(refer, follow),
    "indexes, of orders and of words, too": together(index, index_for_lists),
    "indexes and a unique constraint, for which it is rebuilt": together(
        index, be_unique
    ),
}
UNDONE = ("columns", "columns of every field", "a foreign key, and a table")


@pytest.fixture
def change(monkeypatch):
    """A function that puts changed models in the place of the real ones."""
    original = Base.metadata

    def change(how):
        metadata = MetaData(naming_convention=NAMING_CONVENTION)
        for table in original.sorted_tables:
            copied = {
                index.name: index for index in table.to_metadata(metadata).indexes
            }
            # SQLAlchemy forgets what was said of an index.
            for index in table.indexes:
                copied[index.name].info.update(index.info)
        how(metadata.tables["team"], metadata.tables)
        monkeypatch.setattr(Base, "metadata", metadata)

    return change


@pytest.mark.slow
class TestGenerated:
    @pytest.mark.parametrize("name", CHANGES)
    def test_changes_no_row(self, engine, well, change, name):
        before, shape = rows(engine), schema(engine)
        change(CHANGES[name])
        well("migrate", "--message", "change it")
        well("upgrade")
        assert kept(before, rows(engine)) == before
        upgraded = schema(engine)
        assert well("check") == "No new upgrade operations detected.\n"
        well("downgrade")
        assert (rows(engine), schema(engine)) == (before, shape)
        # What PostgreSQL keeps of it, as the type of an enum, is in nobody's way.
        well("upgrade")
        assert kept(before, rows(engine)) == before
        assert schema(engine) == upgraded

    @pytest.mark.parametrize("name", UNDONE)
    def test_is_undone_by_another(self, engine, well, change, monkeypatch, name):
        """As the column is dropped that an earlier migration has added."""
        before, shape = rows(engine), schema(engine)
        original = Base.metadata
        change(CHANGES[name])
        well("migrate", "--message", "change it")
        well("upgrade")
        monkeypatch.setattr(Base, "metadata", original)
        well("migrate", "--message", "change it back")
        well("upgrade")
        assert (rows(engine), schema(engine)) == (before, shape)
        assert well("check") == "No new upgrade operations detected.\n"
        well("downgrade")
        assert kept(before, rows(engine)) == before


class TestRefused:
    def test_column_that_no_row_has_a_value_for(self, engine, task, well, change):
        before, shape = rows(engine), schema(engine)
        change(add(more=(Integer, ("nullable", False))))
        well("migrate", "--message", "change it")
        assert task("upgrade")[0] == 1
        assert (rows(engine), schema(engine)) == (before, shape)


AS_TEXT = {"native_enum": False, "length": 40, "values_callable": values_of}


class TestEnumAsText:
    def test_takes_a_new_value_without_a_migration(self, engine, well, change):
        kind = Note.__table__.c.kind.type
        change(add(more=missing_never(kind, "open")))
        well("migrate", "--message", "change it")
        well("upgrade")
        more = Enum(enum.Enum("Kind", {"LOST": "lost", "OPEN": "open"}), **AS_TEXT)
        change(add(more=missing_never(more, "open")))
        assert well("check") == "No new upgrade operations detected.\n"


class TestByHand:
    """As docs/migrations.md says it is written, on both databases."""

    def test_column_gets_another_name(self, engine, write, well):
        write(
            'op.alter_column("team", "title", new_column_name="name")',
            'op.alter_column("team", "name", new_column_name="title")',
        )
        before, shape = rows(engine), schema(engine)
        well("upgrade")
        after = rows(engine)
        for original, renamed in zip(before["team"], after["team"], strict=True):
            assert renamed == {"name": original["title"], **renamed}
            assert "title" not in renamed
        assert {**after, "team": before["team"]} == before
        assert "ix_team_title_id" in str(schema(engine)["team"])
        well("downgrade")
        assert (rows(engine), schema(engine)) == (before, shape)

    def test_enum_of_the_database_comes_and_goes(self, engine, write, well):
        write(NATIVE, TEXT)
        before, shape = rows(engine), schema(engine)
        for _ in range(2):
            well("upgrade")
            assert kept(before, rows(engine)) == before
            well("downgrade")
            assert (rows(engine), schema(engine)) == (before, shape)


NATIVE = """
kind = sa.Enum("success", "x1", "x2", "x3", name="result_of_a_test")
kind.create(op.get_bind(), checkfirst=True)
with op.batch_alter_table("audit_event") as batch_op:
    batch_op.alter_column(
        "result",
        existing_type=sa.String(10),
        type_=kind,
        postgresql_using="result::result_of_a_test",
    )
"""
TEXT = """
with op.batch_alter_table("audit_event") as batch_op:
    batch_op.alter_column(
        "result",
        existing_type=sa.Enum("success", "x1", "x2", "x3", name="result_of_a_test"),
        type_=sa.String(10),
        postgresql_using="result::text",
    )
"""
