"""Changes of teams and their members; a team keeps a leader who can act.

Whoever relies on a leader has the team locked; whoever makes a leader, or takes a
leader's rights, the account. Teams are locked first (``core/tree/decisions.py``).
"""

from collections.abc import Sequence
from datetime import datetime
from types import SimpleNamespace
from typing import Any, NamedTuple, Self

from sqlalchemy import (
    Connection,
    bindparam,
    delete,
    event,
    exists,
    insert,
    inspect,
    select,
    true,
)

from apiserver.core.db import Session, constraints
from apiserver.core.http import Conflict, Forbidden, NotFound
from apiserver.teams.models import Team, TeamMember
from apiserver.users.actions import StillNeeded
from apiserver.users.events import AccountLocking
from apiserver.users.models import User, can_act
from apiserver.users.resources import SUMMARY as USER_SUMMARY

INSERT_TEAM = insert(Team).returning(Team.id, Team.title, Team.created, Team.updated)
INSERT_MEMBER = insert(TeamMember)
DELETE_TEAM = delete(Team).where(Team.id == bindparam("team_id"))
USER = (
    select(*USER_SUMMARY)
    .where(User.id == bindparam("user_id"))
    .with_for_update(read=True)
)
INSERT_FIRST_LEADER = (
    insert(TeamMember)
    .from_select(
        ["team_id", "user_id", "is_leader"],
        select(bindparam("team", type_=Team.id.type), User.id, true())
        .where(User.id == bindparam("leader"), can_act(User))
        .with_for_update(read=True),
    )
    .returning(TeamMember.team_id, TeamMember.user_id)
)
ACTING_LEADER = (
    select(TeamMember.user_id)
    .join(User, User.id == TeamMember.user_id)
    .where(TeamMember.is_leader, can_act(User))
)
LEADER = ACTING_LEADER.where(TeamMember.team_id == bindparam("team_id"))
LED = (
    select(Team.id)
    .join(TeamMember, TeamMember.team_id == Team.id)
    .where(TeamMember.user_id == bindparam("user"), TeamMember.is_leader)
    .order_by(Team.id)
)
LOCK_LED = LED.with_for_update(of=Team, key_share=True)
LED_ALONE = LED.where(
    ~exists(
        ACTING_LEADER.where(
            TeamMember.team_id == Team.id, TeamMember.user_id != bindparam("user")
        ).correlate(Team)
    )
)
# What decides whether an account can act.
RIGHTS = ("is_active", "is_regular_user", "is_admin", "is_internal")
# Of the teams that a sentence names.
MOST_NAMED = 10
ALONE = (
    "These teams would be left without a leader who can act: {}. First let others lead "
    "them, or delete them."
)


class MemberRow(NamedTuple):
    """A membership, with the summaries of both sides; a row of ``MEMBERS``."""

    team: Any
    user: Any
    is_leader: bool


class TeamRow(NamedTuple):
    """A team with its members."""

    id: int
    title: str
    created: datetime
    updated: datetime
    members: Sequence[MemberRow]

    @classmethod
    def of(cls, team: Any, members: Sequence[MemberRow]) -> Self:
        """Put a row or an entity and its members together."""
        return cls(team.id, team.title, team.created, team.updated, members)


class NoSuchUser(NotFound):
    sentence = "There is no such user."


class AlreadyMember(Conflict):
    name = "user_id"
    sentence = "The user is a member of the team already."


class LastLeader(Conflict):
    """A team keeps at least one leader who can act: active, and not read-only."""

    sentence = "The team would be left without a leader who can act."


def create_team(db: Session, *, leader: Any, title: str) -> TeamRow:
    """Create a team whose first member, and leader, is the given user.

    Raises Forbidden if he can't act any more.
    """
    team = db.row(INSERT_TEAM, {"title": title})
    if not db.run(INSERT_FIRST_LEADER, {"team": team.id, "leader": leader.id}):
        raise Forbidden
    return TeamRow.of(team, [MemberRow(team, leader, is_leader=True)])


def delete_team(db: Session, *, team_id: int) -> None:
    """Delete a team and its memberships; raise NotFound if it is gone already."""
    if db.run(DELETE_TEAM, {"team_id": team_id}) == 0:
        raise NotFound("The team is gone.")


def add_member(db: Session, team: Any, *, user_id: int, is_leader: bool) -> MemberRow:
    """Add a user to the team; raise NoSuchUser or AlreadyMember."""
    user = db.row(USER, {"user_id": user_id})
    if user is None:
        raise NoSuchUser
    member = {"team_id": team.id, "user_id": user_id, "is_leader": is_leader}
    with constraints(db, pk_team_member=AlreadyMember):
        db.run(INSERT_MEMBER, member)
    return MemberRow(team, user, is_leader)


def set_leader(db: Session, member: TeamMember, *, is_leader: bool) -> None:
    """Make a leader of the member, or none; account and team must be locked.

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


def keep_a_leader(db: Session, team_id: int) -> None:
    if db.row(LEADER, {"team_id": team_id}) is None:
        raise LastLeader


def lock_led(event: AccountLocking) -> None:
    """Lock the teams that an account leads, since these rows come before its own."""
    event.request.db.rows(LOCK_LED, {"user": event.user_id})


@event.listens_for(User, "after_update")
def keep_leaders_able(mapper: Any, connection: Connection, user: User) -> None:
    """Refuse to make a team's only leader unable to act, by whatever door.

    Raises StillNeeded.
    """
    changes = [inspect(user).attrs[name].history for name in RIGHTS]
    # What was never read may have been true.
    before = [[*change.deleted, *change.unchanged, True][0] for change in changes]
    could = can_act(SimpleNamespace(**dict(zip(RIGHTS, before, strict=True))))
    if could and not can_act(user):
        keep_leaders(connection, user)


@event.listens_for(User, "before_delete")
def keep_leaders_there(mapper: Any, connection: Connection, user: User) -> None:
    """Refuse to delete a team's only leader. Raises StillNeeded."""
    keep_leaders(connection, user)


def keep_leaders(connection: Connection, user: User) -> None:
    """Raise StillNeeded if there are teams that nobody else leads; lock all he leads.

    Two statements: PostgreSQL sees what others have committed from the next one on.
    """
    parameters = {"user": user.id}
    connection.execute(LOCK_LED, parameters).all()
    alone = connection.scalars(LED_ALONE, parameters).all()
    if alone:
        named = ", ".join(map(str, alone[:MOST_NAMED]))
        more = len(alone) - MOST_NAMED
        raise StillNeeded(
            ALONE.format(f"{named} and {more} more" if more > 0 else named)
        )
