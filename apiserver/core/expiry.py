"""Rows that expire: what has no use any more is deleted in small batches.

A feature says which of its rows those are::

    config.add_expiring(OAuth2Token, OAuth2Token.expires < NOW)

``NOW`` is the time of the purge. A batch is one short transaction, so that requests
never wait for long.
"""

from collections.abc import Iterator
from typing import Any

from pyramid.config import Configurator
from sqlalchemy import ColumnElement, Engine, bindparam, delete, inspect, select, tuple_

from apiserver.core.audit import record_command
from apiserver.core.db.base import Base, now
from apiserver.core.db.columns import UTCDateTime
from apiserver.core.db.sessions import Session
from apiserver.core.registry import Registry

NOW = bindparam("now", type_=UTCDateTime)


def add_expiring(
    config: Configurator, model: type[Base], condition: ColumnElement[bool]
) -> None:
    """Declare that the rows of the model are of no use once the condition holds."""
    key = tuple_(*inspect(model).primary_key)
    expired = select(*inspect(model).primary_key).where(condition)
    statement = (
        delete(model)
        .where(key.in_(expired.limit(bindparam("batch"))))
        .execution_options(synchronize_session=False)
    )
    config.registry.expiring.append((model.__tablename__, statement))


def purge(
    engine: Engine, registry: Registry, *, batch: int
) -> Iterator[tuple[str, int]]:
    """Delete what is expired; yield each batch's table and number of rows."""
    parameters = {"now": now(), "batch": batch}
    for table, statement in registry.expiring:
        deleted = batch
        while deleted == batch:
            with Session(engine) as db, db.begin():
                result: Any = db.execute(statement, parameters)
                deleted = result.rowcount
                if deleted:
                    target = f"{table} rows={deleted}"
                    record_command(db, "purged", target=target)
            yield table, deleted


def includeme(config: Configurator) -> None:
    config.registry.expiring = []
    config.add_directive("add_expiring", add_expiring)
