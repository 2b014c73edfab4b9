"""Accounts: what is stored of a user."""

import unicodedata
from datetime import datetime
from typing import Any

from sqlalchemy import Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, validates

from apiserver.core.db import Base, PrimaryKey, Timestamped

# One character can become eighteen; an index of PostgreSQL takes 2,700 bytes.
LONGEST_TEXT = 1024
LONGEST_CANONICAL = 400


def canonical(name: str) -> str:
    """Return the form in which two names are the same: NFKC, case folded.

    A text that is longer than any name or password stays as it is: to order combining
    characters takes time with the square of their number.
    """
    if len(name) > LONGEST_TEXT:
        return name
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())


class User(Timestamped, Base):
    """An account.

    ``epoch`` is raised when all that was granted in the account's name must end.
    """

    __tablename__ = "user"
    __table_args__ = (
        UniqueConstraint("canonical_username"),
        UniqueConstraint("canonical_email"),
        # What lists are sorted by, besides the name.
        Index(None, "created", "id"),
    )

    id: Mapped[PrimaryKey]
    username: Mapped[str] = mapped_column(String(80))
    canonical_username: Mapped[str] = mapped_column(String(LONGEST_CANONICAL))
    email: Mapped[str] = mapped_column(String(120))
    canonical_email: Mapped[str] = mapped_column(String(LONGEST_CANONICAL))
    first_name: Mapped[str] = mapped_column(String(30), default="")
    middle_name: Mapped[str] = mapped_column(String(30), default="")
    last_name: Mapped[str] = mapped_column(String(30), default="")
    password_digest: Mapped[str] = mapped_column(String(200))
    is_active: Mapped[bool] = mapped_column(default=True)
    is_regular_user: Mapped[bool] = mapped_column(default=True)
    is_admin: Mapped[bool] = mapped_column(default=False)
    is_internal: Mapped[bool] = mapped_column(default=False)
    epoch: Mapped[int] = mapped_column(default=0)

    @validates("username", "email")
    def _keep_canonical(self, name: str, value: str) -> str:
        setattr(self, f"canonical_{name}", canonical(value))
        return value

    def set_password(self, digest: str) -> None:
        """Store the hash of a new password; what was granted under the old one ends."""
        self.password_digest = digest
        self.end_grants()

    def end_grants(self) -> None:
        """Make all tokens invalid that were issued in the account's name."""
        self.epoch += 1


class Throttle(Base):
    """How often something was tried; from ``expires`` on it counts from one again."""

    __tablename__ = "throttle"

    key: Mapped[str] = mapped_column(String(80), primary_key=True)
    tries: Mapped[int]
    expires: Mapped[datetime]


def may_write(user: Any) -> Any:
    """Whether the account may change anything; of ``User`` itself, the SQL for it."""
    return user.is_regular_user | user.is_admin | user.is_internal


def is_read_only(user: Any) -> bool:
    """Whether the account may change nothing."""
    return not may_write(user)


def can_act(user: Any) -> Any:
    """Whether the account can do what its roles allow; of ``User``, the SQL for it."""
    return user.is_active & may_write(user)
