"""Figures for the metrics of jobs: how many are waiting, and how long they took.

Workers serve no metrics: they add up in the database, which servers read.
"""

from functools import cache
from importlib import import_module
from typing import Any, NamedTuple

from sqlalchemy import bindparam, func, select

from apiserver.core.jobs import taking
from apiserver.core.jobs.clock import CLOCK
from apiserver.core.jobs.models import JobTally, QueuedJob, State
from apiserver.core.registry import Registry
from apiserver.core.typing import Row

TALLIES = JobTally.metadata.tables["job_tally"]


@cache
def adding(dialect: str) -> Any:
    """Make the statement that adds to a tally, for a dialect."""
    names = ("name", "outcome", "attempts", "seconds")
    insert = import_module(f"sqlalchemy.dialects.{dialect}").insert
    statement = insert(TALLIES).values({name: bindparam(name) for name in names})
    return statement.on_conflict_do_update(
        index_elements=[TALLIES.c.name, TALLIES.c.outcome],
        set_={
            name: TALLIES.c[name] + statement.excluded[name]
            for name in ("attempts", "seconds")
        },
    )


ENDED = select(TALLIES).order_by(TALLIES.c.name, TALLIES.c.outcome)
WAITING = (
    select(QueuedJob.name, QueuedJob.state, func.count().label("number"))
    .group_by(QueuedJob.name, QueuedJob.state)
    .order_by(QueuedJob.name, QueuedJob.state)
)
OLDEST = select(func.min(QueuedJob.due).label("due"), CLOCK.label("time")).where(
    QueuedJob.state == State.QUEUED
)


class Figures(NamedTuple):
    """Jobs by name and state, the wait of the oldest in seconds, ended attempts."""

    waiting: list[Row]
    oldest: float
    ended: list[Row]


def read_figures(registry: Registry) -> Figures:
    """Read the figures of all workers."""
    with registry.read_sessions() as db:
        oldest = db.row(OLDEST)
        since = (oldest.time - oldest.due).total_seconds() if oldest.due else 0.0
        return Figures(db.rows(WAITING), max(since, 0.0), db.rows(ENDED))


class Tally:
    """Ended attempts that aren't stored yet."""

    def __init__(self) -> None:
        self.ended: dict[tuple[str, str], tuple[int, float]] = {}

    def count(self, name: str, outcome: str, seconds: float) -> None:
        attempts, sum_of_seconds = self.ended.get((name, outcome), (0, 0.0))
        self.ended[name, outcome] = attempts + 1, sum_of_seconds + seconds

    def store(self, registry: Registry) -> None:
        """Add them to the figures of all workers."""
        rows = [
            {"name": name, "outcome": outcome, "attempts": attempts, "seconds": seconds}
            for (name, outcome), (attempts, seconds) in sorted(self.ended.items())
        ]
        if rows:
            with taking.transaction(registry) as db:
                db.run(adding(db.get_bind().dialect.name), rows)
        self.ended.clear()
