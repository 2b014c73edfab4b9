"""Changes to teams and their members."""

from sqlalchemy import bindparam, delete, select

from apiserver.core.db import Session, constraints
from apiserver.core.http import Conflict, NotFound
from apiserver.core.typing import Row
from apiserver.teams.leaders import insert_first_leader, keep_a_leader
from apiserver.teams.models import Team, TeamMember
from apiserver.teams.rows import MemberRow, TeamRow
from apiserver.users.gates import passed
from apiserver.users.models import User
from apiserver.users.resources import SUMMARY as USER_SUMMARY

DELETE_TEAM = delete(Team).where(Team.id == bindparam("team_id"))
# Locks the account of a new member until the transaction ends.
HOLD_USER = (
    select(*USER_SUMMARY)
    .where(passed(bindparam("user_id")), User.id == bindparam("user_id"))
    .with_for_update(read=True)
)


class NoSuchUser(NotFound):
    sentence = "There is no such user."


class AlreadyMember(Conflict):
    name = "user_id"
    sentence = "The user is already a member of the team."


def create_team(db: Session, *, leader: Row, title: str) -> TeamRow:
    """Create a team whose first member, and leader, is the given user.

    Raises Forbidden if they are no longer active, or read-only.
    """
    team = db.insert(Team, title=title)
    insert_first_leader(db, team_id=team.id, user_id=leader.id)
    return TeamRow.of(team, [MemberRow(team, leader, is_leader=True)])


def delete_team(db: Session, *, team_id: int) -> None:
    """Delete a team and its memberships; raise NotFound if it is gone already."""
    if db.run(DELETE_TEAM, {"team_id": team_id}) == 0:
        raise NotFound("The team is gone.")


def add_member(db: Session, team: Row, *, user_id: int, is_leader: bool) -> MemberRow:
    """Add a user to the team; raise NoSuchUser or AlreadyMember."""
    user = db.row(HOLD_USER, {"user_id": user_id})
    if user is None:
        raise NoSuchUser
    with constraints(db, pk_team_member=AlreadyMember):
        db.insert(TeamMember, team_id=team.id, user_id=user_id, is_leader=is_leader)
    return MemberRow(team, user, is_leader)


def set_leader(db: Session, member: TeamMember, *, is_leader: bool) -> None:
    """Make the member a leader, or not; account and team must be locked.

    Raises LastLeader.
    """
    was_leader, member.is_leader = member.is_leader, is_leader
    if was_leader and not is_leader:
        keep_a_leader(db, member.team_id)


def remove_member(db: Session, member: TeamMember) -> None:
    """Remove the member; the team must be locked. Raises LastLeader."""
    db.delete(member)
    if member.is_leader:
        keep_a_leader(db, member.team_id)
