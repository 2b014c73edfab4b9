"""The variables of `pshell`: the request, a database session, the models."""

from collections.abc import Iterable, Iterator
from typing import Any

import sqlalchemy
from sqlalchemy import PoolProxiedConnection
from sqlalchemy.orm import Mapper, Session

from apiserver.core.db import Base


class ShellSession(Session):
    """The database session: db.commit() keeps changes, db.rollback() doesn't."""


def setup(env: dict[str, Any]) -> Iterator[None]:
    """Set the variables of the shell; close the session at the end."""
    engine = env["registry"].engine
    if engine.dialect.name == "sqlite":
        # Reads must not keep the server from writing.
        engine.dialect.do_begin = begin_deferred
    with ShellSession(engine, expire_on_commit=False) as db:
        env["request"].db = env["db"] = db
        env["sa"] = sqlalchemy
        env.update((each.class_.__name__, each.class_) for each in models())
        yield


def begin_deferred(connection: PoolProxiedConnection) -> None:
    """Take SQLite's write lock only with the first change."""
    connection.cursor().execute("BEGIN DEFERRED")


def models() -> Iterable[Mapper[object]]:
    return Base.registry.mappers
