"""Password resets: what is stored about mailed links."""

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from apiserver.core.db import Base, Bookkeeping, now
from apiserver.users.models import User
from apiserver.users.names import LONGEST_CANONICAL

# SHA-256 of a random value of 256 bits.
Digest = LargeBinary(32)


class PasswordReset(Base):
    """The newest link that was mailed to a user, with only the digest of its token.

    It works while ``user_epoch`` and ``canonical_email`` are the user's.
    """

    __tablename__ = "password_reset"
    __audit__ = Bookkeeping("Events tell that it was mailed, and used.")
    __table_args__ = (UniqueConstraint("digest"),)

    # A newer link replaces the older one.
    user_id: Mapped[int] = mapped_column(
        ForeignKey(User.id, ondelete="CASCADE"), primary_key=True
    )
    user_epoch: Mapped[int]
    canonical_email: Mapped[str] = mapped_column(String(LONGEST_CANONICAL))
    digest: Mapped[bytes] = mapped_column(Digest)
    created: Mapped[datetime] = mapped_column(default=now)
    expires: Mapped[datetime] = mapped_column(index=True)
