"""When a scheduled job is put: by a cron expression, or at equal distances."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib import import_module
from typing import Protocol
from zoneinfo import ZoneInfo

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Workers look that often.
SHORTEST = timedelta(seconds=1)


class Schedule(Protocol):
    """What knows when it is time again; ``str`` tells it from others."""

    def next(self, after: datetime) -> datetime:
        """Return the first occurrence later than the time, in UTC."""


@dataclass(frozen=True)
class Every:
    """At whole multiples of the interval since 1970, on all machines alike."""

    interval: timedelta

    def next(self, after: datetime) -> datetime:
        return after - (after - EPOCH) % self.interval + self.interval

    def __str__(self) -> str:
        return f"every {self.interval}"


@dataclass(frozen=True)
class Cron:
    """At the times of a crontab, in a time zone."""

    expression: str
    zone: str

    def next(self, after: datetime) -> datetime:
        # A server without such a job doesn't load it.
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

    In a zone with summer time it is what Debian's cron does: a time that the clock
    skips is made up for right after, one that comes twice runs once.
    Raises CronSimError or ZoneInfoNotFoundError for what means nothing.
    """
    made = Cron(expression, zone)
    made.next(EPOCH)
    return made
