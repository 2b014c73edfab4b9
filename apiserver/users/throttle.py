"""Limits guessing: every try is counted, at all doors and by all processes together.

An attempt is counted before anything is checked, by one statement, so that many
at once can't overtake the counter. A name that nobody has is counted like any other.

It is committed before anything else is done (``transactions.commit_so_far``): who waits
for a counter waits for nothing that is slow, nor for another lock.
"""

from collections.abc import Iterable
from typing import NamedTuple

from pyramid.config import Configurator
from sqlalchemy import bindparam, select, update

from apiserver.core import settings
from apiserver.core.audit import FAILURE, record
from apiserver.core.db import count_try, counter_key, now, seconds_until
from apiserver.core.endpoints import Request
from apiserver.core.expiry import NOW
from apiserver.core.http import TooManyRequests
from apiserver.users.models import Throttle

COUNTERS = Throttle.metadata.tables["throttle"]
FORGIVE = (
    update(COUNTERS)
    .where(COUNTERS.c.key == bindparam("counter"))
    .values(tries=COUNTERS.c.tries * bindparam("kept") - bindparam("taken_back"))
)


OVER = select(Throttle.expires).where(
    Throttle.key == bindparam("counter"),
    Throttle.tries > bindparam("limit"),
    Throttle.expires > NOW,
)


class Counter(NamedTuple):
    """What attempts are counted by, and how many there may be in a window."""

    key: str
    limit: int


def door(request: Request, kind: str, name: str) -> list[Counter]:
    """Return the counters of whoever isn't known yet: of the address, and the name.

    In the order in which their rows are locked. An address that is over its limit is
    not counted for the name: it could lock the accounts of everyone.
    """
    by_address = request.setting("login_attempts_per_address")
    return [
        Counter(counter_key("address", request.network), by_address),
        Counter(counter_key(kind, name), request.setting("login_attempts")),
    ]


def sign_ups(request: Request) -> Counter:
    """Return the counter of those who sign up from the address of the request."""
    limit = request.setting("signup_attempts_per_address")
    return Counter(counter_key("signup", request.network), limit)


def count_tries(request: Request, counters: Iterable[Counter]) -> int:
    """Count an attempt; return for how many seconds there may be no more, or 0."""
    waits = (count(request, counter.key, limit=counter.limit) for counter in counters)
    return next(filter(None, waits), 0)


def count_or_refuse(request: Request, counters: Iterable[Counter]) -> None:
    """Count an attempt; raise TooManyRequests if there were too many."""
    wait = count_tries(request, counters)
    if wait:
        raise TooManyRequests(wait)


def refuse_if_over(request: Request, counters: Iterable[Counter]) -> None:
    """Raise TooManyRequests if there were too many; count nothing."""
    moment = now()
    for counter in counters:
        parameters = {"counter": counter.key, "limit": counter.limit, "now": moment}
        expires = request.db.scalar(OVER, parameters)
        if expires is not None:
            raise TooManyRequests(seconds_until(expires, moment))


def count(request: Request, counter: str, *, limit: int) -> int:
    """Count a try; return the seconds until the counter begins anew if it is over."""
    window: int = request.setting("login_window")
    tried = count_try(request.db, Throttle, counter, window=window)
    if tried.number <= limit:
        return 0
    # Once: the attempts that follow are not even stored.
    if tried.number == limit + 1:
        record(request, "throttled", FAILURE, target=counter)
        # The refusal that follows must not undo the count.
        request.must_commit = True
    return tried.wait


def forgive(request: Request, counters: list[Counter]) -> None:
    """Take back all attempts under the name, and this one of the others."""
    *others, name = (counter.key for counter in counters)
    none = {"counter": name, "kept": 0, "taken_back": 0}
    request.db.execute(FORGIVE, [*map(one_less, others), none])


def take_back(request: Request, counters: Iterable[Counter]) -> None:
    """Take back this attempt alone: nobody has looked at what was tried."""
    taken = [one_less(counter.key) for counter in counters]
    if taken:
        request.db.execute(FORGIVE, taken)


def one_less(key: str) -> dict[str, object]:
    return {"counter": key, "kept": 1, "taken_back": 1}


def includeme(config: Configurator) -> None:
    config.add_setting("login_attempts", settings.count, "10")
    config.add_setting("login_attempts_per_address", settings.count, "100")
    config.add_setting("login_window", settings.seconds, "900")
    config.add_setting("signup_attempts_per_address", settings.count, "20")
    config.add_expiring(Throttle, Throttle.expires < NOW)
