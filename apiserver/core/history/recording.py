"""Writes the history, in the transaction that changes the rows.

What was there before is read when the row is about to be written, and locked by that;
what there is after, right before the commit. So whoever changes it next finds what the
last one has left, whether the entity was locked before or not; what is undone by a
savepoint leaves nothing; and both values are the database's own, rounded by it.
"""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from decimal import Decimal
from functools import cache
from typing import Any, cast

import orjson
from sqlalchemy import Connection, insert, inspect, select
from sqlalchemy import event as hooks
from sqlalchemy.orm import Mapper, SessionTransaction, object_session
from sqlalchemy.orm import Session as AnySession

from apiserver.core.audit import NOTHING, caller
from apiserver.core.db.base import Base, now
from apiserver.core.db.changes import change_of, changes_of
from apiserver.core.db.sessions import Session
from apiserver.core.db.writing import CREATED, WRITTEN_BY_ENTITIES
from apiserver.core.schemas.times import DurationType
from apiserver.core.typing import Fragment, Json, Row

# A class that is Historic.
Model = type[Any]
# The values of tracked columns before the transaction, by model and id.
Before = dict[Model, dict[int, Row]]
# Of ids in one statement: SQLite takes 32,766 parameters.
MOST_IDS = 1000
DURATION = DurationType()


def keep_dirty(mapper: Mapper[Base], connection: Connection, entity: Base) -> None:
    """Keep what is there of an entity that is written next (``before_update``).

    With it of all others that wait to be written, in one statement.
    """
    # The one that writes it.
    session, model = cast(AnySession, object_session(entity)), type(entity)
    known = session.info.setdefault("before", {}).setdefault(model, {})
    if id_of(entity) not in known and not is_new(session, entity):
        others = [e for e in session.dirty if type(e) is model]
        waiting = [
            e for e in others if session.is_modified(e) and not is_new(session, e)
        ]
        ids = {id_of(each) for each in (entity, *waiting)}
        rows = read(connection, model, sorted(ids - known.keys()), locked=True)
        known.update({row.id: row for row in rows})


def is_new(session: AnySession, entity: Base) -> bool:
    """Whether the row was inserted in this transaction, by what the audit log knows."""
    change = change_of(entity, CREATED)
    if change is None:
        return False
    noted = changes_of(session).by_row.get((change.noun, change.key, None))
    return noted is not None and noted.verb == CREATED


def id_of(entity: Any) -> int:
    (key,) = inspect(entity).identity
    return int(key)


def read(
    connection: Connection, model: Model, ids: Sequence[int], *, locked: bool
) -> Iterator[Row]:
    """Yield the rows of these ids with their tracked columns."""
    table = model.__table__
    columns = [table.c[name] for name in model.__history__.columns]
    statement = select(table.c.id, *columns).order_by(table.c.id)
    if locked:
        # As the UPDATE does that follows.
        statement = statement.with_for_update(key_share=True)
    for start in range(0, len(ids), MOST_IDS):
        some = ids[start : start + MOST_IDS]
        yield from connection.execute(statement.where(table.c.id.in_(some)))


def write_history(session: Session) -> None:
    """Store what the transaction has changed of historic rows (``before_commit``)."""
    if session.in_nested_transaction():
        return
    session.flush()
    kept: Before = session.info.pop("before", {})
    for model, rows in kept.items():
        connection = session.connection()
        common = {"created": now(), **who(session)}
        changes = [
            {"row_id": row.id, **change, **common}
            for row in read(connection, model, sorted(rows), locked=False)
            for change in changes_between(rows[row.id], row)
        ]
        if changes:
            connection.execute(insert(model.__changes__), changes)


def changes_between(old: Row, new: Row) -> Iterator[Fragment]:
    """Yield the columns that have another value now."""
    for field, value in new._mapping.items():
        before, after = as_json(old._mapping[field]), as_json(value)
        if before != after:
            yield {"field": field, "before": before, "after": after}


def as_json(value: object) -> Json:
    """Return a value as responses have it: a time by RFC 3339, an enum by its value."""
    return orjson.loads(orjson.dumps(value, default=as_text))


def as_text(value: object) -> str:
    """Return a decimal number with all its places, and a duration as it is dumped."""
    if isinstance(value, timedelta):
        return DURATION.dump(value)
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


def who(session: Session) -> dict[str, object]:
    """Return who calls, as far as there is a request."""
    request = session.info.get("request")
    about = {**NOTHING, **(caller(request) if request is not None else {})}
    return {name: about[name] for name in ("actor_id", "client_id")}


def forget(session: AnySession, transaction: SessionTransaction) -> None:
    """Forget what was kept when the whole transaction ends, however that is."""
    if transaction.parent is None:
        session.info.pop("before", None)


def record(model: Model) -> None:
    """Keep the history of a model from now on."""
    record_sessions()
    names = frozenset(model.__history__.columns)
    WRITTEN_BY_ENTITIES[model.__table__.name] = names
    hooks.listen(model, "before_update", keep_dirty, propagate=True)


@cache
def record_sessions() -> None:
    """Listen to all sessions; where no model has a history, nothing does."""
    # Before the audit log, which is written last.
    hooks.listen(Session, "before_commit", write_history, insert=True)
    hooks.listen(Session, "after_transaction_end", forget)
