"""Deletes objects that nothing refers to, at once or in the purge.

Whether something refers to an object is decided in the database, before the object is
touched: first it is doomed, then it is deleted, then it is forgotten. Whoever is
interrupted leaves the rest to the next purge.
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

# An upload that takes longer fails at its end.
LONGEST_UPLOAD = timedelta(days=1)
# Of how many objects at a time the purge looks for references.
CHUNK = 10_000
# How many objects a request deletes itself; the purge deletes the others.
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
    """Return a session in no request's transaction."""
    return Session(**registry.write_sessions.kw)


def discard(registry: Registry, keys: Collection[str]) -> None:
    """Delete objects that were not taken, or were given up; the purge tries again.

    Raises nothing: what the request did is done already.
    """
    try:
        with session_of(registry) as db, db.begin():
            # One that was taken after all has no such row any more.
            doomed = [key for key in keys if db.run(DOOM, {"loose": key})]
        delete_objects(registry, doomed)
    except (SQLAlchemyError, StorageUnavailable) as error:
        log.warning("%s objects are left to the purge: %s", len(keys), error)


def delete_objects(registry: Registry, doomed: Collection[str]) -> None:
    """Delete objects that are doomed, and forget them."""
    if doomed:
        registry.storage.delete(doomed)
        with session_of(registry) as db, db.begin():
            db.run(FORGET, [{"loose": key} for key in doomed])


def release(db: Session) -> None:
    """Give up what a transaction removes, before it is committed; delete it after."""
    if db.in_nested_transaction():
        return
    db.flush()
    keys = db.info.pop(REMOVED, None)
    if not keys:
        return
    given_up = give_up(db, keys)
    request = db.info.get("request")
    # What no request removes is left to the purge.
    if request is not None and given_up:
        hook = (delete_later, (request.registry, given_up[:MOST_AT_ONCE]))
        request.tm.get().addAfterCommitHook(*hook)


def delete_later(committed: bool, registry: Registry, keys: list[str]) -> None:  # noqa: FBT001 (transaction's hook)
    if committed:
        discard(registry, keys)


def give_up(db: AnySession, keys: Collection[str]) -> list[str]:
    """Doom those of the objects that no row refers to; return their keys.

    Whoever refers to one meanwhile waits, and then finds it gone, or is waited for.
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
    """Delete all objects that nothing refers to; yield how many, batch by batch.

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
    """Yield the keys of objects to which no row refers, some of them at a time.

    They are read beside all transactions: on SQLite nobody waits meanwhile.
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
        # Their rows are still there, of a feature that isn't.
        log.warning("Files belong to a feature that is switched off: they are kept.")


def doom_batch(engine: Engine | Connection, batch: int) -> list[str]:
    """Doom objects whose upload was interrupted; return all that are doomed."""
    is_left = or_(LooseObject.is_doomed, LooseObject.since < now() - LONGEST_UPLOAD)
    with Session(engine) as db, db.begin():
        loose = select(LooseObject.key).where(is_left).limit(batch)
        keys = list(db.scalars(loose.with_for_update(skip_locked=True)))
        if keys:
            db.run(DOOM, [{"loose": key} for key in keys])
        return keys
