"""Signing in with a provider: what is stored."""

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
    """An account at a provider with which a user signs in.

    ``subject`` never changes at the ``issuer`` (OpenID Connect Core section 2); for
    GitHub it is the account's number. ``name`` is what the provider called the account
    when it was linked; it is only for people.
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
    """A browser that was sent to a provider, and will come back with a code.

    The digest is of the cookie combined with ``state``. With a user, the identity will
    be linked to them; otherwise its owner signs in. Both then go to the ``target``.
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
    """An identity that was proven in a browser, and isn't linked to an account yet.

    The digest is of the browser's cookie. ``email`` is an address that the provider has
    verified; ``username`` is its suggestion.
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
