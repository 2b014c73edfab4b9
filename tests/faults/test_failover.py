"""A primary that dies, and a replica that takes its place."""

import pytest
from sqlalchemy import func, select

from apiserver.teams.models import Team
from tests import factories, postgresql
from tests.client import Client
from tests.faults.conftest import SCOPES
from tests.faults.test_database import assert_away, create, statuses
from tests.tools import need


@pytest.fixture
def primary():
    need("PostgreSQL")
    with postgresql.running() as server:
        server.migrate()
        yield server


@pytest.fixture
def replica(primary):
    with postgresql.running(primary) as replica:
        yield replica


@pytest.fixture
def caller(primary, replica, make_app):
    """A caller of an application that knows both servers, and writes to the primary."""
    hosts = "&".join(f"host=127.0.0.1:{each.port}" for each in (primary, replica))
    app = make_app(
        f"postgresql://postgres@/postgres?{hosts}&target_session_attrs=read-write"
    )
    with primary.session() as db:
        token = factories.make_token(db, factories.make_user(db), scopes=SCOPES)
    yield Client(app, token)
    for sessions in (app.registry.write_sessions, app.registry.read_sessions):
        sessions.kw["bind"].dispose()


class TestFailover:
    def test_is_over_when_the_replica_is_promoted(self, primary, replica, caller):
        created = [create(caller).status_int for _ in range(5)]
        assert (created, statuses(caller)) == ([201] * 5, [200] * 3)
        replica.catch_up(primary)
        primary.stop("immediate")
        assert_away(caller.get("/teams/"))
        assert_away(create(caller))
        # The replica alone is no place to write to.
        assert_away(create(caller))
        replica.promote()
        assert create(caller).status_int == 201
        assert statuses(caller) == [200] * 3
        with replica.session() as db:
            assert db.scalar(select(func.count(Team.id))) == 6

    def test_leaves_a_server_that_takes_no_writes_any_more(
        self, primary, replica, caller
    ):
        """Connections to it are there still, as behind an address that moves."""
        assert create(caller).status_int == 201
        replica.catch_up(primary)
        replica.promote()
        primary.run("ALTER SYSTEM SET default_transaction_read_only = on")
        primary.run("SELECT pg_reload_conf()")
        while primary.tell("current_setting('transaction_read_only')") != "on":
            pass
        answers = [create(caller).status_int for _ in range(4)]
        assert answers == [503, 201, 201, 201]
        with replica.session() as db:
            assert db.scalar(select(func.count(Team.id))) == 4
