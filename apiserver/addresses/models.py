"""Addresses to verify: what is stored until somebody confirms a link."""

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from apiserver.core.db import Base, Bookkeeping, PrimaryKey, now
from apiserver.users.models import User

# SHA-256 of a random value of 256 bits.
Digest = LargeBinary(32)


class SignUp(Base):
    """What somebody has signed up with, who becomes a user by confirming the link.

    Several may be for one name or address: the first to be confirmed gets it.
    ``digest`` is None until a link is made, and always for an address that has an
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


class AddressChange(Base):
    """The address that a user wants to change to; one at a time.

    It is valid while ``user_epoch`` is the user's.
    """

    __tablename__ = "address_change"
    __audit__ = Bookkeeping("Events tell that it is asked for, and that it was made.")
    __table_args__ = (UniqueConstraint("digest"),)

    id: Mapped[PrimaryKey]
    user_id: Mapped[int] = mapped_column(
        ForeignKey(User.id, ondelete="CASCADE"), index=True
    )
    user_epoch: Mapped[int]
    email: Mapped[str] = mapped_column(String(120))
    digest: Mapped[bytes | None] = mapped_column(Digest)
    created: Mapped[datetime] = mapped_column(default=now)
    expires: Mapped[datetime] = mapped_column(index=True)


class AddressTakeBack(Base):
    """A former address of an account, whose owner may take the change back.

    Each of several changes has one, since someone who has hijacked an account may
    change the address twice. A new password or epoch doesn't end it; a change by an
    administrator does.
    """

    __tablename__ = "address_take_back"
    __audit__ = Bookkeeping("Events tell that an address was changed, or taken back.")
    __table_args__ = (UniqueConstraint("digest"),)

    id: Mapped[PrimaryKey]
    user_id: Mapped[int] = mapped_column(
        ForeignKey(User.id, ondelete="CASCADE"), index=True
    )
    email: Mapped[str] = mapped_column(String(120))
    digest: Mapped[bytes | None] = mapped_column(Digest)
    created: Mapped[datetime] = mapped_column(default=now)
    expires: Mapped[datetime] = mapped_column(index=True)
