"""The rows of teams and members that views return, and their statements."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple, Self

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Bundle

from apiserver.core.db import Session
from apiserver.core.typing import Row, Selection
from apiserver.teams.models import Team, TeamMember
from apiserver.users.models import User
from apiserver.users.resources import SUMMARY as USER_SUMMARY

SUMMARY = (Team.id, Team.title)

# The members of one team, each with the summaries that the API shows.
SELECT_MEMBERS: Selection = (
    select(
        Bundle("team", *SUMMARY),
        Bundle("user", *USER_SUMMARY),
        TeamMember.is_leader,
    )
    .join(TeamMember, TeamMember.team_id == Team.id)
    .join(User, User.id == TeamMember.user_id)
    .where(Team.id == bindparam("team_id"))
)
SELECT_ALL_MEMBERS = SELECT_MEMBERS.order_by(User.id)


class MemberRow(NamedTuple):
    """A membership, with the summaries of both sides."""

    team: Row
    user: Row
    is_leader: bool


class TeamRow(NamedTuple):
    """A team with its members."""

    id: int
    title: str
    created: datetime
    updated: datetime
    members: Sequence[MemberRow]

    @classmethod
    def of(cls, team: Row, members: Sequence[MemberRow]) -> Self:
        """Combine a row or an entity with its members."""
        return cls(team.id, team.title, team.created, team.updated, members)


def with_members(db: Session, team: Row) -> TeamRow:
    """Return the team with all of its members."""
    return TeamRow.of(team, db.rows(SELECT_ALL_MEMBERS, {"team_id": team.id}))
