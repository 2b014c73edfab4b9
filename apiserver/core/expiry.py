"""Rows that expire: what has no use any more is deleted in small batches.

A feature says which of its rows those are::

    config.add_expiring(OAuth2Token, OAuth2Token.expires < NOW)

``NOW`` is the time of the purge. A batch is one short transaction, so that requests
never wait for long.
"""

from collections.abc import Iterator
from typing import Any

from pyramid.config import Configurator
from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    bindparam,
    delete,
    inspect,
    select,
    tuple_,
)

from apiserver.core.audit import record_command
from apiserver.core.db.base import Base, now
from apiserver.core.db.columns import UTCDateTime
from apiserver.core.db.sessions import Session
from apiserver.core.jobs import Run, every, job
from apiserver.core.registry import Registry

NOW = bindparam("now", type_=UTCDateTime)
# The request id and the address of events.
Origin = dict[str, str]
# Rows that a transaction of the daily purge deletes, and the seconds that it may take.
BATCH = 1000
LIMIT = 3 * 3600


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
    engine: Engine | Connection,
    registry: Registry,
    *,
    batch: int,
    origin: Origin | None = None,
) -> Iterator[tuple[str, int]]:
    """Delete what is expired; yield each batch's table and number of rows.

    The events in the audit log are a command's, unless they have another origin.
    """
    info = {"origin": origin} if origin else None
    parameters = {"now": now(), "batch": batch}
    for table, statement in registry.expiring:
        deleted = batch
        while deleted == batch:
            with Session(engine, info=info) as db, db.begin():
                result: Any = db.execute(statement, parameters)
                deleted = result.rowcount
                if deleted:
                    target = f"{table} rows={deleted}"
                    record_command(db, "purged", target=target)
            yield table, deleted


@job(schedule=every(days=1), limit=LIMIT)
def purge_expired(run: Run) -> None:
    """Delete what has expired. Each batch is a transaction of its own."""
    engine, origin = run.db.get_bind(), run.db.info["origin"]
    for _ in purge(engine, run.registry, batch=BATCH, origin=origin):
        pass


def includeme(config: Configurator) -> None:
    config.registry.expiring = []
    config.add_directive("add_expiring", add_expiring)
    config.add_job(purge_expired)
