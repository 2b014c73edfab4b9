"""Changes of teams and their members; a team keeps at least one leader."""

from typing import Any

from sqlalchemy import bindparam, delete, insert, select

from apiserver.core.db import constraints
from apiserver.core.dump import extend
from apiserver.core.errors import Conflict, NotFound
from apiserver.core.sessions import Session
from apiserver.teams.models import Team, TeamMember
from apiserver.users.models import User
from apiserver.users.resources import SUMMARY as USER_SUMMARY

INSERT_TEAM = insert(Team).returning(Team.id, Team.title, Team.created, Team.updated)
INSERT_MEMBER = insert(TeamMember)
DELETE_TEAM = delete(Team).where(Team.id == bindparam("team_id"))
USER = select(*USER_SUMMARY).where(User.id == bindparam("user_id"))
LEADER = select(TeamMember.user_id).where(
    TeamMember.team_id == bindparam("team_id"), TeamMember.is_leader
)


class NoSuchUser(NotFound):
    sentence = "There is no such user."


class AlreadyMember(Conflict):
    name = "user_id"
    sentence = "The user is a member of the team already."


class LastLeader(Conflict):
    """A team keeps at least one leader."""

    sentence = "The team would be left without a leader."


def create_team(db: Session, *, leader: Any, title: str) -> Any:
    """Create a team whose first member, and leader, is the given user."""
    team = db.row(INSERT_TEAM, {"title": title})
    member = {"team_id": team.id, "user_id": leader.id, "is_leader": True}
    db.run(INSERT_MEMBER, member)
    return extend(team, members=[extend(None, user=leader, is_leader=True)])


def delete_team(db: Session, *, team_id: int) -> None:
    """Delete a team and its memberships; raise NotFound if it is gone already."""
    if db.run(DELETE_TEAM, {"team_id": team_id}) == 0:
        raise NotFound("The team is gone.")


def add_member(db: Session, team: Any, *, user_id: int, is_leader: bool) -> Any:
    """Add a user to the team; raise NoSuchUser or AlreadyMember."""
    user = db.row(USER, {"user_id": user_id})
    if user is None:
        raise NoSuchUser
    member = {"team_id": team.id, "user_id": user_id, "is_leader": is_leader}
    with constraints(db, pk_team_member=AlreadyMember):
        db.run(INSERT_MEMBER, member)
    return extend(None, team=team, user=user, is_leader=is_leader)


def set_leader(db: Session, member: TeamMember, *, is_leader: bool) -> None:
    """Make a leader of the member, or none; the team must be locked.

    Raises LastLeader.
    """
    member.is_leader = is_leader
    keep_a_leader(db, member.team_id)


def remove_member(db: Session, member: TeamMember) -> None:
    """Remove the member; the team must be locked. Raises LastLeader."""
    db.delete(member)
    keep_a_leader(db, member.team_id)


def keep_a_leader(db: Session, team_id: int) -> None:
    if db.row(LEADER, {"team_id": team_id}) is None:
        raise LastLeader
