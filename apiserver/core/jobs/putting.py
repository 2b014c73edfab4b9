"""A job is put: a row more in the transaction of whoever puts it."""

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
    """Put a job into the transaction of the session; return the job's key.

    Workers see it once that is committed, and take it then, ``after`` a while, or
    ``at`` a time. The values must be what the job's schema takes, or it is a
    ValueError. They are stored as they are: they must not hold a secret.
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
    """Return the id of the request that puts the job, or has put the one that does."""
    request = db.info.get("request")
    if request is None:
        request_id: str = db.info.get("origin", {}).get("request_id", "")
        return request_id
    if job.name not in request.registry.jobs:
        raise LookupError(f"No worker knows the job {job.name}: scan its module.")
    return str(request.request_id)
