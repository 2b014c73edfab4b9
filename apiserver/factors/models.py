"""Second factors: authenticators, recovery codes, challenges, and pending sign-ins."""

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from apiserver.core.db import Base, Bookkeeping, PrimaryKey, now
from apiserver.users.models import User

TOTP = "totp"
PASSKEY = "passkey"
KINDS = (TOTP, PASSKEY)

# SHA-256 of a random value.
Digest = LargeBinary(32)


class Factor(Base):
    """An authenticator of a user: an app that shows codes, or a passkey.

    It counts from ``confirmed`` on. An app has ``secret``, which is encrypted, and
    ``last_step``, the time step of the last code that was used (RFC 6238). A passkey
    has the other columns (WebAuthn section 4).
    """

    __tablename__ = "factor"
    __table_args__ = (UniqueConstraint("credential_id"),)

    id: Mapped[PrimaryKey]
    user_id: Mapped[int] = mapped_column(
        ForeignKey(User.id, ondelete="CASCADE"), index=True
    )
    kind: Mapped[str] = mapped_column(String(10))
    name: Mapped[str] = mapped_column(String(80))
    created: Mapped[datetime] = mapped_column(default=now)
    confirmed: Mapped[datetime | None]
    last_used: Mapped[datetime | None]
    secret: Mapped[str | None] = mapped_column(Text)
    last_step: Mapped[int | None]
    credential_id: Mapped[bytes | None] = mapped_column(LargeBinary(1023))
    public_key: Mapped[bytes | None] = mapped_column(LargeBinary)
    sign_count: Mapped[int | None]


class RecoveryCode(Base):
    """A code that stands in for a lost authenticator, once."""

    __tablename__ = "recovery_code"
    __audit__ = Bookkeeping("Events tell that there are new ones, and of their use.")

    digest: Mapped[bytes] = mapped_column(Digest, primary_key=True)
    user_id: Mapped[int] = mapped_column(
        ForeignKey(User.id, ondelete="CASCADE"), index=True
    )
    created: Mapped[datetime] = mapped_column(default=now)
    used: Mapped[datetime | None]


class FactorChallenge(Base):
    """What a passkey has to sign, once (WebAuthn section 13.4.3).

    ``user_id`` is None if any user may sign in with it.
    """

    __tablename__ = "factor_challenge"
    __audit__ = Bookkeeping("Events tell what was registered, and who has signed in.")

    digest: Mapped[bytes] = mapped_column(Digest, primary_key=True)
    user_id: Mapped[int | None] = mapped_column(
        ForeignKey(User.id, ondelete="CASCADE"), index=True
    )
    purpose: Mapped[str] = mapped_column(String(20))
    expires: Mapped[datetime] = mapped_column(index=True)


class SignInAttempt(Base):
    """A sign-in that has passed the password, and waits for the second factor.

    The digest is of the browser's cookie. ``methods`` are the proofs so far (RFC 8176),
    ``target`` is where the sign-in leads.
    """

    __tablename__ = "sign_in_attempt"
    __audit__ = Bookkeeping("Events tell of signing in.")

    digest: Mapped[bytes] = mapped_column(Digest, primary_key=True)
    user_id: Mapped[int] = mapped_column(
        ForeignKey(User.id, ondelete="CASCADE"), index=True
    )
    user_epoch: Mapped[int]
    methods: Mapped[tuple[str, ...]]
    target: Mapped[str] = mapped_column(Text)
    expires: Mapped[datetime] = mapped_column(index=True)
