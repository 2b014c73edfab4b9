"""A team always has a leader who can act: active, and not read-only.

Changes that depend on a leader lock the team; changes to a leader's rights lock the
account. Teams are locked first (``core/tree/decisions.py``).
"""

from types import SimpleNamespace

from sqlalchemy import (
    Connection,
    bindparam,
    event,
    exists,
    insert,
    inspect,
    select,
    true,
)
from sqlalchemy.orm import Mapper

from apiserver.core.db import Session
from apiserver.core.http import Conflict, Forbidden
from apiserver.teams.models import Team, TeamMember
from apiserver.users.actions import StillNeeded
from apiserver.users.events import AccountLocking, DeletionAsked
from apiserver.users.models import User, can_act

SELECT_LEADERS = (
    select(TeamMember.user_id)
    .join(User, User.id == TeamMember.user_id)
    .where(TeamMember.is_leader, can_act(User))
)
FIND_LEADER = SELECT_LEADERS.where(TeamMember.team_id == bindparam("team_id"))
SELECT_LED = (
    select(Team.id)
    .join(TeamMember, TeamMember.team_id == Team.id)
    .where(TeamMember.user_id == bindparam("user"), TeamMember.is_leader)
    .order_by(Team.id)
)
LOCK_LED = SELECT_LED.with_for_update(of=Team, key_share=True)
SELECT_LED_ALONE = SELECT_LED.where(
    ~exists(
        SELECT_LEADERS.where(
            TeamMember.team_id == Team.id, TeamMember.user_id != bindparam("user")
        ).correlate(Team)
    )
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
# The columns that decide whether an account can act.
RIGHTS = ("is_active", "is_regular_user", "is_admin", "is_internal")
# How many teams an error names.
MOST_NAMED = 10
ALONE = (
    "These teams would be left without a leader who can act: {}. First appoint other "
    "leaders, or delete the teams."
)


class LastLeader(Conflict):
    """A team keeps at least one leader who can act: active, and not read-only."""

    sentence = "The team would be left without a leader who can act."


def insert_first_leader(db: Session, *, team_id: int, user_id: int) -> None:
    """Make the creator of a team its leader; raise Forbidden if they can't act."""
    if not db.run(INSERT_FIRST_LEADER, {"team": team_id, "leader": user_id}):
        raise Forbidden


def keep_a_leader(db: Session, team_id: int) -> None:
    """Raise LastLeader if the team, which must be locked, has no leader left."""
    if db.row(FIND_LEADER, {"team_id": team_id}) is None:
        raise LastLeader


def lock_led(event: AccountLocking) -> None:
    """Lock the teams that an account leads, since these rows come before its own."""
    event.db.rows(LOCK_LED, {"user": event.user_id})


@event.listens_for(User, "after_update")
def keep_leaders_able(mapper: Mapper[User], connection: Connection, user: User) -> None:
    """Keep a team's only leader able to act, however the account is changed.

    Raises StillNeeded.
    """
    changes = [inspect(user).attrs[name].history for name in RIGHTS]
    # An attribute that was never loaded may have been true.
    before = [[*change.deleted, *change.unchanged, True][0] for change in changes]
    could = can_act(SimpleNamespace(**dict(zip(RIGHTS, before, strict=True))))
    if could and not can_act(user):
        keep_leaders(connection, user)


@event.listens_for(User, "before_delete")
def keep_leaders_there(
    mapper: Mapper[User], connection: Connection, user: User
) -> None:
    """Keep a team's only leader from being deleted. Raises StillNeeded."""
    keep_leaders(connection, user)


def keep_leaders(connection: Connection, user: User) -> None:
    """Lock the teams that the account leads; raise StillNeeded if it is an only leader.

    Two statements, since PostgreSQL sees concurrent commits only in the second.
    """
    connection.execute(LOCK_LED, {"user": user.id}).all()
    refuse_alone(connection, user.id)


def look_for_leaders(event: DeletionAsked) -> None:
    """Raise StillNeeded if there are teams that nobody else leads."""
    refuse_alone(event.db.connection(), event.user_id)


def refuse_alone(connection: Connection, user_id: int) -> None:
    alone = connection.scalars(SELECT_LED_ALONE, {"user": user_id}).all()
    if alone:
        named = ", ".join(map(str, alone[:MOST_NAMED]))
        more = len(alone) - MOST_NAMED
        raise StillNeeded(
            ALONE.format(f"{named} and {more} more" if more > 0 else named)
        )
