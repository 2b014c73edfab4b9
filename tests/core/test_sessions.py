"""Statements of columns: named tuples, and connections that are given back."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, timedelta
from threading import Barrier

import pytest
from sqlalchemy import bindparam, delete, event, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Bundle, aliased

from apiserver.core.db import Session, make_engines, now
from apiserver.teams.models import Team
from apiserver.users.models import User

NAMED = select(Team.id, Team.title).where(Team.title == bindparam("title"))
INSERT = insert(Team).returning(Team.id, Team.title.label("name"))


@pytest.fixture
def session(connection):
    with Session(connection, join_transaction_mode="create_savepoint") as session:
        yield session


class TestFixture:
    def test_is_a_session_as_requests_have_one(self, db, events):
        row = db.insert(Team, title="One")
        db.commit()
        assert db.row(NAMED, {"title": "One"}) == (row.id, "One")
        assert db.get(Team, row.id).title == "One"
        assert events() == []


class TestRows:
    def test_are_named_tuples(self, session):
        assert session.rows(NAMED, {"title": "One"}) == []
        assert session.row(NAMED, {"title": "One"}) is None
        session.run(insert(Team), [{"title": "One"}, {"title": "Two"}])
        statement = select(Team.title, Team.created).order_by(Team.id)
        rows = session.rows(statement)
        assert [row.title for row in rows] == ["One", "Two"]
        assert {row.created.tzinfo for row in rows} == {UTC}
        assert session.row(statement) == rows[0] == ("One", rows[0].created)
        assert session.run(delete(Team)) == 2
        assert session.run(delete(Team)) == 0

    def test_come_of_an_insert(self, session):
        [row] = session.rows(INSERT, {"title": "One"})
        assert row.name == "One"
        assert session.rows(NAMED, {"title": "One"}) == [(row.id, "One")]
        assert session.run(INSERT, {"title": "Two"}) == 1

    @pytest.mark.parametrize("number", [0, 1, 3])
    def test_hold_bundles_as_tuples_of_their_own(self, session, make_user, number):
        users = [make_user(username=f"user{n}", is_admin=n > 1) for n in range(number)]
        who = Bundle("who", User.id, User.username)
        what = Bundle("what", User.is_admin, User.created)
        columns = (User.epoch, who, what, User.is_active)
        rows = session.rows(select(*columns).order_by(User.id))
        assert rows == [
            (u.epoch, (u.id, u.username), (u.is_admin, u.created), u.is_active)
            for u in users
        ]
        for row, user in zip(rows, users, strict=True):
            assert (row.who.id, row.what.created) == (user.id, user.created)
            assert row.is_active is user.is_active

    def test_show_what_was_changed_in_the_session(self, session):
        session.run(INSERT, {"title": "One"})
        team = session.scalars(select(Team)).one()
        team.title = "Two"
        assert session.row(NAMED, {"title": "Two"}).id == team.id


@pytest.fixture(scope="module")
def sessions(make_pure_app, make_database):
    """The factory of reading sessions, of an application of its own."""
    return make_pure_app(make_database()).registry.read_sessions


class TestReadSession:
    @pytest.mark.parametrize(
        "read",
        [
            lambda session: session.rows(NAMED, {"title": "One"}),
            lambda session: session.execute(NAMED, {"title": "One"}).all(),
            lambda session: session.get(Team, 1),
        ],
    )
    def test_gives_its_connection_back(self, sessions, read):
        pool = sessions.kw["bind"].pool
        session = sessions()
        for _ in range(2):
            with session:
                assert pool.checkedout() == 0
                for _ in range(2):
                    assert not read(session)
                assert pool.checkedout() == 1
            assert pool.checkedout() == 0


class TestPrepared:
    @pytest.mark.parametrize("many", [False, True])
    def test_fills_in_the_defaults(self, session, many):
        params = {"title": "One"}
        before = now()
        session.run(insert(Team), [params, params] if many else params)
        for row in session.rows(select(Team.created, Team.updated)):
            assert before <= row.created <= row.updated <= now()

    def test_changes_what_an_update_changes_besides(self, session):
        before = now()
        long_ago = before - timedelta(days=1)
        session.run(insert(Team), {"title": "One", "updated": long_ago})
        session.run(update(Team).values(title=bindparam("to")), {"to": "Two"})
        [row] = session.rows(select(Team.title, Team.updated))
        assert (row.title, row.updated >= before) == ("Two", True)

    def test_has_its_own_columns_for_other_names(self, session):
        session.run(INSERT, {"title": "One"})
        session.run(INSERT, {"title": "Two", "id": 10**6})
        rows = session.rows(select(Team.id, Team.title).order_by(Team.id))
        assert [row.title for row in rows] == ["One", "Two"]
        assert rows[1].id == 10**6

    def test_takes_a_name_for_two_places(self, session):
        session.run(INSERT, {"title": "One"})
        title = bindparam("title")
        twice = select(Team.title).where(Team.title == title, Team.title >= title)
        assert session.row(twice, {"title": "One"}) == ("One",)

    def test_raises_the_errors_of_sqlalchemy_without_values(self, session):
        with pytest.raises(IntegrityError) as raised:
            session.run(INSERT, {"title": None})
        assert raised.value.statement.startswith("INSERT INTO team")

    def test_is_told_all_its_parameters(self, session):
        wrong = "The parameter title has no value; given are: name"
        with pytest.raises(TypeError, match=wrong):
            session.rows(NAMED, {"name": "One"})

    def test_takes_no_function_for_a_value(self, session):
        number = bindparam("number", callable_=lambda: 1)
        wrong = r"write bindparam\('number'\), and give the value with each call"
        with pytest.raises(TypeError, match=wrong):
            session.rows(select(Team.id).where(Team.id == number))
        asked = select(bindparam("number", type_=Team.id.type).label("number"))
        rows = [session.row(asked, {"number": number}) for number in range(3)]
        assert rows == [(0,), (1,), (2,)]

    @pytest.mark.parametrize(
        ("statement", "wrong"),
        [
            (select(Team.id).where(Team.id.in_([1, 2])), "text depends on its values"),
            (select(Team), "selects entities"),
            (select(Team.title, Team), "selects entities"),
            (select(aliased(Team)), "selects entities"),
        ],
    )
    def test_is_a_constant_of_columns(self, session, statement, wrong):
        with pytest.raises(TypeError, match=f"This statement.*{wrong}: use db.execute"):
            session.row(statement)
        assert session.execute(statement).all() == []

    def test_leaves_other_statements_to_sqlalchemy(self, session):
        session.run(INSERT, {"title": "One"})
        result = session.connection().exec_driver_sql("SELECT title FROM team")
        assert result.scalars().all() == ["One"]


class TestCursor:
    """Prepared statements of a connection share it, one after the other."""

    @pytest.fixture
    def cursors(self, connection):
        found = []

        def listen(_connection, cursor, *_more):
            found.append(cursor)

        event.listen(connection, "before_cursor_execute", listen)
        yield found
        event.remove(connection, "before_cursor_execute", listen)

    def test_is_the_same_for_the_next_statement(self, session, cursors):
        session.rows(NAMED, {"title": "One"})
        # Without those of the savepoint.
        cursors.clear()
        session.run(INSERT, {"title": "One"})
        assert [row.title for row in session.rows(NAMED, {"title": "One"})] == ["One"]
        assert len(cursors) == 2
        assert len(set(map(id, cursors))) == 1

    def test_is_another_one_after_an_error(self, session, cursors):
        with pytest.raises(IntegrityError), session.begin_nested():
            session.run(INSERT, {"title": None})
        failed = cursors[-1]
        assert session.rows(NAMED, {"title": "One"}) == []
        assert cursors[-1] is not failed

    def test_is_another_one_within_a_statement(self, session, connection, cursors):
        """As of a listener that asks the database itself."""

        def ask(*_about):
            if len(cursors) == 1:
                assert session.rows(NAMED, {"title": "Two"}) == []

        session.run(INSERT, {"title": "One"})
        cursors.clear()
        event.listen(connection, "before_cursor_execute", ask)
        assert [row.title for row in session.rows(NAMED, {"title": "One"})] == ["One"]
        event.remove(connection, "before_cursor_execute", ask)
        assert len(set(map(id, cursors))) == 2


class TestFirstStatements:
    def test_may_be_prepared_at_once(self, make_database):
        """As of a server's threads, whose first requests come together."""
        url = make_database()
        for _ in range(20):
            writing, reading = make_engines(url)
            line = Barrier(4)

            def run(number, engine=reading, line=line):
                statement = select(Team.title).where(Team.id == number)
                with engine.connect() as connection, Session(connection) as session:
                    line.wait()
                    return session.rows(statement)

            with ThreadPoolExecutor(4) as threads:
                assert list(threads.map(run, range(4))) == [[]] * 4
            writing.dispose()
            reading.dispose()
