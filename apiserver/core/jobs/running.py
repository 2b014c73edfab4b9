"""Runs an attempt at a job, up to the end of its transaction."""

import logging
import signal
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from types import FrameType

from apiserver.core.db.sessions import Session
from apiserver.core.http.errors import ApiError
from apiserver.core.jobs import taking
from apiserver.core.jobs.declared import ADDRESS, Job, JobFailed, Run
from apiserver.core.jobs.models import LONGEST_ERROR
from apiserver.core.jobs.taking import Taken
from apiserver.core.registry import Registry

log = logging.getLogger(__name__)

# Writes the job's own row; returns False if another worker has the job.
Step = Callable[[Session], bool]

DONE = "done"
LOST = "lost"


class TooLong(BaseException):
    """The attempt takes longer than its limit; not caught by ``except Exception``."""


class Lost(Exception):
    """The lease has expired, and another worker has the job."""


def attempt(registry: Registry, taken: Taken, lease: float) -> str:
    """Run a taken job; return the outcome: done, failed, dead or lost."""
    job = registry.jobs[taken.name]
    try:
        if taken.attempts > job.attempts:
            raise JobFailed("The worker ended during the last attempt.", retry=False)
        run(
            *(registry, taken),
            keep=lambda db: taking.extend(db, taken, lease),
            end=lambda db: taking.complete(db, taken),
        )
    except Lost:
        log.warning("The job %s %s was lost to another.", taken.name, taken.key)
        return LOST
    except (Exception, TooLong) as error:
        log.exception("The job %s %s has failed.", taken.name, taken.key)
        retry = getattr(error, "retry", True)
        with taking.transaction(registry) as db:
            return taking.give_up(db, job, taken, told(error, job), retry=retry)
    return DONE


def run(registry: Registry, taken: Taken, *, keep: Step, end: Step) -> None:
    """Call the function of a job, in the transaction that completes it.

    ``keep`` writes into transactions that are committed before, ``end`` into the last;
    they return False if another worker has the job.
    """
    job = registry.jobs[taken.name]
    values = job.read(taken.payload)
    origin = {"request_id": taken.request_id, "address": ADDRESS + job.name}
    with taking.session_of(registry, **origin) as db:

        def commit(step: Step) -> None:
            if not step(db):
                raise Lost
            db.commit()

        own = Run(registry, db, taken.key, taken.attempts, partial(commit, keep))
        with limited(job.limit):
            job(own, **values)
        commit(end)


@contextmanager
def limited(limit: float) -> Iterator[None]:
    """Raise TooLong in the block after this many seconds, in the main thread.

    Other threads can't be interrupted: there, the lease is no longer extended.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, limit)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def stop(number: int, frame: FrameType | None) -> None:
    raise TooLong


def told(error: BaseException, job: Job) -> str:
    """Return the class and location of an error, to store them.

    The message is only logged, since it may contain an address or a token.
    """
    match error:
        case JobFailed():
            return error.reason[:LONGEST_ERROR]
        case TooLong():
            return f"It took longer than {job.limit} seconds."
        case ApiError():
            said = f"{type(error).__name__}: {error.detail}"
        case _:
            last = traceback.extract_tb(error.__traceback__)[-1]
            said = f"{type(error).__name__} in {last.name}, line {last.lineno}"
    return said[:LONGEST_ERROR]
