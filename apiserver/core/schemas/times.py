"""Fields of timestamps, dates, times of day and durations.

In JSON they are strings of RFC 3339, and of ISO 8601 as in its appendix A.
"""

import re
from datetime import UTC, date, datetime, time, timedelta

import colander

from apiserver.core.schemas.fields import Checks, Field, Pattern, Range
from apiserver.core.schemas.types import StringType
from apiserver.core.typing import Json

# RFC 3339, and the offsets of ISO 8601 that generated clients write: +0000.
_MOMENT = re.compile(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)",
    re.ASCII | re.IGNORECASE,
)
# In a query or a form "+" means a space.
_LOST_PLUS = re.compile(r"\S+\d \d\d:?\d\d", re.ASCII)

A_MOMENT = "Must be a datetime, such as 2026-03-01T12:00:00Z."
NO_OFFSET = "Must have a UTC offset, such as 2026-03-01T12:00:00Z."
LOST_PLUS = "Must be a datetime, such as 2026-03-01T12:00:00Z; in URLs, write + as %2B."

_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
A_DATE = "Must be a date, such as 2026-03-01."

A_TIME = "Must be a time of day without an offset, such as 12:30 or 12:30:00."
TIME = r"^([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\.[0-9]{1,6})?)?$"

A_DURATION = "Must be a duration in weeks, days or shorter units, such as P1DT2H30M."
# Without years and months, whose length varies.
CLOCK = "T({0}H({0}M({0}S)?)?|{0}M({0}S)?|{0}S)".format("[0-9]{1,9}")
DURATION = f"^P([0-9]{{1,6}}W|[0-9]{{1,7}}D({CLOCK})?|{CLOCK})$"
UNITS = {"W": "weeks", "D": "days", "H": "hours", "M": "minutes", "S": "seconds"}
# The limit of SQLAlchemy's Interval on SQLite: from 1970 to the year 9999.
LONGEST_DURATION = timedelta(days=2_000_000)


class DateTimeType(colander.DateTime):
    """A datetime with its UTC offset (RFC 3339)."""

    def deserialize(self, node: colander.SchemaNode, value: Json) -> Json:
        if value is colander.null:
            return value
        try:
            return read_moment(value)
        except (TypeError, ValueError, OverflowError):
            raise colander.Invalid(node, hint(value)) from None


def hint(value: object) -> str:
    """Return the error for a datetime, with a hint if possible."""
    if isinstance(value, str) and _LOST_PLUS.fullmatch(value):
        return LOST_PLUS
    if isinstance(value, str) and _MOMENT.fullmatch(f"{value}Z"):
        return NO_OFFSET
    return A_MOMENT


def read_moment(text: str) -> datetime:
    """Return the datetime in UTC; raise if it is invalid, or out of range there."""
    if not _MOMENT.fullmatch(text):
        raise ValueError(text)
    return datetime.fromisoformat(text.upper()).astimezone(UTC)


class DateType(colander.Date):
    """A date (``full-date`` of RFC 3339 section 5.6)."""

    def deserialize(self, node: colander.SchemaNode, value: Json) -> Json:
        if value is colander.null:
            return value
        try:
            return read_date(value)
        except (TypeError, ValueError):
            raise colander.Invalid(node, A_DATE) from None


def read_date(text: str) -> date:
    """Return the date; raise if it is invalid, or in another format of ISO 8601."""
    if not _DATE.fullmatch(text):
        raise ValueError(text)
    return date.fromisoformat(text)


class TimeType(StringType):
    """A time of day, without an offset (``partial-time`` of RFC 3339 section 5.6)."""

    pattern = re.compile(TIME)

    def deserialize(self, node: colander.SchemaNode, value: Json) -> Json:
        if value is colander.null:
            return value
        if not isinstance(value, str) or not self.pattern.fullmatch(value):
            raise colander.Invalid(node, A_TIME)
        return time.fromisoformat(value)


class DurationType(StringType):
    """A duration in whole seconds (``duration`` of RFC 3339 appendix A)."""

    pattern = re.compile(DURATION)
    parts = re.compile("([0-9]+)([WDHMS])")

    def deserialize(self, node: colander.SchemaNode, value: Json) -> Json:
        if value is colander.null:
            return value
        if not isinstance(value, str) or not self.pattern.fullmatch(value):
            raise colander.Invalid(node, A_DURATION)
        parts = self.parts.findall(value)
        return timedelta(**{UNITS[unit]: int(number) for number, unit in parts})

    def dump(self, value: timedelta) -> str:
        minutes, seconds = divmod(int(value.total_seconds()), 60)
        hours, minutes = divmod(minutes, 60)
        days, hours = divmod(hours, 24)
        clock = f"T{hours}H{minutes}M{seconds}S" if hours or minutes or seconds else ""
        return f"P{days}D{clock}" if days or not clock else f"P{clock}"


class Moment(Field):
    """A point in time."""

    def __init__(self, **kw: object) -> None:
        kw.setdefault("example", "2026-03-01T12:00:00.000000+00:00")
        super().__init__(DateTimeType(), **kw)


class Date(Field):
    """A day of the calendar, without a time or a zone."""

    def __init__(self, **kw: object) -> None:
        kw.setdefault("example", "2026-03-01")
        super().__init__(DateType(), **kw)


class Time(Field):
    """A time of day, without a day or a zone, to the microsecond."""

    def __init__(self, **kw: object) -> None:
        kw = {"example": "12:30:00", "format": "time-local", **kw}
        super().__init__(TimeType(), validator=Pattern(TIME), **kw)


class Duration(Field):
    """How long something takes, from zero up to two million days, in whole seconds."""

    def __init__(self, **kw: object) -> None:
        kw = {"example": "P1DT2H30M0S", "format": "duration", **kw}
        limits = (timedelta(), LONGEST_DURATION)
        said = tuple(map(DurationType().dump, limits))
        validator = Checks(Pattern(DURATION), Range(*limits, said))
        super().__init__(DurationType(), validator=validator, **kw)
