"""For operators: list jobs, retry dead ones, delete them."""

from collections.abc import Mapping, Sequence
from typing import cast

from sqlalchemy import ColumnElement, CursorResult, delete, func, select, update
from sqlalchemy.sql.dml import UpdateBase

from apiserver.core.db.sessions import Session
from apiserver.core.jobs.clock import CLOCK
from apiserver.core.jobs.models import QueuedJob, State
from apiserver.core.typing import Row

# All but the payload, which usually is about people.
SHOWN = tuple(each for each in QueuedJob.__table__.columns if each.key != "payload")
# The names of states, for callers of this module.
STATES = tuple(state.value for state in State)


COLUMNS = {"state": QueuedJob.state, "job": QueuedJob.name, "id": QueuedJob.id}


def chosen(choice: Mapping[str, object]) -> list[ColumnElement[bool]]:
    """Return the conditions for jobs with a ``state``, a name (``job``) or an ``id``.

    None matches all.
    """
    values = {name: value for name, value in choice.items() if value is not None}
    if "state" in values:
        values["state"] = State(values["state"])
    return [COLUMNS[name] == value for name, value in values.items()]


def find_jobs(db: Session, most: int, **choice: object) -> tuple[Sequence[Row], int]:
    """Return the oldest matching jobs, without payloads, and the total number."""
    conditions = chosen(choice)
    found = select(*SHOWN).where(*conditions).order_by(QueuedJob.id).limit(most)
    number = select(func.count()).select_from(QueuedJob).where(*conditions)
    return db.execute(found).all(), db.scalar(number) or 0


def retry_jobs(db: Session, **choice: object) -> int:
    """Queue the matching dead jobs again, with all their attempts."""
    statement = (
        update(QueuedJob)
        .where(QueuedJob.state == State.DEAD, *chosen(choice))
        .values(state=State.QUEUED, attempts=0, due=CLOCK)
    )
    return changed(db, statement)


def delete_jobs(db: Session, **choice: object) -> int:
    """Delete the matching jobs, except for running ones."""
    conditions = (QueuedJob.state != State.RUNNING, *chosen(choice))
    return changed(db, delete(QueuedJob).where(*conditions))


def changed(db: Session, statement: UpdateBase) -> int:
    """Execute a statement; return the number of changed rows."""
    result = db.execute(statement, execution_options={"synchronize_session": False})
    return cast(CursorResult[*tuple[object, ...]], result).rowcount
