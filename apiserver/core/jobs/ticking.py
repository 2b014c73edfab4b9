"""Enqueues scheduled jobs when they are due, each occurrence once."""

from contextlib import suppress
from datetime import datetime

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError

from apiserver.core.jobs.clock import CLOCK
from apiserver.core.jobs.declared import Job
from apiserver.core.jobs.models import JobSchedule
from apiserver.core.jobs.putting import put
from apiserver.core.jobs.schedules import Schedule
from apiserver.core.jobs.taking import transaction
from apiserver.core.registry import Registry

TIME = select(CLOCK.label("time"))
KNOWN = select(JobSchedule.name, JobSchedule.schedule, JobSchedule.due)
BEGIN = insert(JobSchedule)
# A second worker finds another time there.
ADVANCE = (
    update(JobSchedule)
    .where(JobSchedule.name == bindparam("job"), JobSchedule.due == bindparam("seen"))
    .values(due=bindparam("due"))
)
CHANGE = (
    update(JobSchedule)
    .where(JobSchedule.name == bindparam("job"))
    .values(schedule=bindparam("schedule"), due=bindparam("due"))
)


def scheduled(registry: Registry) -> dict[str, tuple[Job, Schedule]]:
    return {
        name: (job, job.schedule)
        for name, job in registry.jobs.items()
        if job.schedule is not None
    }


def settle(registry: Registry) -> None:
    """Store when each scheduled job is due first, or after a change of its schedule.

    Only when a worker starts: otherwise workers with older code and newer ones would
    overwrite each other's times.
    """
    now, known = read(registry)
    for name, (_, schedule) in scheduled(registry).items():
        row = {"schedule": str(schedule), "due": schedule.next(now)}
        if name not in known:
            # Another worker may have been faster.
            with suppress(IntegrityError), transaction(registry) as db:
                db.run(BEGIN, {"name": name, **row})
        elif known[name][0] != row["schedule"]:
            with transaction(registry) as db:
                db.run(CHANGE, {"job": name, **row})


def tick(registry: Registry) -> int:
    """Enqueue the scheduled jobs that are due; return how many.

    If several occurrences were missed while no worker ran, only one is enqueued.
    """
    jobs = scheduled(registry)
    if not jobs:
        return 0
    now, known = read(registry)
    number = 0
    for name, (job, schedule) in jobs.items():
        _, due = known.get(name, ("", None))
        if due is None or due > now:
            continue
        with transaction(registry) as db:
            new = {"job": name, "seen": due, "due": schedule.next(now)}
            if db.run(ADVANCE, new) == 1:
                put(db, job)
                number += 1
    return number


def read(registry: Registry) -> tuple[datetime, dict[str, tuple[str, datetime]]]:
    """Return the time, and the stored schedules."""
    with registry.read_sessions() as db:
        now: datetime = db.row(TIME).time
        return now, {row.name: (row.schedule, row.due) for row in db.rows(KNOWN)}
