"""The columns of rows that are files."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, event
from sqlalchemy.orm import Mapped, mapped_column

from apiserver.core.db.base import Base, now
from apiserver.core.db.sessions import BEFORE_DELETE, Session
from apiserver.core.files.loose import release
from apiserver.core.files.models import KEY, StoredObject
from apiserver.core.files.removal import (
    look_at_change,
    look_at_entity,
    look_at_execution,
    look_at_statement,
)

LONGEST_NAME = 200


class Stored:
    """Mixin of a model whose rows are files.

    ``validated["file"]`` has the values of these columns; ``sha256`` is hexadecimal,
    ``size`` in bytes. The object is deleted with the row, however that is deleted.
    """

    object_key: Mapped[str] = mapped_column(
        KEY, ForeignKey(StoredObject.key), unique=True
    )
    name: Mapped[str] = mapped_column(String(LONGEST_NAME))
    media_type: Mapped[str] = mapped_column(String(100))
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    created: Mapped[datetime] = mapped_column(default=now)

    def __init_subclass__(cls, **kw: object) -> None:
        super().__init_subclass__(**kw)
        watch()
        event.listen(cls, "before_update", look_at_change, propagate=True)


def watch() -> None:
    """Watch the deletions of sessions, from now on: there is a model of files."""
    if look_at_statement not in BEFORE_DELETE:
        BEFORE_DELETE.append(look_at_statement)
        event.listen(Session, "do_orm_execute", look_at_execution)
        event.listen(Base, "before_delete", look_at_entity, propagate=True)
        event.listen(Session, "before_commit", release)
