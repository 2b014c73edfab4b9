"""A database that fails: what is answered, and that it mends by itself."""

import pytest
from sqlalchemy import event, func, select, text
from sqlalchemy.orm import Session

from apiserver.core.db import make_engines
from apiserver.prepare import migrate
from apiserver.teams.models import Team, TeamMember
from tests import factories
from tests.client import Client
from tests.conftest import INI
from tests.faults.conftest import SCOPES
from tests.problems import problem

AWAY = "The database is currently unavailable."


def assert_away(response):
    assert response.status_int == 503
    assert response.headers["Retry-After"] == "5"
    assert response.json == problem(503, AWAY)


def statuses(caller, number=3):
    return [caller.get("/teams/").status_int for _ in range(number)]


def create(caller, title="Engineers"):
    return caller.post("/teams/", {"title": title})


class TestStoppedDatabase:
    def test_is_unavailable_and_comes_back(self, server, caller):
        assert statuses(caller) == [200] * 3
        server.stop("immediate")
        try:
            for _ in range(2):
                assert_away(caller.get("/teams/"))
                assert_away(create(caller))
                assert caller.call("GET", "/healthz").status_int == 200
                assert caller.call("GET", "/readyz").status_int == 503
        finally:
            server.start()
        assert create(caller).status_int == 201
        assert caller.call("GET", "/readyz").status_int == 200
        assert statuses(caller) == [200] * 3


class TestCutConnections:
    def test_cost_a_request_each_pool_and_no_more(self, caller, db):
        cut = text(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE pid <> pg_backend_pid() AND datname = current_database()"
        )
        assert create(caller).status_int == 201
        assert statuses(caller) == [200] * 3
        db.execute(cut)
        first = caller.get("/teams/")
        assert first.status_int in {200, 503}
        assert statuses(caller) == [200] * 3
        before = db.scalar(select(func.count(Team.id)))
        answers = [create(caller).status_int for _ in range(3)]
        assert answers in ([503, 201, 201], [201] * 3)
        db.rollback()
        stored = db.scalar(select(func.count(Team.id))) - before
        assert stored == answers.count(201)


class TestSlowDatabase:
    def test_is_waited_for_no_longer_than_is_set(self, caller, db):
        db.execute(text("LOCK TABLE team IN ACCESS EXCLUSIVE MODE"))
        assert_away(caller.get("/teams/"))
        assert_away(create(caller))
        db.rollback()
        assert statuses(caller) == [200] * 3


class TestExhaustedPool:
    @pytest.fixture(autouse=True)
    def impatient(self, app):
        for sessions in (app.registry.write_sessions, app.registry.read_sessions):
            sessions.kw["bind"].pool._timeout = 0.1

    def test_is_unavailable_until_connections_come_back(self, app, caller):
        pool = app.registry.read_sessions.kw["bind"].pool
        held = [pool.connect() for _ in range(pool.size() + pool._max_overflow)]
        assert_away(caller.get("/teams/"))
        assert caller.call("GET", "/healthz").status_int == 200
        assert create(caller).status_int == 201
        for connection in held:
            connection.close()
        assert statuses(caller) == [200] * 3


class TestReadOnlyDatabase:
    @pytest.fixture(autouse=True)
    def read_only(self, db):
        """As a primary is while it is switched over."""

        def set_to(value):
            engine = db.get_bind().execution_options(isolation_level="AUTOCOMMIT")
            with engine.connect() as connection:
                connection.execute(
                    text(f"ALTER SYSTEM SET default_transaction_read_only = {value}")
                )
                connection.execute(text("SELECT pg_reload_conf()"))
                shown = text("SHOW default_transaction_read_only")
                while connection.scalar(shown) != value:
                    pass

        yield set_to
        set_to("off")

    def test_answers_what_only_reads(self, caller, read_only, token):
        assert create(caller).status_int == 201
        read_only("on")
        assert statuses(caller) == [200] * 3
        assert_away(create(caller))
        read_only("off")
        assert create(caller).status_int == 201


class TestSerializationFailure:
    @pytest.fixture
    def fail(self, db):
        """A function that lets the next inserts of teams fail, when it is said."""

        def fail(times, when):
            body = f"""
            CREATE SEQUENCE failures;
            CREATE FUNCTION fail() RETURNS trigger AS $$ BEGIN
              IF nextval('failures') <= {times} THEN
                RAISE EXCEPTION 'somebody was faster' USING ERRCODE = '40001';
              END IF;
              RETURN NULL;
            END $$ LANGUAGE plpgsql;
            CREATE CONSTRAINT TRIGGER fail AFTER INSERT ON team
              DEFERRABLE INITIALLY {when} FOR EACH ROW EXECUTE FUNCTION fail();
            """
            db.execute(text(body))
            db.commit()

        yield fail
        db.rollback()
        db.execute(text("DROP TRIGGER fail ON team"))
        db.execute(text("DROP FUNCTION fail"))
        db.execute(text("DROP SEQUENCE failures"))
        db.commit()

    @pytest.mark.parametrize("when", ["IMMEDIATE", "DEFERRED"])
    def test_is_tried_again(self, caller, db, fail, when):
        fail(2, when)
        title = f"Retried {when}"
        assert create(caller, title).status_int == 201
        assert db.scalar(select(func.count()).where(Team.title == title)) == 1

    @pytest.mark.parametrize("when", ["IMMEDIATE", "DEFERRED"])
    def test_again_and_again_is_unavailable(self, caller, db, fail, when):
        fail(1000, when)
        title = f"Given up {when}"
        assert_away(create(caller, title))
        assert db.scalar(select(func.count()).where(Team.title == title)) == 0


class TestFullDisk:
    """Of SQLite: PostgreSQL's disk is not ours to fill."""

    @pytest.fixture
    def app(self, make_app, tmp_path):
        url = f"sqlite:///{tmp_path}/small.db"
        engine, _ = make_engines(url)
        with engine.connect() as connection:
            migrate(INI, connection)
        engine.dispose()
        return make_app(url)

    @pytest.fixture
    def limit(self, app):
        """A function that limits the pages of the database, or none more."""
        engine = app.registry.engine
        pages = []

        def set_limit(connection, *args):
            connection.execute(f"PRAGMA max_page_count = {pages[-1]}")

        event.listen(engine, "checkout", set_limit)
        yield lambda most: pages.append(most)
        event.remove(engine, "checkout", set_limit)

    def test_refuses_writes_and_keeps_what_there_is(self, app, limit):
        limit(1_000_000)
        engine = app.registry.engine
        with Session(engine, expire_on_commit=False) as db:
            user = factories.make_user(db)
            token = factories.make_token(db, user, scopes=SCOPES)
            db.commit()
        caller = Client(app, token)
        assert create(caller).status_int == 201
        limit(1)
        answers = [create(caller, "x" * 50).status_int for _ in range(100)]
        assert set(answers) == {201, 503}
        assert answers[-1] == 503
        assert statuses(caller) == [200] * 3
        limit(1_000_000)
        assert create(caller).status_int == 201
        with Session(engine) as db:
            teams = db.scalar(select(func.count(Team.id)))
            assert teams == 2 + answers.count(201)
            assert db.scalar(select(func.count(TeamMember.team_id))) == teams
