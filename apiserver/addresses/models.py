"""Addresses that are still to be verified: what is stored until a link is opened."""

from datetime import datetime

from sqlalchemy import LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from apiserver.core.db import Base, Bookkeeping, PrimaryKey, now

# SHA-256 of a random value of 256 bits.
Digest = LargeBinary(32)


class SignUp(Base):
    """What somebody has signed up with, who is no user before the link is opened.

    Several may be about one name or address: the first that is confirmed gets it. There
    is no ``digest`` until a link was made, and never for an address that has an
    account.
    """

    __tablename__ = "sign_up"
    __audit__ = Bookkeeping("Events tell that somebody signs up, and becomes a user.")
    __table_args__ = (UniqueConstraint("digest"),)

    id: Mapped[PrimaryKey]
    username: Mapped[str] = mapped_column(String(80))
    email: Mapped[str] = mapped_column(String(120))
    first_name: Mapped[str] = mapped_column(String(30), default="")
    middle_name: Mapped[str] = mapped_column(String(30), default="")
    last_name: Mapped[str] = mapped_column(String(30), default="")
    password_digest: Mapped[str] = mapped_column(String(200))
    digest: Mapped[bytes | None] = mapped_column(Digest)
    created: Mapped[datetime] = mapped_column(default=now)
    expires: Mapped[datetime] = mapped_column(index=True)
