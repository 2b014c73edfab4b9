"""Schedules of jobs: cron expressions, or equal intervals."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib import import_module
from typing import Protocol
from zoneinfo import ZoneInfo

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Workers check once per second.
SHORTEST = timedelta(seconds=1)


class Schedule(Protocol):
    """Computes the next occurrence; ``str`` identifies the schedule."""

    def next(self, after: datetime) -> datetime:
        """Return the first occurrence after the time, in UTC."""


@dataclass(frozen=True)
class Every:
    """At multiples of the interval since 1970, the same on all machines."""

    interval: timedelta

    def next(self, after: datetime) -> datetime:
        return after - (after - EPOCH) % self.interval + self.interval

    def __str__(self) -> str:
        return f"every {self.interval}"


@dataclass(frozen=True)
class Cron:
    """At the times of a cron expression, in a time zone."""

    expression: str
    zone: str

    def next(self, after: datetime) -> datetime:
        # Imported only if a job needs it.
        times = import_module("cronsim").CronSim
        found: datetime = next(times(self.expression, after.astimezone(self.place)))
        return found.astimezone(UTC)

    @property
    def place(self) -> ZoneInfo:
        return ZoneInfo(self.zone)

    def __str__(self) -> str:
        return f"cron {self.expression} {self.zone}"


def every(
    *, days: float = 0, hours: float = 0, minutes: float = 0, seconds: float = 0
) -> Every:
    """Return a schedule: ``every(hours=1)`` is on the hour, in UTC."""
    interval = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
    if interval < SHORTEST:
        raise ValueError(f"A job can't run every {interval}: a second is the least.")
    return Every(interval)


def cron(expression: str, *, zone: str = "UTC") -> Cron:
    """Return a schedule: ``cron("30 3 * * *")`` is at half past three in the morning.

    Daylight saving time is handled like in Debian's cron: a time that the clock skips
    runs right after, one that comes twice runs once.
    Raises CronSimError or ZoneInfoNotFoundError for invalid arguments.
    """
    made = Cron(expression, zone)
    made.next(EPOCH)
    return made
