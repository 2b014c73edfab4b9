"""Reads on a streaming replica: two real servers, and what each request sees."""

import logging

import pytest
from pyramid.exceptions import ConfigurationError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from apiserver.auth.models import OAuth2Grant
from apiserver.core.db import now
from tests import factories, postgresql
from tests.client import Client
from tests.patches import replace
from tests.tools import needs

pytestmark = [pytest.mark.slow, needs("PostgreSQL")]

SCOPES = ("teams:read", "teams:write", "users:read")


@pytest.fixture(scope="module")
def primary():
    with postgresql.running() as server:
        server.migrate()
        yield server


@pytest.fixture(scope="module")
def replica(primary):
    with postgresql.running(primary) as server:
        yield server


@pytest.fixture
def lagging(replica):
    """The replica stands still: what is written from now on can't be read there."""
    with replica.standing_still():
        yield


@pytest.fixture
def app(make_pure_app, primary, replica, monkeypatch):
    monkeypatch.setenv("DATABASE_REPLICA_URL", replica.url)
    app = make_pure_app(primary.url)
    yield app
    app.registry.replica.sessions.kw["bind"].dispose()


@pytest.fixture
def db(primary):
    with primary.session() as session:
        yield session


@pytest.fixture
def caller(app, db, primary, replica):
    """The client of a user, of whom the replica knows."""
    token = factories.make_token(db, factories.make_user(db), scopes=SCOPES)
    db.commit()
    replica.catch_up(primary)
    return Client(app, token)


def marker(response):
    return {"X-Written-At": response.headers["X-Written-At"]}


class TestRead:
    def test_is_of_the_replica(self, caller, lagging):
        created = caller.post("/teams/", {"title": "Engineers"})
        assert created.status_int == 201
        path = f"/teams/{created.json['id']}"
        assert caller.get(path).status_int == 404
        assert caller.get("/teams/").json == []

    def test_of_what_one_has_written_is_of_the_primary(self, caller, lagging):
        created = caller.post("/teams/", {"title": "Engineers"})
        path = f"/teams/{created.json['id']}"
        assert caller.get(path, headers=marker(created)).json == created.json
        changed = caller.patch(path, [replace("title", "Builders")])
        answer = caller.get(path, headers=marker(changed))
        assert answer.json["title"] == "Builders"

    def test_is_of_the_replica_again_when_it_has_caught_up(
        self, app, caller, db, primary, replica, monkeypatch
    ):
        created = caller.post("/teams/", {"title": "Engineers"})
        replica.catch_up(primary)
        # The primary is asked for the token alone.
        used = []
        opened = app.registry.replica.open
        monkeypatch.setattr(
            app.registry.replica,
            "open",
            lambda request: used.append(opened(request)) or used[-1],
        )
        path = f"/teams/{created.json['id']}"
        assert caller.get(path, headers=marker(created)).status_int == 200
        assert used[0] is not None

    def test_takes_one_connection_of_the_replica(self, app, caller):
        pool = app.registry.replica.sessions.kw["bind"].pool
        assert caller.get("/teams/").status_int == 200
        assert pool.checkedin() == 1

    @pytest.mark.parametrize("value", ["junk", "0/0'", "FFFFFFFF/FFFFFFFF", ""])
    def test_with_a_marker_of_nobody_is_of_the_primary(self, caller, lagging, value):
        created = caller.post("/teams/", {"title": "Engineers"})
        path = f"/teams/{created.json['id']}"
        headers = {"X-Written-At": value}
        assert caller.get(path, headers=headers).status_int == 200

    def test_has_no_marker(self, caller):
        assert "X-Written-At" not in caller.get("/teams/").headers
        refused = caller.post("/teams/", {"title": ""})
        assert refused.status_int == 422
        assert "X-Written-At" not in refused.headers


class TestAuthentication:
    def test_is_of_the_primary(self, caller, db, lagging):
        assert caller.get("/teams/").status_int == 200
        for grant in db.query(OAuth2Grant):
            grant.revoked = now()
        db.commit()
        assert caller.get("/teams/").status_int == 401

    def test_knows_a_new_token_at_once(self, app, db, lagging):
        token = factories.make_token(db, factories.make_user(db), scopes=SCOPES)
        db.commit()
        assert Client(app, token).get("/teams/").status_int == 200


class TestReplica:
    def test_is_of_postgresql(self, make_pure_app, primary, monkeypatch):
        monkeypatch.setenv("DATABASE_REPLICA_URL", "sqlite://")
        with pytest.raises(ConfigurationError, match="DATABASE_REPLICA_URL must be"):
            make_pure_app(primary.url)

    def test_whose_primary_ends_after_a_write_leaves_out_the_marker(
        self, app, caller, monkeypatch, caplog
    ):
        def fail():
            raise PoolTimeout("all connections are in use")

        created = caller.post("/teams/", {"title": "Engineers"})
        assert created.status_int == 201
        monkeypatch.setattr(app.registry, "read_sessions", fail)
        with caplog.at_level(logging.WARNING, "apiserver.core.db.replicas"):
            deleted = caller.delete(f"/teams/{created.json['id']}")
        assert deleted.status_int == 204
        assert "X-Written-At" not in deleted.headers
        assert "The primary does not report" in caplog.text

    def test_that_is_away_is_no_reason_to_fail(self, caller, replica, caplog):
        assert caller.get("/teams/").status_int == 200
        replica.stop("immediate")
        try:
            with caplog.at_level(logging.WARNING, "apiserver.core.db.replicas"):
                statuses = [caller.get("/teams/").status_int for _ in range(3)]
        finally:
            replica.start()
        # A connection that was open is found to be cut by the first statement.
        assert statuses in ([200, 200, 200], [503, 200, 200])
        assert any("The replica is not responding" in line for line in caplog.messages)
