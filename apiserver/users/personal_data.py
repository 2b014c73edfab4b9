"""What is stored about a user: each feature says what it has.

::

    config.add_personal_data(
        "teams",
        select(Team.id, Team.title).join(TeamMember).where(TeamMember.user_id == USER),
        by=Team.id,
    )

The columns are what the user gets, by their names: no secrets, and nothing of others.
"""

from collections.abc import Iterator
from typing import NamedTuple

from pyramid.config import Configurator
from sqlalchemy import BigInteger, bindparam, select
from sqlalchemy.orm import InstrumentedAttribute

from apiserver.core.db import Session
from apiserver.core.registry import Registry
from apiserver.core.typing import Selection
from apiserver.users.models import User
from apiserver.users.resources import DETAIL

USER = bindparam("user", type_=BigInteger)
BATCH = 1000
KEY = "key_of_batch"


class Part(NamedTuple):
    """A part of what is stored: a list of rows, which are read in batches."""

    name: str
    statement: Selection


def add_personal_data(
    config: Configurator,
    name: str,
    statement: Selection,
    *,
    by: InstrumentedAttribute[int],
) -> None:
    """Add the rows of a statement, which has the parameter ``USER``, by their key."""
    after = by > bindparam("last", type_=BigInteger)
    batch = statement.add_columns(by.label(KEY)).where(after).order_by(by).limit(BATCH)
    config.registry.personal_data.append(Part(name, batch))


def parts_of(registry: Registry) -> list[Part]:
    parts: list[Part] = registry.personal_data
    return parts


def rows_of(db: Session, part: Part, user_id: int) -> Iterator[dict[str, object]]:
    """Yield the rows of a part, as many as there are, a batch at a time."""
    last: int | None = 0
    while last is not None:
        rows = db.execute(part.statement, {"user": user_id, "last": last}).all()
        last = getattr(rows[-1], KEY) if len(rows) == BATCH else None
        for row in rows:
            values = row._asdict()
            del values[KEY]
            yield values


def includeme(config: Configurator) -> None:
    config.registry.personal_data = []
    config.add_directive("add_personal_data", add_personal_data)
    add_personal_data(
        config, "profile", select(*DETAIL).where(User.id == USER), by=User.id
    )
