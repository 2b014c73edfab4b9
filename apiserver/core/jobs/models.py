"""The tables of jobs and schedules."""

import enum
from datetime import datetime

from sqlalchemy import Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from apiserver.core.db.base import Base, Bookkeeping, PrimaryKey

# The longest stored name.
LONGEST_NAME = 80
LONGEST_ERROR = 500


class State(enum.Enum):
    """The state of a job, which waits for a worker, its end, or the operator."""

    QUEUED = "queued"
    RUNNING = "running"
    DEAD = "dead"


class QueuedJob(Base):
    """A job that isn't done; when it is, its row is deleted.

    It may be taken once it is ``due``. While it runs, that is the end of its lease,
    which its worker extends; a dead job is never due. ``attempts`` is the number of the
    current attempt: only that may complete it.
    """

    __tablename__ = "job"
    __table_args__ = (Index("ix_job_due_id", "due", "id"),)
    __audit__ = Bookkeeping("What jobs do is audited, not that they wait.")

    id: Mapped[PrimaryKey]
    name: Mapped[str] = mapped_column(String(LONGEST_NAME))
    payload: Mapped[str] = mapped_column(Text)
    # The same for each attempt, to recognize repetitions.
    key: Mapped[str] = mapped_column(String(32))
    # Of the request that enqueued it.
    request_id: Mapped[str] = mapped_column(String(80))
    state: Mapped[State]
    attempts: Mapped[int]
    created: Mapped[datetime]
    due: Mapped[datetime | None]
    started: Mapped[datetime | None]
    error: Mapped[str | None] = mapped_column(String(LONGEST_ERROR))


class JobSchedule(Base):
    """When a scheduled job is enqueued next."""

    __tablename__ = "job_schedule"
    __audit__ = Bookkeeping("It is the clock of the scheduled jobs.")

    name: Mapped[str] = mapped_column(String(LONGEST_NAME), primary_key=True)
    # The schedule from which this was computed, as text.
    schedule: Mapped[str] = mapped_column(String(200))
    due: Mapped[datetime]


class JobTally(Base):
    """How many attempts of a job had this outcome, and their total time."""

    __tablename__ = "job_tally"
    __audit__ = Bookkeeping("It counts, for the metrics.")

    name: Mapped[str] = mapped_column(String(LONGEST_NAME), primary_key=True)
    outcome: Mapped[str] = mapped_column(String(10), primary_key=True)
    attempts: Mapped[int]
    seconds: Mapped[float]
