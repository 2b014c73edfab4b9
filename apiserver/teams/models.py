"""The tables of teams and their members."""

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from apiserver.core.db import Base, PrimaryKey, Timestamped
from apiserver.users.models import User


class Team(Timestamped, Base):
    """A group of users; it keeps at least one leader."""

    __tablename__ = "team"
    # For sorted lists.
    __table_args__ = (Index(None, "title", "id"), Index(None, "created", "id"))

    id: Mapped[PrimaryKey]
    title: Mapped[str] = mapped_column(String(50))


class TeamMember(Base):
    """A user in a team, once."""

    __tablename__ = "team_member"

    team_id: Mapped[int] = mapped_column(
        ForeignKey(Team.id, ondelete="CASCADE"), primary_key=True
    )
    user_id: Mapped[int] = mapped_column(
        ForeignKey(User.id, ondelete="CASCADE"), primary_key=True, index=True
    )
    is_leader: Mapped[bool] = mapped_column(default=False)
