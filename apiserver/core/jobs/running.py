"""An attempt at a job, from its first line to the end of its transaction."""

import logging
import signal
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from apiserver.core.http.errors import ApiError
from apiserver.core.jobs import taking
from apiserver.core.jobs.declared import Job, JobFailed, Run
from apiserver.core.jobs.models import LONGEST_ERROR
from apiserver.core.jobs.taking import Taken
from apiserver.core.registry import Registry

log = logging.getLogger(__name__)

# In the place of the address, for what a job does.
ADDRESS = "job"

DONE = "done"
LOST = "lost"


class TooLong(BaseException):
    """The attempt takes longer than its limit; no ``except Exception`` keeps it."""


class Lost(Exception):
    """The attempt took longer than its lease: another worker has the job."""


def attempt(registry: Registry, taken: Taken, lease: float) -> str:
    """Run a job that was taken; return how that ended: done, failed, dead or lost."""
    job = registry.jobs[taken.name]
    try:
        run(registry, job, taken, lease)
    except Lost:
        log.warning("The job %s %s was lost to another.", taken.name, taken.key)
        return LOST
    except (Exception, TooLong) as error:
        log.exception("The job %s %s has failed.", taken.name, taken.key)
        retry = getattr(error, "retry", True)
        with taking.transaction(registry) as db:
            return taking.give_up(db, job, taken, told(error, job), retry=retry)
    return DONE


def run(registry: Registry, job: Job, taken: Taken, lease: float) -> None:
    """Call the function of the job, in the transaction that completes it."""
    if taken.attempts > job.attempts:
        raise JobFailed("The worker ended during the last attempt.", retry=False)
    values = job.read(taken.payload)
    origin = {"request_id": taken.request_id, "address": ADDRESS}
    with taking.session_of(registry, **origin) as db:

        def commit_so_far() -> None:
            refuse_lost(taking.extend(db, taken, lease))
            db.commit()

        own = Run(registry, db, taken.key, taken.attempts, commit_so_far)
        with limited(job.limit):
            job(own, **values)
        refuse_lost(taking.complete(db, taken))
        db.commit()


def refuse_lost(is_mine: bool) -> None:  # noqa: FBT001 (says what it is at each call)
    if not is_mine:
        raise Lost


@contextmanager
def limited(limit: float) -> Iterator[None]:
    """Raise TooLong in the block after so many seconds, in the main thread.

    Nothing ends another one: there the lease is no longer extended.
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
    """Return what is stored of an error: its class and its place, but no values.

    What an error says may hold an address or a token; the log has it.
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
