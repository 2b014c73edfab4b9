"""Accounts: what is stored of a user."""

from typing import Any

from sqlalchemy import Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, validates

from apiserver.core.db import Base, Bookkeeping, PrimaryKey, Timestamped, Tries
from apiserver.core.typing import Row
from apiserver.users.names import (
    LONGEST_CANONICAL,
    canonical,
    canonical_address,
    skeleton,
)


class User(Timestamped, Base):
    """An account.

    ``epoch`` is raised when all that was granted in the account's name must end.
    """

    __tablename__ = "user"
    __table_args__ = (
        UniqueConstraint("canonical_username"),
        UniqueConstraint("canonical_email"),
        Index(None, "username_skeleton", unique=True),
        # What lists are sorted by, besides the name.
        Index(None, "created", "id"),
    )

    id: Mapped[PrimaryKey]
    username: Mapped[str] = mapped_column(String(80))
    canonical_username: Mapped[str] = mapped_column(String(LONGEST_CANONICAL))
    # None: an account of before, which looks like another one.
    username_skeleton: Mapped[str | None] = mapped_column(String(LONGEST_CANONICAL))
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

    @validates("username")
    def _compare_username(self, name: str, value: str) -> str:
        self.canonical_username = canonical(value)
        self.username_skeleton = skeleton(value)
        return value

    @validates("email")
    def _compare_email(self, name: str, value: str) -> str:
        self.canonical_email = canonical_address(value)
        return value

    def set_password(self, digest: str) -> None:
        """Store the hash of a new password; what was granted under the old one ends."""
        self.password_digest = digest
        self.end_grants()

    def end_grants(self) -> None:
        """Make all tokens invalid that were issued in the account's name."""
        self.epoch += 1


class Throttle(Tries, Base):
    """How often something was tried."""

    __tablename__ = "throttle"
    __audit__ = Bookkeeping("A failed sign-in and a throttled one are events.")


def may_write(user: Row) -> Any:
    """Whether the account may change anything; of ``User`` itself, the SQL for it."""
    return user.is_regular_user | user.is_admin | user.is_internal


def is_read_only(user: Row) -> bool:
    """Whether the account may change nothing."""
    return not may_write(user)


def can_act(user: Row) -> Any:
    """Whether the account can do what its roles allow; of ``User``, the SQL for it."""
    return user.is_active & may_write(user)
