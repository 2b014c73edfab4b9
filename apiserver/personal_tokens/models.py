"""Personal access tokens: what is stored about them."""

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from apiserver.core.db import Base, Bookkeeping, PrimaryKey, now
from apiserver.users.models import User

# SHA-256 of a random value of 256 bits.
Digest = LargeBinary(32)


class PersonalToken(Base):
    """A token that a user has made for their own use, stored as a digest.

    It lives while ``user_epoch`` is the user's. ``amr`` are the methods of their
    sign-in (RFC 8176); without ``expires`` it doesn't expire.
    """

    __tablename__ = "personal_token"
    __audit__ = Bookkeeping("Events tell that it was created, and revoked.")
    __table_args__ = (UniqueConstraint("digest"),)

    id: Mapped[PrimaryKey]
    user_id: Mapped[int] = mapped_column(
        ForeignKey(User.id, ondelete="CASCADE"), index=True
    )
    user_epoch: Mapped[int]
    name: Mapped[str] = mapped_column(String(80))
    digest: Mapped[bytes] = mapped_column(Digest)
    scopes: Mapped[tuple[str, ...]]
    amr: Mapped[tuple[str, ...]]
    created: Mapped[datetime] = mapped_column(default=now)
    expires: Mapped[datetime | None] = mapped_column(index=True)
    last_used: Mapped[datetime | None]
