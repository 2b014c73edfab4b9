"""The databases of Redis that the tests take: never one that somebody uses."""

from contextlib import ExitStack

import pytest
from redis import Redis

from tests import redis_database
from tests.redis_database import OURS, TAKEN, own_database, take
from tests.tools import needs

pytestmark = needs("Redis")


@pytest.fixture
def client():
    """A client of a database of this test's own."""
    with own_database() as url, Redis.from_url(url) as client:
        yield client


class TestOwnDatabase:
    def test_is_another_one_for_each(self):
        with ExitStack() as stack:
            urls = {stack.enter_context(own_database()) for _ in range(3)}
        assert len(urls) == 3

    def test_is_empty_afterwards(self):
        with own_database() as url, Redis.from_url(url) as client:
            client.set("counter", 1)
            assert client.exists(TAKEN, OURS) == 2
        with Redis.from_url(url) as client:
            assert client.get("counter") is None

    def test_is_not_there_where_there_are_fewer(self):
        with Redis.from_url(redis_database.url_of(2**20)) as client:
            assert not take(client, "me")


class TestTake:
    def test_leaves_what_another_run_has(self, client):
        client.set("counter", 1)
        assert not take(client, "me")
        assert client.get("counter") == b"1"

    def test_leaves_what_is_not_of_tests(self, client):
        client.delete(TAKEN, OURS)
        client.set("precious", 1)
        assert not take(client, "me")
        assert client.keys() == [b"precious"]

    def test_empties_what_an_earlier_run_has_left(self, client):
        client.delete(TAKEN)
        client.set("counter", 1)
        assert take(client, "me")
        assert sorted(client.keys()) == sorted([TAKEN.encode(), OURS.encode()])
