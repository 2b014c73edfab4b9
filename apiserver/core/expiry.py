"""Deletes expired rows, in small batches.

A feature declares which of its rows expire::

    config.add_expiring(OAuth2Token, OAuth2Token.expires < NOW)

``NOW`` is the time of the purge; ``after=timedelta(days=30)`` deletes them that much
later. A batch is one short transaction, so that requests never wait for long.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import NamedTuple

from pyramid.config import Configurator
from sqlalchemy import (
    ColumnElement,
    Connection,
    Delete,
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
from apiserver.core.files.loose import sweep
from apiserver.core.files.models import LooseObject
from apiserver.core.jobs import Run, every, job
from apiserver.core.registry import Registry

NOW = bindparam("now", type_=UTCDateTime)
# The request id and the address of events.
Origin = dict[str, str]
# Rows per transaction of the daily purge, and its time limit in seconds.
BATCH = 1000
LIMIT = 3 * 3600


class Expiring(NamedTuple):
    """Expired rows, which are deleted ``after`` a delay."""

    table: str
    statement: Delete
    after: timedelta


def add_expiring(
    config: Configurator,
    model: type[Base],
    condition: ColumnElement[bool],
    *,
    after: timedelta = timedelta(0),
) -> None:
    """Declare when rows of the model expire; delete them ``after`` a delay."""
    key = tuple_(*inspect(model).primary_key)
    expired = select(*inspect(model).primary_key).where(condition)
    statement = (
        delete(model)
        .where(key.in_(expired.limit(bindparam("batch"))))
        .execution_options(synchronize_session=False)
    )
    expiring = Expiring(model.__tablename__, statement, after)
    config.registry.expiring.append(expiring)


def purge(
    engine: Engine | Connection,
    registry: Registry,
    *,
    batch: int,
    origin: Origin | None = None,
) -> Iterator[tuple[str, int]]:
    """Delete expired rows; yield the table and number of rows of each batch.

    Also deletes files without a row; raises StorageUnavailable. The events in the audit
    log are those of a command, unless they have another origin.
    """
    info = {"origin": origin} if origin else None
    begun = now()
    for table, statement, after in registry.expiring:
        parameters = {"now": begun - after, "batch": batch}
        deleted = batch
        while deleted == batch:
            with Session(engine, info=info) as db, db.begin():
                deleted = db.run(statement, parameters)
                if deleted:
                    target = f"{table} rows={deleted}"
                    record_command(db, "purged", target=target)
            yield table, deleted
    for swept in sweep(engine, registry, batch=batch):
        yield LooseObject.__tablename__, swept


@job(schedule=every(days=1), limit=LIMIT)
def purge_expired(run: Run) -> None:
    """Delete what has expired; each batch has its own transaction."""
    engine, origin = run.db.get_bind(), run.db.info["origin"]
    for _ in purge(engine, run.registry, batch=BATCH, origin=origin):
        pass


def includeme(config: Configurator) -> None:
    config.include("apiserver.core.files")
    config.registry.expiring = []
    config.add_directive("add_expiring", add_expiring)
    config.add_job(purge_expired)
