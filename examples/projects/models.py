"""The tables of projects, assignees, attachments and reminders."""

from datetime import date
from decimal import Decimal
from enum import Enum

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from apiserver.core.archive import Archivable, unique_among_live
from apiserver.core.db import Base, ExactNumeric, ListOf, PrimaryKey, Timestamped
from apiserver.core.files import Stored
from apiserver.core.history import Historic, Tracked
from apiserver.teams.models import Team, TeamMember
from apiserver.users.models import User


class Status(Enum):
    """How far a project is."""

    PLANNED = "planned"
    ACTIVE = "active"
    DONE = "done"


class Project(Historic, Archivable, Timestamped, Base):
    """What a team works on."""

    __tablename__ = "project"
    __table_args__ = (
        unique_among_live("team_id", "title"),
        Index(None, "team_id", "id"),
    )
    __history__ = Tracked("title", "status", "due_on", "budget", "tags", "archived")

    id: Mapped[PrimaryKey]
    team_id: Mapped[int] = mapped_column(ForeignKey(Team.id, ondelete="CASCADE"))
    title: Mapped[str] = mapped_column(String(100))
    status: Mapped[Status]
    due_on: Mapped[date | None]
    budget: Mapped[Decimal | None] = mapped_column(ExactNumeric(12, 2))
    tags: Mapped[tuple[str, ...]] = mapped_column(ListOf(str))


class ProjectAssignee(Base):
    """An assigned member of the team; deleted with the membership."""

    __tablename__ = "project_assignee"
    __table_args__ = (
        ForeignKeyConstraint(
            ["team_id", "user_id"],
            [TeamMember.team_id, TeamMember.user_id],
            ondelete="CASCADE",
        ),
        Index(None, "team_id", "user_id"),
    )

    project_id: Mapped[int] = mapped_column(
        ForeignKey(Project.id, ondelete="CASCADE"), primary_key=True
    )
    user_id: Mapped[int] = mapped_column(primary_key=True)
    team_id: Mapped[int]


class ProjectAttachment(Stored, Base):
    """A file that belongs to a project."""

    __tablename__ = "project_attachment"

    id: Mapped[PrimaryKey]
    project_id: Mapped[int] = mapped_column(
        ForeignKey(Project.id, ondelete="CASCADE"), index=True
    )


class ProjectReminder(Base):
    """A reminder for one assignee of a project."""

    __tablename__ = "project_reminder"

    project_id: Mapped[int] = mapped_column(
        ForeignKey(Project.id, ondelete="CASCADE"), primary_key=True
    )
    user_id: Mapped[int] = mapped_column(
        ForeignKey(User.id, ondelete="CASCADE"), primary_key=True, index=True
    )
    due_on: Mapped[date]
