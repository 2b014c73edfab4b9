"""Counts attempts in a window of time, with one atomic statement.

All processes share the counters, in the database::

    class Throttle(Tries, Base):
        __tablename__ = "throttle"

    tried = count_try(db, Throttle, counter_key("account", name), window=900)
"""

import math
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cache
from hashlib import sha256
from typing import Any, NamedTuple

from sqlalchemy import String, bindparam, case
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column
from sqlalchemy.sql.dml import ReturningInsert

from apiserver.core.db.base import now
from apiserver.core.db.columns import UTCDateTime

INSERTS: dict[str, Callable[..., sqlite.Insert | postgresql.Insert]] = {
    "postgresql": postgresql.insert,
    "sqlite": sqlite.insert,
}


class Tries:
    """Mixin of a table of counters; a counter restarts when it ``expires``.

    The key is a digest, never what was typed.
    """

    key: Mapped[str] = mapped_column(String(80), primary_key=True)
    tries: Mapped[int]
    expires: Mapped[datetime]


class Tried(NamedTuple):
    """The number of an attempt in its window, and the seconds until that ends."""

    number: int
    wait: int


def counter_key(kind: str, name: str) -> str:
    """Return the key for the attempts on a name: a digest, never what was typed."""
    return f"{kind}:{sha256(name.encode()).hexdigest()}"


@cache
def counting(model: Any, dialect: str) -> ReturningInsert[int, datetime]:
    """Make the statement that counts an attempt."""
    statement = INSERTS[dialect](model).values(
        key=bindparam("counter"), tries=1, expires=bindparam("end")
    )
    running = model.expires > bindparam("now", type_=UTCDateTime)
    return statement.on_conflict_do_update(
        index_elements=[model.key],
        set_={
            "tries": case((running, model.tries + 1), else_=1),
            "expires": case((running, model.expires), else_=statement.excluded.expires),
        },
    ).returning(model.tries, model.expires)


def count_try(db: Session, model: type[Tries], key: str, *, window: int) -> Tried:
    """Count an attempt; the ``window`` begins with the first, in seconds."""
    moment = now()
    end = moment + timedelta(seconds=window)
    parameters = {"counter": key, "now": moment, "end": end}
    table: Any = model
    statement = counting(table, db.get_bind().dialect.name)
    number, expires = db.execute(statement, parameters).one()
    return Tried(number, seconds_until(expires, moment))


def seconds_until(expires: datetime, moment: datetime) -> int:
    """Return the whole seconds from a time to a later one, at least one."""
    return max(1, math.ceil((expires - moment).total_seconds()))
