"""Invitations: what is stored about them."""

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from apiserver.core.db import Base, PrimaryKey, now
from apiserver.teams.models import Team
from apiserver.users.models import User
from apiserver.users.names import LONGEST_CANONICAL

# SHA-256 of a random value of 256 bits.
Digest = LargeBinary(32)


class Invitation(Base):
    """An invitation of an address to a team; it is deleted when it is accepted.

    ``digest`` is that of the token in the newest mail: None before the first.
    """

    __tablename__ = "invitation"
    __table_args__ = (
        UniqueConstraint("team_id", "canonical_email"),
        UniqueConstraint("digest"),
    )

    id: Mapped[PrimaryKey]
    team_id: Mapped[int] = mapped_column(ForeignKey(Team.id, ondelete="CASCADE"))
    email: Mapped[str] = mapped_column(String(120))
    canonical_email: Mapped[str] = mapped_column(String(LONGEST_CANONICAL))
    is_leader: Mapped[bool] = mapped_column(default=False)
    invited_by_id: Mapped[int | None] = mapped_column(
        ForeignKey(User.id, ondelete="SET NULL"), index=True
    )
    created: Mapped[datetime] = mapped_column(default=now)
    expires: Mapped[datetime] = mapped_column(index=True)
    digest: Mapped[bytes | None] = mapped_column(Digest)
