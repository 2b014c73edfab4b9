"""What doesn't answer is asked again after a while: the replica, and Redis."""

from types import SimpleNamespace

import pytest

from apiserver.core.db import replicas
from apiserver.ops import rate_limit
from tests.networks import hanging_up


@pytest.fixture
def clock(monkeypatch):
    """The time that both look at, in seconds, which stands still."""
    clock = SimpleNamespace(now=1000.0)
    monotonic = SimpleNamespace(monotonic=lambda: clock.now, time=lambda: clock.now)
    for module in (replicas, rate_limit):
        monkeypatch.setattr(module, "time", monotonic)
    return clock


@pytest.fixture
def dead():
    """The port of a server that hangs up, and the calls that it has got."""
    with hanging_up() as (port, calls):
        yield SimpleNamespace(port=port, calls=calls)


@pytest.fixture
def reading(api, make_pure_app, database_url, make_user, dead, monkeypatch):
    """A client of an application whose replica is not there."""
    url = f"postgresql://user@127.0.0.1:{dead.port}/example?sslmode=disable"
    monkeypatch.setenv("DATABASE_REPLICA_URL", url)
    app = make_pure_app(database_url)
    yield api(make_user(), app=app)
    app.registry.replica.sessions.kw["bind"].dispose()


@pytest.fixture
def limited(api, make_pure_app, database_url, make_user, dead):
    """A client of an application whose Redis is not there."""
    storage = f"redis://127.0.0.1:{dead.port}/0"
    app = make_pure_app(database_url, rate_limit="9/minute", rate_limit_storage=storage)
    return api(make_user(), app=app)


class TestPause:
    @pytest.mark.parametrize("kind", ["reading", "limited"])
    def test_lasts_five_seconds(self, request, kind, dead, clock):
        client = request.getfixturevalue(kind)
        asked = []
        for seconds in (0, 0, 4.9, 0.2, 0, 4.9, 0.2):
            clock.now += seconds
            before = len(dead.calls)
            assert client.get("/teams/").status_int == 200
            asked.append(len(dead.calls) > before)
        assert asked == [True, False, False, True, False, False, True]
