"""The statements that take, complete, retry and give up jobs.

A worker takes a job with one statement, and no two workers take the same
(``SKIP LOCKED``; SQLite allows one writer at a time). The lease in ``due`` is extended
while the job runs. When its worker is gone the lease expires, and another worker takes
the job. Every later statement names the attempt, so that an expired one changes
nothing.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

from sqlalchemy import Update, bindparam, delete, false, or_, select, update

from apiserver.core.db.sessions import Session
from apiserver.core.jobs.clock import CLOCK, seconds
from apiserver.core.jobs.declared import Job
from apiserver.core.jobs.models import QueuedJob, State
from apiserver.core.registry import Registry

# The outcomes of a failed attempt: another one follows, or none.
FAILED, DEAD = "failed", "dead"

# Seconds until another worker takes the job of one that is gone.
LEASE = 60.0
# Seconds until the second attempt; doubled with each one, up to the maximum.
FIRST_DELAY = 10
LONGEST_DELAY = 3600


class BrokerDown(Exception):
    """The broker accepts no message; the job is still in the table."""


class Taken(NamedTuple):
    """A job that a worker has taken; ``attempts`` is the number of this attempt."""

    id: int
    name: str
    payload: str
    key: str
    request_id: str
    attempts: int


MINE = (
    (QueuedJob.id == bindparam("mine"))
    & (QueuedJob.attempts == bindparam("attempt"))
    & (QueuedJob.state == State.RUNNING)
)
TAKE = (
    update(QueuedJob)
    .values(
        state=State.RUNNING,
        attempts=QueuedJob.attempts + 1,
        due=seconds("lease"),
        started=CLOCK,
    )
    .execution_options(synchronize_session=False)
)
COMPLETE = delete(QueuedJob).where(MINE)
EXTEND = update(QueuedJob).where(MINE).values(due=seconds("lease"))
RETRY = (
    update(QueuedJob)
    .where(MINE)
    .values(state=State.QUEUED, due=seconds("delay"), error=bindparam("reason"))
)
PUT_BACK = (
    update(QueuedJob)
    .where(MINE)
    .values(state=State.QUEUED, attempts=QueuedJob.attempts - 1, due=CLOCK)
)
BURY = (
    update(QueuedJob)
    .where(MINE)
    .values(state=State.DEAD, due=None, error=bindparam("reason"))
)


def taking(names: Iterable[str]) -> Update:
    """Make the statement that takes the job that is due the longest, with these names.

    Other jobs are left to workers that know them.
    """
    # A constant, unlike `in_`.
    known = or_(false(), *(QueuedJob.name == name for name in sorted(names)))
    first = (
        select(QueuedJob.id)
        .where(QueuedJob.due <= CLOCK, known)
        .order_by(QueuedJob.due, QueuedJob.id)
        .limit(1)
        .with_for_update(skip_locked=True)
        .scalar_subquery()
    )
    columns = [getattr(QueuedJob, name) for name in Taken._fields]
    return TAKE.where(QueuedJob.id == first).returning(*columns)


def session_of(registry: Registry, **origin: str) -> Session:
    """Open a session outside of requests.

    Its events in the audit log have the ``origin``: request id and address.
    """
    info = {"origin": origin} if origin else {}
    return Session(**{**registry.write_sessions.kw, "info": info})


@contextmanager
def transaction(registry: Registry) -> Iterator[Session]:
    with session_of(registry) as db, db.begin():
        yield db


def mine(taken: Taken) -> dict[str, int]:
    return {"mine": taken.id, "attempt": taken.attempts}


def complete(db: Session, taken: Taken) -> bool:
    """Complete a job; return False if another worker has it."""
    return db.run(COMPLETE, mine(taken)) == 1


def extend(db: Session, taken: Taken, lease: float) -> bool:
    """Extend the lease; return False if another worker has the job."""
    return db.run(EXTEND, {**mine(taken), "lease": lease}) == 1


def give_up(db: Session, job: Job, taken: Taken, reason: str, *, retry: bool) -> str:
    """Store why an attempt has failed; return whether the job is retried."""
    about: dict[str, object] = {**mine(taken), "reason": reason}
    if retry and taken.attempts < job.attempts:
        db.run(RETRY, {**about, "delay": float(delay_after(taken.attempts))})
        return FAILED
    db.run(BURY, about)
    return DEAD


def put_back(db: Session, taken: Taken) -> None:
    """Queue a job as if it had not been taken."""
    db.run(PUT_BACK, mine(taken))


def delay_after(attempts: int) -> int:
    """Return the seconds until the next attempt: 10, 20, 40 … up to an hour."""
    doubled: int = FIRST_DELAY * 2 ** min(attempts - 1, 20)
    return min(doubled, LONGEST_DELAY)
