"""Signing in with a provider: what is stored of it."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from apiserver.core.db import Base, Bookkeeping, PrimaryKey, now
from apiserver.users.models import User

LONGEST_SUBJECT = 255
LONGEST_NAME = 320
# SHA-256 of a random value.
Digest = LargeBinary(32)


class LinkedIdentity(Base):
    """An account at a provider by which a user signs in.

    ``subject`` never changes at the ``issuer`` (OpenID Connect Core section 2); of
    GitHub it is the number of the account. ``name`` is how the provider called the
    account when it was linked: for people, it decides nothing.
    """

    __tablename__ = "linked_identity"
    __audit__ = Bookkeeping("Events tell that it was linked, used, and unlinked.")
    __table_args__ = (
        Index(None, "issuer", "subject", unique=True),
        Index(None, "user_id", "issuer", unique=True),
    )

    id: Mapped[PrimaryKey]
    user_id: Mapped[int] = mapped_column(ForeignKey(User.id, ondelete="CASCADE"))
    issuer: Mapped[str] = mapped_column(String(200))
    subject: Mapped[str] = mapped_column(String(LONGEST_SUBJECT))
    name: Mapped[str] = mapped_column(String(LONGEST_NAME))
    created: Mapped[datetime] = mapped_column(default=now)
    last_used: Mapped[datetime | None]


class ProviderSignIn(Base):
    """A browser that is on its way to a provider, and comes back with a code.

    The digest is of what the browser's cookie and ``state`` make together. With a user
    the identity is to be linked; else whoever it belongs to signs in, and is led to the
    ``target``.
    """

    __tablename__ = "provider_sign_in"
    __audit__ = Bookkeeping("Events tell of signing in.")

    digest: Mapped[bytes] = mapped_column(Digest, primary_key=True)
    provider: Mapped[str] = mapped_column(String(20))
    user_id: Mapped[int | None] = mapped_column(
        ForeignKey(User.id, ondelete="CASCADE"), index=True
    )
    user_epoch: Mapped[int | None]
    target: Mapped[str] = mapped_column(Text)
    expires: Mapped[datetime] = mapped_column(index=True)


class UnlinkedIdentity(Base):
    """An identity that was proven in a browser, and belongs to no account so far.

    The digest is of the browser's cookie. ``email`` is an address that the provider has
    verified; ``username`` what it proposes.
    """

    __tablename__ = "unlinked_identity"
    __audit__ = Bookkeeping("An event tells if it gets linked.")

    digest: Mapped[bytes] = mapped_column(Digest, primary_key=True)
    provider: Mapped[str] = mapped_column(String(20))
    issuer: Mapped[str] = mapped_column(String(200))
    subject: Mapped[str] = mapped_column(String(LONGEST_SUBJECT))
    name: Mapped[str] = mapped_column(String(LONGEST_NAME))
    email: Mapped[str | None] = mapped_column(String(LONGEST_NAME))
    username: Mapped[str] = mapped_column(String(80))
    target: Mapped[str] = mapped_column(Text)
    expires: Mapped[datetime] = mapped_column(index=True)
