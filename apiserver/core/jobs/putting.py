"""Enqueues a job: inserts its row in the current transaction."""

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import bindparam, insert

from apiserver.core.db.sessions import Session
from apiserver.core.jobs.clock import CLOCK, seconds
from apiserver.core.jobs.declared import Job
from apiserver.core.jobs.models import QueuedJob, State

AT_ONCE = timedelta()

INSERT = insert(QueuedJob).values(
    state=State.QUEUED, attempts=0, created=CLOCK, due=seconds("delay")
)
INSERT_AT = insert(QueuedJob).values(
    state=State.QUEUED, attempts=0, created=CLOCK, due=bindparam("due")
)


def put(
    db: Session,
    job: Job,
    values: Mapping[str, object] = {},
    *,
    after: timedelta = AT_ONCE,
    at: datetime | None = None,
) -> str:
    """Enqueue a job in the transaction of the session; return the job's key.

    Workers see it after the commit, and take it then, ``after`` a delay, or ``at`` a
    time. Raises ValueError if the job's schema rejects the values. They are stored as
    plain text, and must not contain secrets.
    """
    key = secrets.token_hex(16)
    row = {
        "name": job.name,
        "payload": job.write(values),
        "key": key,
        "request_id": origin(db, job) or key,
    }
    if at is None:
        db.run(INSERT, {**row, "delay": after.total_seconds()})
    else:
        db.run(INSERT_AT, {**row, "due": at})
    return key


def origin(db: Session, job: Job) -> str:
    """Return the id of the request behind the job, which another may have enqueued."""
    request = db.info.get("request")
    if request is None:
        request_id: str = db.info.get("origin", {}).get("request_id", "")
        return request_id
    if job.name not in request.registry.jobs:
        raise LookupError(f"No worker knows the job {job.name}: scan its module.")
    return str(request.request_id)
