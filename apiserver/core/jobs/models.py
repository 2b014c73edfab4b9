"""Jobs and schedules: what is stored of them."""

import enum
from datetime import datetime

from sqlalchemy import Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from apiserver.core.db.base import Base, Bookkeeping, PrimaryKey

# Of a name that is stored.
LONGEST_NAME = 80
LONGEST_ERROR = 500


class State(enum.Enum):
    """What a job waits for: a worker, its end, or the operator."""

    QUEUED = "queued"
    RUNNING = "running"
    DEAD = "dead"


class QueuedJob(Base):
    """A job that isn't done. One that is has no row any more.

    It may be taken once it is ``due``. While it runs that is the end of its lease,
    which its worker extends; a dead one is never due. ``attempts`` counts how often it
    was taken, and tells an attempt from those before: only the last may complete it.
    """

    __tablename__ = "job"
    __table_args__ = (Index("ix_job_due_id", "due", "id"),)
    __audit__ = Bookkeeping("What jobs do is audited, not that they wait.")

    id: Mapped[PrimaryKey]
    name: Mapped[str] = mapped_column(String(LONGEST_NAME))
    payload: Mapped[str] = mapped_column(Text)
    # The same in each attempt, for those who must not do the work twice.
    key: Mapped[str] = mapped_column(String(32))
    # Of the request that put it.
    request_id: Mapped[str] = mapped_column(String(80))
    state: Mapped[State]
    attempts: Mapped[int]
    created: Mapped[datetime]
    due: Mapped[datetime | None]
    started: Mapped[datetime | None]
    error: Mapped[str | None] = mapped_column(String(LONGEST_ERROR))


class JobSchedule(Base):
    """When a scheduled job is put next."""

    __tablename__ = "job_schedule"
    __audit__ = Bookkeeping("It is the clock of the scheduled jobs.")

    name: Mapped[str] = mapped_column(String(LONGEST_NAME), primary_key=True)
    # The schedule by which it was computed, as it was declared.
    schedule: Mapped[str] = mapped_column(String(200))
    due: Mapped[datetime]


class JobTally(Base):
    """How many attempts of a job have ended so, and how long they took together."""

    __tablename__ = "job_tally"
    __audit__ = Bookkeeping("It counts, for the metrics.")

    name: Mapped[str] = mapped_column(String(LONGEST_NAME), primary_key=True)
    outcome: Mapped[str] = mapped_column(String(10), primary_key=True)
    attempts: Mapped[int]
    seconds: Mapped[float]
