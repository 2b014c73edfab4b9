"""Jobs that write notes, or fail; what puts them is a request, or the test."""

from datetime import datetime
from typing import Any

from pyramid.config import Configurator
from sqlalchemy import select, update

from apiserver.core.db import Session
from apiserver.core.jobs import JobFailed, Run, job, put, work_off
from apiserver.core.jobs.models import QueuedJob
from apiserver.core.schemas import Moment, Object, Text
from tests.core.notes import NOTE, notes


class Word(Object):
    word = Text(1, 20)
    at = Moment(missing=None)


@job(takes=Word, attempts=3)
def write_note(run: Run, *, word: str, at: datetime | None) -> None:
    """Write a note, and do what the test says to do."""
    run.db.execute(NOTE.insert().values(word=word))
    run.registry.errand(run)


@job(takes=Word, attempts=3)
def write_other(run: Run, *, word: str, at: datetime | None) -> None:
    """Write a note that says so."""
    run.db.execute(NOTE.insert().values(word=f"other {word}"))


def nothing(run: Run) -> None:
    """What a job does besides."""


def fail(run: Run) -> None:
    raise KeyError("a secret")


def refuse(run: Run) -> None:
    raise JobFailed("There is no such project.", retry=False)


def errands(config: Configurator) -> None:
    """Include the notes, and a job that writes one."""
    config.include(notes)
    config.registry.errand = nothing
    config.add_job(write_note)


def put_now(app: Any, *words: str, **about: Any) -> None:
    """Put a job for each word, in a transaction that is committed."""
    with Session(app.registry.engine) as db, db.begin():
        for word in words:
            put(db, write_note, {"word": word}, **about)


def work(app: Any, errand: Any = nothing, *words: str) -> list[str]:
    """Put a job for each word, and let a worker do what is due; the outcomes."""
    app.registry.errand = errand
    put_now(app, *words)
    return work_off(app.registry)


def stored(app: Any, *columns: Any) -> list[Any]:
    """Return the jobs that are in the table, by these columns."""
    columns = columns or (QueuedJob.name, QueuedJob.payload)
    with app.registry.read_sessions() as db:
        return db.rows(select(*columns).order_by(QueuedJob.id))


def make_due(app: Any) -> None:
    """Let all jobs be due now, those that run as if their workers were gone."""
    with Session(app.registry.engine) as db, db.begin():
        alive = QueuedJob.due.is_not(None)
        db.execute(update(QueuedJob).where(alive).values(due=QueuedJob.created))
