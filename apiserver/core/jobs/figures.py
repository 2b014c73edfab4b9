"""What is known of all jobs, for the metrics: how many wait, and how long they took.

Workers have no port of their own: they add up in the database, and servers read it.
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
    """Make the statement that adds to a tally, in the SQL of a database."""
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
    """Jobs by name and state, seconds that the oldest waits, attempts that ended."""

    waiting: list[Row]
    oldest: float
    ended: list[Row]


def read_figures(registry: Registry) -> Figures:
    """Read how all workers together get on."""
    with registry.read_sessions() as db:
        oldest = db.row(OLDEST)
        since = (oldest.time - oldest.due).total_seconds() if oldest.due else 0.0
        return Figures(db.rows(WAITING), max(since, 0.0), db.rows(ENDED))


class Tally:
    """Attempts that have ended, until they are stored."""

    def __init__(self) -> None:
        self.ended: dict[tuple[str, str], tuple[int, float]] = {}

    def count(self, name: str, outcome: str, seconds: float) -> None:
        attempts, sum_of_seconds = self.ended.get((name, outcome), (0, 0.0))
        self.ended[name, outcome] = attempts + 1, sum_of_seconds + seconds

    def store(self, registry: Registry) -> None:
        """Add them to what all workers have counted."""
        rows = [
            {"name": name, "outcome": outcome, "attempts": attempts, "seconds": seconds}
            for (name, outcome), (attempts, seconds) in sorted(self.ended.items())
        ]
        if rows:
            with taking.transaction(registry) as db:
                db.run(adding(db.get_bind().dialect.name), rows)
        self.ended.clear()
