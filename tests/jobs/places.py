"""Jobs that are dead; there are two, of different names."""

from typing import Any

from apiserver.core.db import now
from apiserver.core.jobs import JobState, QueuedJob
from tests.contract.places import Place


def make_job(db: Any, name: str = "purge_expired", **values: Any) -> QueuedJob:
    """Make a job that is dead, or what the values say."""
    key = name.ljust(32, "0")
    dead = {
        "state": JobState.DEAD,
        "attempts": 10,
        "created": now(),
        "due": None,
        "error": "OperationalError in purge, line 42",
    }
    common = {"payload": '{"secret": "Ada"}', "key": key, "request_id": key}
    found = QueuedJob(name=name, **common, **{**dead, **values})
    db.add(found)
    db.commit()
    return found


def job(db: Any, caller: Any, role: str | None) -> Place:
    made = make_job(db)
    make_job(db, "remind")
    return Place({"job_id": made.id})


PLACES = {"/jobs/{job_id}": job}
