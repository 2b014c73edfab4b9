"""Writes the history, in the transaction that changes the rows.

The old values are read, and locked, right before the row is written; the new ones right
before the commit. So each change begins with the values that the previous one has left,
whether or not the entity was locked before; changes that a savepoint rolls back are not
recorded; and both values are as the database stores them, rounded for example.
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

# A subclass of Historic.
Model = type[Any]
# The old values of tracked columns, by model and id.
Before = dict[Model, dict[int, Row]]
# Ids per statement: SQLite allows 32,766 parameters.
MOST_IDS = 1000
DURATION = DurationType()


def keep_dirty(mapper: Mapper[Base], connection: Connection, entity: Base) -> None:
    """Read the old values of an entity that is about to be written (``before_update``).

    In one statement, together with those of all others in this flush.
    """
    # The session that writes it.
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
    """Whether the row was inserted in this transaction, according to the audit log."""
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
    """Yield the rows with these ids, with their tracked columns."""
    table = model.__table__
    columns = [table.c[name] for name in model.__history__.columns]
    statement = select(table.c.id, *columns).order_by(table.c.id)
    if locked:
        # The same lock as that of the UPDATE that follows.
        statement = statement.with_for_update(key_share=True)
    for start in range(0, len(ids), MOST_IDS):
        some = ids[start : start + MOST_IDS]
        yield from connection.execute(statement.where(table.c.id.in_(some)))


def write_history(session: Session) -> None:
    """Store the transaction's changes of historic rows (``before_commit``)."""
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
    """Yield the columns whose values differ."""
    for field, value in new._mapping.items():
        before, after = as_json(old._mapping[field]), as_json(value)
        if before != after:
            yield {"field": field, "before": before, "after": after}


def as_json(value: object) -> Json:
    """Return a value as in responses: a time by RFC 3339, an enum by its value."""
    return orjson.loads(orjson.dumps(value, default=as_text))


def as_text(value: object) -> str:
    """Return a decimal number with all decimal places, or a duration, as text."""
    if isinstance(value, timedelta):
        return DURATION.dump(value)
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


def who(session: Session) -> dict[str, object]:
    """Return the ids of the caller's user and client, if there is a request."""
    request = session.info.get("request")
    about = {**NOTHING, **(caller(request) if request is not None else {})}
    return {name: about[name] for name in ("actor_id", "client_id")}


def forget(session: AnySession, transaction: SessionTransaction) -> None:
    """Drop the old values when the whole transaction ends."""
    if transaction.parent is None:
        session.info.pop("before", None)


def record(model: Model) -> None:
    """Begin to record the changes of a model."""
    record_sessions()
    names = frozenset(model.__history__.columns)
    WRITTEN_BY_ENTITIES[model.__table__.name] = names
    hooks.listen(model, "before_update", keep_dirty, propagate=True)


@cache
def record_sessions() -> None:
    """Listen to all sessions, once the first model has a history."""
    # Before the audit log, which is written last.
    hooks.listen(Session, "before_commit", write_history, insert=True)
    hooks.listen(Session, "after_transaction_end", forget)
