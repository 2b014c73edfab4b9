"""A database of Redis for each worker of the suite: they empty it."""

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import pytest
from redis import Redis, ResponseError

from tests.tools import REDIS_URL

# Redis has 16, of which number 0 is everybody's default.
NUMBERS = range(15, -1, -1)
# Who has a database, for as long as a run may take; and that its keys are of tests.
TAKEN, OURS = "apiserver:tests:taken", "apiserver:tests:ours"
SECONDS = 1800


def url_of(number: int) -> str:
    return urlunsplit(urlsplit(REDIS_URL)._replace(path=f"/{number}"))


def take(client: Redis, owner: str) -> bool:
    """Take the database, unless somebody has it, or it has keys of others."""
    try:
        if not client.set(TAKEN, owner, nx=True, ex=SECONDS):
            return False
    except ResponseError:
        # There are fewer databases.
        return False
    if client.dbsize() > 1 and not client.exists(OURS):
        client.delete(TAKEN)
        return False
    with client.pipeline(transaction=True) as emptied:
        emptied.flushdb().set(OURS, "").set(TAKEN, owner, ex=SECONDS).execute()
    return True


@contextmanager
def own_database() -> Iterator[str]:
    """Yield the URL of a database that was empty, or that an earlier run has left."""
    owner = uuid4().hex
    for number in NUMBERS:
        with Redis.from_url(url_of(number)) as client:
            if take(client, owner):
                try:
                    yield url_of(number)
                finally:
                    client.flushdb()
                return
    pytest.fail("Each database of Redis has keys, or is another run's.", pytrace=False)
