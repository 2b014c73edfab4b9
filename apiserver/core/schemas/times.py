"""Fields of the calendar and the clock: moments and dates.

Their JSON is a string of RFC 3339.
"""

import re
from datetime import UTC, date, datetime

import colander

from apiserver.core.schemas.fields import Field
from apiserver.core.typing import Json

# RFC 3339, and the offsets of ISO 8601 that generated clients write: +0000.
_MOMENT = re.compile(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)",
    re.ASCII | re.IGNORECASE,
)
# In a query or a form + stands for a space.
_LOST_PLUS = re.compile(r"\S+\d \d\d:?\d\d", re.ASCII)

A_MOMENT = "Must be a datetime, such as 2026-03-01T12:00:00Z."
NO_OFFSET = "Must have a UTC offset, such as 2026-03-01T12:00:00Z."
LOST_PLUS = "Must be a datetime, such as 2026-03-01T12:00:00Z; in URLs, write + as %2B."

_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
A_DATE = "Must be a date, such as 2026-03-01."


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
    """Say what a datetime must be, and what is wrong where that is known."""
    if isinstance(value, str) and _LOST_PLUS.fullmatch(value):
        return LOST_PLUS
    if isinstance(value, str) and _MOMENT.fullmatch(f"{value}Z"):
        return NO_OFFSET
    return A_MOMENT


def read_moment(text: str) -> datetime:
    """Return the datetime in UTC; raise if it is none, or out of the calendar there."""
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
    """Return the date; raise if it is none, or spelled in another way of ISO 8601."""
    if not _DATE.fullmatch(text):
        raise ValueError(text)
    return date.fromisoformat(text)


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
