"""The worker, which runs jobs one by one until it is stopped.

It needs only the database, and waits while that is down or not migrated.
"""

import logging
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cached_property
from importlib import import_module
from types import FrameType, ModuleType
from typing import Any

from sqlalchemy import Update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnection

from apiserver.core.jobs import running, taking, ticking
from apiserver.core.jobs.figures import Tally
from apiserver.core.jobs.taking import BrokerDown, Taken
from apiserver.core.registry import Registry
from apiserver.core.settings import databases

log = logging.getLogger(__name__)

# Seconds between two queries when there is nothing to do.
POLL = 1.0
# The most seconds between two attempts to reach the database.
LONGEST_PAUSE = 30.0
# Seconds between two updates of the figures.
COUNTED = 10.0


# Runs or sends a job; returns the outcome.
Attempt = Callable[[Registry, Taken, float], str]


class Worker:
    """Runs the jobs of an application, one at a time.

    If it is gone, another worker takes its job after ``lease`` seconds.
    """

    def __init__(self, registry: Registry, lease: float = taking.LEASE) -> None:
        self.registry = registry
        self.lease = lease
        relays = registry.settings["apiserver.jobs_broker"]
        self.relay = dramatiq().Relay(registry) if relays else None
        self.attempt: Attempt = self.relay or running.attempt
        self.stopping = threading.Event()
        self.running: tuple[Taken, float] | None = None
        self.tally = Tally()
        self.is_settled = False
        self.ticked = self.counted = 0.0
        self.pause = POLL

    @cached_property
    def statement(self) -> Update:
        return taking.taking(self.registry.jobs)

    def stop(self) -> None:
        """Take no further jobs; the running one is finished."""
        self.stopping.set()

    def work_until_signal(self) -> None:
        """Work until SIGTERM or Ctrl+C; finish the running job.

        A second Ctrl+C interrupts that, too, and another worker retries it.
        """

        def stop(number: int, frame: FrameType | None) -> None:
            if self.stopping.is_set() and number == signal.SIGINT:
                raise KeyboardInterrupt
            self.stop()

        signal.signal(signal.SIGTERM, stop)
        signal.signal(signal.SIGINT, stop)
        self.work()

    def work(self) -> None:
        """Run jobs until ``stop()``."""
        log.info("The worker runs these jobs: %s", ", ".join(self.registry.jobs))
        with self.heart():
            while not self.stopping.is_set():
                if not self.turn():
                    self.stopping.wait(self.pause)
        with suppress(DBAPIError, NoConnection):
            self.tally.store(self.registry)
        if self.relay is not None:
            self.relay.close()

    def turn(self) -> bool:
        """Run a job if there is one; return whether to look for another now."""
        try:
            self.tick()
            found = self.step() is not None
        except (DBAPIError, NoConnection, BrokerDown) as error:
            if databases.is_refused(error):
                raise
            self.pause = min(self.pause * 2, LONGEST_PAUSE)
            log.warning("%s Next attempt in %d s.", reason(error), self.pause)
            return False
        self.pause = POLL
        return found

    def tick(self) -> None:
        """Enqueue the scheduled jobs that are due, at most once a second."""
        if time.monotonic() < self.ticked + POLL:
            return
        if not self.is_settled:
            ticking.settle(self.registry)
            self.is_settled = True
        ticking.tick(self.registry)
        self.ticked = time.monotonic()
        if self.ticked > self.counted + COUNTED:
            self.tally.store(self.registry)
            self.counted = self.ticked

    def step(self) -> str | None:
        """Run the next job; return the outcome, or None without a job."""
        taken = self.take()
        if taken is None:
            return None
        job = self.registry.jobs[taken.name]
        began = time.monotonic()
        self.running = taken, began + job.limit
        try:
            outcome = self.attempt(self.registry, taken, self.lease)
        finally:
            self.running = None
        lasted = time.monotonic() - began
        self.tally.count(taken.name, outcome, lasted)
        about = (taken.name, taken.key, outcome, lasted)
        log.info("The job %s %s: %s after %.3f s", *about)
        return outcome

    def take(self) -> Taken | None:
        with taking.transaction(self.registry) as db:
            row = db.row(self.statement, {"lease": self.lease})
        return None if row is None else Taken(*row)

    @contextmanager
    def heart(self) -> Iterator[None]:
        """Extend the lease of the running job during the block, in another thread."""
        ended = threading.Event()
        thread = threading.Thread(target=self.beat, args=(ended,), name="leases")
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()

    def beat(self, ended: threading.Event) -> None:
        # Two extensions in succession may fail.
        while not ended.wait(self.lease / 3):
            current = self.running
            if current is None or time.monotonic() > current[1]:
                continue
            try:
                with taking.transaction(self.registry) as db:
                    taking.extend(db, current[0], self.lease)
            except (DBAPIError, NoConnection) as error:
                log.warning("The lease was not extended: %s", reason(error))


def reason(error: DBAPIError | NoConnection | BrokerDown) -> str:
    match error:
        case DBAPIError():
            return databases.reason(error)
        case BrokerDown():
            return f"The broker can't be reached: {type(error.__cause__).__name__}."
    return "The database has no connection left."


def dramatiq() -> ModuleType:
    """Import and return the module for Dramatiq, an optional extra."""
    return import_module("apiserver.core.jobs.relaying")


def dramatiq_broker(registry: Registry) -> Any:
    """Return the broker for Dramatiq's own workers."""
    return dramatiq().broker_of(registry)


def work_off(registry: Registry) -> list[str]:
    """Run the jobs that are due, and those they enqueue; return the outcomes.

    For tests: ``["done", "failed"]``.
    """
    worker = Worker(registry)
    return list(iter(worker.step, None))
