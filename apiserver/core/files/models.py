"""What is stored of objects: which of them rows refer to, and which are loose.

A row holds its object by a foreign key: while a committed row refers to it, the
database lets nobody give it up. What no row refers to is noted before there is an
object, and until it is deleted, so that no crash leaves one that nobody knows of.
"""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from apiserver.core.db.base import Base, Bookkeeping, now

KEY = String(32)


class StoredObject(Base):
    """An object in the storage that a row refers to."""

    __tablename__ = "stored_object"
    __audit__ = Bookkeeping("The rows that refer to it have events of their own.")

    key: Mapped[str] = mapped_column(KEY, primary_key=True)


class LooseObject(Base):
    """An object that no row refers to: it is being uploaded, or to be deleted.

    One that ``is_doomed`` is deleted by whoever comes first: nothing will refer to it.
    """

    __tablename__ = "loose_object"
    __audit__ = Bookkeeping("It is about the storage alone.")

    key: Mapped[str] = mapped_column(KEY, primary_key=True)
    since: Mapped[datetime] = mapped_column(default=now, index=True)
    is_doomed: Mapped[bool] = mapped_column(default=False)
