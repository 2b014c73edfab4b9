"""PgBouncer in transaction mode: each transaction has another connection."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from itertools import chain

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from apiserver.core.db import make_engines, now
from apiserver.core.jobs import Worker, put, work_off
from apiserver.core.jobs.taking import transaction
from apiserver.teams.models import Team
from tests import factories
from tests.client import Client
from tests.conformance.server import basic
from tests.faults.conftest import alembic
from tests.faults.test_database import assert_away, create, statuses
from tests.pgbouncer import pooling
from tests.tools import need

THREADS = 12
REQUESTS = 360


@pytest.fixture(scope="session")
def pooler(server):
    """The URL of the server's database through PgBouncer, as it is without settings."""
    need("pgbouncer")
    with pooling(server.url) as url:
        yield url


@pytest.fixture
def url(pooler):
    return f"{pooler}?pooler=transaction"


@pytest.fixture
def app(make_app, url):
    app = make_app(url, pool_size=str(THREADS))
    yield app
    for sessions in (app.registry.write_sessions, app.registry.read_sessions):
        sessions.kw["bind"].dispose()


@pytest.fixture
def alter(server):
    """A function that sets something for the role, until the end of the test."""
    yield lambda setting: server.run(f"ALTER ROLE postgres SET {setting}")
    server.run("ALTER ROLE postgres RESET ALL")


class TestPooler:
    def test_serves_many_at_once(self, app, token):
        callers = [Client(app, token) for _ in range(THREADS)]

        def call(number):
            caller = callers[number % THREADS]
            if number % 2:
                return caller.get("/teams/?limit=1").status_int
            return create(caller).status_int

        with ThreadPoolExecutor(THREADS) as threads:
            answers = Counter(threads.map(call, range(REQUESTS)))
        assert answers == {200: REQUESTS // 2, 201: REQUESTS // 2}

    def test_lets_workers_run_each_job_once(self, app):
        purge = app.registry.jobs["purge_expired"]
        with transaction(app.registry) as db:
            for _ in range(THREADS * 5):
                put(db, purge)
        with ThreadPoolExecutor(THREADS) as threads:
            ended = list(threads.map(work_off, [app.registry] * THREADS))
        assert Counter(chain(*ended)) == {"done": THREADS * 5}
        Worker(app.registry).tick()

    def test_gives_a_refresh_token_to_one_of_many(self, app, db):
        client = factories.make_client(db, first_party=True)
        user = factories.make_user(db)
        headers = basic(client.client_id, factories.CLIENT_SECRET)

        def ask(form):
            path = "/auth/oauth2/token"
            return Client(app).call("POST", path, form=form, headers=headers)

        credentials = {"username": user.username, "password": factories.PASSWORD}
        tokens = ask({"grant_type": "password", **credentials}).json
        refresh = {"grant_type": "refresh_token", "refresh_token": "refresh_token"}
        refresh["refresh_token"] = tokens["refresh_token"]
        with ThreadPoolExecutor(THREADS) as threads:
            answers = list(threads.map(ask, [refresh] * THREADS))
        assert Counter(answer.status_int for answer in answers) == {
            200: 1,
            400: THREADS - 1,
        }

    def test_leaves_times_right_in_another_zone(self, app, caller, alter):
        alter("TimeZone = 'America/New_York'")
        for sessions in (app.registry.write_sessions, app.registry.read_sessions):
            sessions.kw["bind"].dispose()
        before = now()
        with ThreadPoolExecutor(THREADS) as threads:
            teams = list(threads.map(lambda _: create(caller).json, range(THREADS)))
        for team in teams:
            assert before <= datetime.fromisoformat(team["created"]) <= now()
            assert caller.get(f"/teams/{team['id']}").json["created"] == team["created"]
        with Session(app.registry.read_sessions.kw["bind"]) as session:
            read = session.scalars(select(Team.created)).all()
            assert {moment.tzinfo for moment in read} == {UTC}

    def test_leaves_slow_statements_to_the_role(self, caller, alter, server):
        alter("statement_timeout = '1s'")
        server.run(CUT)
        assert statuses(caller, THREADS)[-1] == 200
        with server.session() as locking:
            locking.execute(text("SET LOCAL statement_timeout = 0"))
            locking.execute(text("LOCK TABLE team IN ACCESS EXCLUSIVE MODE"))
            assert_away(caller.get("/teams/"))
            assert_away(create(caller))
        assert statuses(caller) == [200] * 3

    def test_mends_when_the_server_comes_back(self, server, caller):
        assert statuses(caller) == [200] * 3
        server.run(CUT)
        answers = [create(caller).status_int for _ in range(20)]
        assert set(answers) <= {201, 503}
        assert answers[-1] == 201


# Of others than the one that asks.
CUT = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
    "WHERE pid <> pg_backend_pid() AND datname = current_database()"
)


class TestMigrations:
    @pytest.fixture
    def own(self, server, pooler):
        """The URL of an empty database through the pooler."""
        name = server.make_database().rpartition("/")[2]
        return f"{pooler.rpartition('/')[0]}/{name}?pooler=transaction"

    def test_run_through_it_and_leave_no_setting_behind(self, own):
        for arguments in (("upgrade", "head"), ("downgrade", "base"), ("check",)):
            status, _, error = alembic(*arguments, url=own)
            assert (status, "Error" in error) == (int(arguments == ("check",)), False)
        engine, _ = make_engines(own)
        with engine.connect() as connection:
            assert connection.scalar(text("SHOW lock_timeout")) == "0"
        engine.dispose()


class TestUndeclaredPooler:
    """It would execute statements that others have prepared under the same name."""

    @pytest.mark.parametrize(
        ("ignored", "said"),
        [
            ("", "unsupported startup parameter: options"),
            ("options", "startup options are dropped"),
        ],
    )
    def test_is_refused_with_the_cure(self, server, token, make_app, ignored, said):
        with pooling(server.url, ignored) as url:
            status, _, error = alembic("current", url=url)
            caller = Client(make_app(url), token)
            assert_away(caller.get("/teams/"))
            assert_away(create(caller))
        assert (status, error) == (
            1,
            f"The database is behind a pooler ({said}): add ?pooler=transaction to "
            "DATABASE_URL.\n",
        )


class TestDeclaration:
    def test_of_another_kind_is_refused(self, url):
        wrong = url.replace("transaction", "statement")
        status, _, error = alembic("current", url=wrong)
        sentence = "DATABASE_URL, or sqlalchemy.url, only supports pooler=transaction."
        assert (status, error) == (1, f"{sentence}\n")
