"""The tables of objects: those to which rows refer, and loose ones.

A row refers to its object by a foreign key: while a committed row does, the database
keeps the object from being doomed. An object without a row has a record from before its
upload until its deletion, so that no crash leaves an unknown object.
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

    If it ``is_doomed``, no row can refer to it, and any process may delete it.
    """

    __tablename__ = "loose_object"
    __audit__ = Bookkeeping("It is about the storage alone.")

    key: Mapped[str] = mapped_column(KEY, primary_key=True)
    since: Mapped[datetime] = mapped_column(default=now, index=True)
    is_doomed: Mapped[bool] = mapped_column(default=False)
