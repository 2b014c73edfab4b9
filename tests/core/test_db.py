"""The database: types that mean the same on each, constraints that become errors."""

import enum
from datetime import UTC, datetime, timedelta, timezone
from functools import partial

import colander
import pytest
from sqlalchemy import Column, Integer, MetaData, Table, insert, literal, select, text
from sqlalchemy.exc import IntegrityError, StatementError
from sqlalchemy.orm import DeclarativeBase, Mapped

from apiserver.core.db import Base, PrimaryKey, UTCDateTime, Words, constraints
from apiserver.core.db.integrity import violated_constraint
from apiserver.core.http import Conflict
from apiserver.core.lists import node_of
from apiserver.teams.models import Team, TeamMember
from apiserver.users.models import User
from tests.conftest import SERVER

SAMPLE = Table(
    "sample",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("moment", UTCDateTime),
    Column("words", Words),
)


class Taken(Conflict):
    pass


EMAIL = partial(constraints, uq_user_canonical_email=Taken)


@pytest.fixture
def stored(connection):
    """A function that stores a value, and returns what is read again."""
    SAMPLE.create(connection, checkfirst=True)

    def store(**column):
        connection.execute(insert(SAMPLE).values(**column))
        return connection.execute(
            select(*(SAMPLE.c[name] for name in column))
        ).scalar_one()

    return store


class TestUTCDateTime:
    @pytest.mark.parametrize("hours", [0, 5.5, -11])
    def test_is_the_same_moment_in_utc(self, stored, hours):
        zone = timezone(timedelta(hours=hours))
        moment = datetime(2026, 3, 1, 12, 30, 15, 123456, tzinfo=zone)
        read = stored(moment=moment)
        assert (read, read.tzinfo) == (moment, UTC)

    def test_has_an_offset_or_is_missing(self, stored):
        """Or it would mean another moment on a server in another zone."""
        assert stored(moment=None) is None
        with pytest.raises(StatementError, match="must have a UTC offset"):
            stored(moment=datetime(2026, 3, 1, 12))  # noqa: DTZ001 (that is the test)


class TestWords:
    @pytest.mark.parametrize(
        ("words", "stored_as"),
        [((), ""), (("a",), "a"), (("a:b", "c"), "a:b c"), (None, None)],
    )
    def test_are_a_tuple_which_is_stored_as_text(
        self, stored, connection, words, stored_as
    ):
        assert stored(words=words) == words
        assert connection.scalar(text("SELECT words FROM sample")) == stored_as


class Color(enum.Enum):
    RED = "red"
    BLUE = 2


class Own(DeclarativeBase):
    type_annotation_map = Base.type_annotation_map


class Painted(Own):
    __tablename__ = "painted_by_a_test"

    id: Mapped[PrimaryKey]
    color: Mapped[Color]


class TestEnum:
    def test_is_text_with_its_value(self, connection):
        table = Painted.__table__
        table.create(connection)
        for number, color in enumerate(Color):
            connection.execute(insert(table).values(id=number, color=color))
        stored = text("SELECT color FROM painted_by_a_test ORDER BY id")
        assert connection.scalars(stored).all() == ["red", "2"]
        read = select(table.c.color).order_by(table.c.id)
        assert connection.scalars(read).all() == [Color.RED, Color.BLUE]
        red = read.where(table.c.color == "red")
        assert connection.scalars(red).all() == [Color.RED]

    def test_has_a_filter_of_its_values(self):
        node = node_of(Painted.color)
        assert node.deserialize("2") is Color.BLUE
        with pytest.raises(colander.Invalid):
            node.deserialize("RED")


@pytest.fixture
def user(make_user):
    return make_user()


@pytest.fixture
def violations(db, user, make_team):
    """Statements that violate a constraint, by its name."""
    team = make_team(leaders=[user])
    # A second account of the name, under another address.
    columns = {c.name: c for c in User.__table__.columns if c.name != "id"}
    namesake = columns | {
        "canonical_email": literal("new@example.com"),
        "username_skeleton": literal("another"),
    }
    copy = select(*namesake.values()).where(User.id == user.id)
    return {
        "pk_team_member": insert(TeamMember).values(team_id=team.id, user_id=user.id),
        "uq_user_canonical_username": insert(User).from_select(list(namesake), copy),
        "fk_team_member_user_id": insert(TeamMember).values(
            team_id=team.id, user_id=2**40
        ),
    }


class TestViolatedConstraint:
    def test_is_named(self, db, violations):
        for name, statement in violations.items():
            with pytest.raises(IntegrityError) as raised, db.begin_nested():
                db.execute(statement)
            # SQLite doesn't name foreign keys.
            expected = name if SERVER or not name.startswith("fk_") else None
            assert violated_constraint(raised.value) == expected

    def test_that_has_no_name_is_none(self, db):
        with pytest.raises(IntegrityError) as raised, db.begin_nested():
            db.execute(insert(Team).values(title=None))
        assert violated_constraint(raised.value) is None


class TestConstraints:
    def test_become_the_given_errors(self, db, violations):
        for name in ("pk_team_member", "uq_user_canonical_username"):
            with (
                pytest.raises(Taken) as raised,
                db.begin_nested(),
                constraints(db, **{name: Taken}),
            ):
                db.execute(violations[name])
            assert isinstance(raised.value.__cause__, IntegrityError)

    def test_are_looked_at_when_the_block_ends(self, db, user, make_user):
        other = make_user()
        with pytest.raises(Taken), db.begin_nested(), EMAIL(db):
            other.email = user.email

    def test_let_other_errors_through(self, db, violations):
        with pytest.raises(IntegrityError), db.begin_nested(), EMAIL(db):
            db.execute(violations["pk_team_member"])
        with pytest.raises(ZeroDivisionError), EMAIL(db):
            raise ZeroDivisionError

    def test_that_hold_are_no_matter(self, db):
        with EMAIL(db):
            db.add(Team(title="Engineers"))
        assert db.scalar(select(Team.title)) == "Engineers"


class TestForeignKeys:
    def test_are_kept_by_each_database(self, db, user, make_team):
        team = make_team(leaders=[user])
        db.delete(team)
        db.flush()
        assert db.scalars(select(TeamMember.team_id)).all() == []
