"""Deletes objects to which no row refers, immediately or in the purge.

The database decides whether a row refers to an object, before the object is touched:
first it is marked as doomed, then deleted, then its record is removed. After an
interruption the next purge does the rest.
"""

import logging
from collections.abc import Collection, Iterator
from datetime import timedelta

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    and_,
    bindparam,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    true,
    update,
)
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlalchemy.orm import Session as AnySession

from apiserver.core.db.base import now
from apiserver.core.db.sessions import Session
from apiserver.core.files.models import LooseObject, StoredObject
from apiserver.core.files.removal import REMOVED, references
from apiserver.core.files.storage import StorageUnavailable
from apiserver.core.registry import Registry

log = logging.getLogger(__name__)

# The time limit of an upload, which fails at its end if it took longer.
LONGEST_UPLOAD = timedelta(days=1)
# For how many objects at a time the purge looks up references.
CHUNK = 10_000
# How many objects a request deletes itself; the purge deletes further ones.
MOST_AT_ONCE = 100

DOOM = (
    update(LooseObject)
    .where(LooseObject.key == bindparam("loose"))
    .values(is_doomed=True)
)
FORGET = delete(LooseObject).where(
    LooseObject.key == bindparam("loose"), LooseObject.is_doomed
)


def session_of(registry: Registry) -> Session:
    """Return a session outside of any request's transaction."""
    return Session(**registry.write_sessions.kw)


def discard(registry: Registry, keys: Collection[str]) -> None:
    """Delete objects that no row took, or that were released; the purge tries again.

    Raises nothing, since the request is committed already.
    """
    try:
        with session_of(registry) as db, db.begin():
            # An object that a row took after all has no such record any more.
            doomed = [key for key in keys if db.run(DOOM, {"loose": key})]
        delete_objects(registry, doomed)
    except (SQLAlchemyError, StorageUnavailable) as error:
        log.warning("The purge has to delete %s objects: %s", len(keys), error)


def delete_objects(registry: Registry, doomed: Collection[str]) -> None:
    """Delete doomed objects, then their records."""
    if doomed:
        registry.storage.delete(doomed)
        with session_of(registry) as db, db.begin():
            db.run(FORGET, [{"loose": key} for key in doomed])


def release(db: Session) -> None:
    """Doom the files that a transaction removes; delete them after its commit."""
    if db.in_nested_transaction():
        return
    db.flush()
    keys = db.info.pop(REMOVED, None)
    if not keys:
        return
    given_up = give_up(db, keys)
    request = db.info.get("request")
    # Outside of requests, the purge deletes them.
    if request is not None and given_up:
        hook = (delete_later, (request.registry, given_up[:MOST_AT_ONCE]))
        request.tm.get().addAfterCommitHook(*hook)


def delete_later(committed: bool, registry: Registry, keys: list[str]) -> None:  # noqa: FBT001 (transaction's hook)
    if committed:
        discard(registry, keys)


def give_up(db: AnySession, keys: Collection[str]) -> list[str]:
    """Doom those of the objects to which no row refers; return their keys.

    Locks make concurrent references to an object wait, and fail, or precede this.
    """
    named = StoredObject.key.in_(keys)
    locked = select(StoredObject.key).where(named).order_by(StoredObject.key)
    db.execute(locked.with_for_update())
    given_up = list(
        db.scalars(
            delete(StoredObject)
            .where(named, unreferenced())
            .returning(StoredObject.key)
            .execution_options(synchronize_session=False)
        )
    )
    if given_up:
        rows = [{"key": key, "is_doomed": True} for key in given_up]
        db.execute(insert(LooseObject), rows)
    return given_up


def unreferenced() -> ColumnElement[bool]:
    """Whether no row refers to an object."""
    referring = (~exists().where(each == StoredObject.key) for each in references())
    return and_(true(), *referring)


def sweep(
    engine: Engine | Connection, registry: Registry, *, batch: int
) -> Iterator[int]:
    """Delete all objects to which no row refers; yield how many, batch by batch.

    Raises StorageUnavailable.
    """
    if registry.settings["apiserver.storage"] is None:
        return
    for keys in orphans(registry):
        for first in range(0, len(keys), batch):
            give_up_batch(engine, keys[first : first + batch])
    deleted = batch
    while deleted == batch:
        doomed = doom_batch(engine, batch)
        delete_objects(registry, doomed)
        deleted = len(doomed)
        yield deleted


def orphans(registry: Registry) -> Iterator[list[str]]:
    """Yield the keys of objects to which no row refers, in batches.

    They are read without a transaction, so that nobody waits on SQLite.
    """
    key, after = StoredObject.key, ""
    while True:
        chunk = select(key).where(key > after).order_by(key).limit(CHUNK).subquery()
        with registry.read_sessions() as db:
            last = db.scalar(select(func.max(chunk.c.key)))
            if last is None:
                return
            between = select(key).where(key > after, key <= last)
            found = list(db.scalars(between.where(unreferenced())))
        yield found
        after = last


def give_up_batch(engine: Engine | Connection, keys: list[str]) -> None:
    """Doom objects whose rows are gone."""
    try:
        with Session(engine) as db, db.begin():
            give_up(db, keys)
    except IntegrityError:
        # Their rows exist, but belong to a feature that isn't enabled.
        log.warning("The files of a feature that isn't enabled are kept.")


def doom_batch(engine: Engine | Connection, batch: int) -> list[str]:
    """Doom objects whose upload was interrupted; return all doomed ones."""
    is_left = or_(LooseObject.is_doomed, LooseObject.since < now() - LONGEST_UPLOAD)
    with Session(engine) as db, db.begin():
        loose = select(LooseObject.key).where(is_left).limit(batch)
        keys = list(db.scalars(loose.with_for_update(skip_locked=True)))
        if keys:
            db.run(DOOM, [{"loose": key} for key in keys])
        return keys
