"""Invite, accept and revoke, for views and pages."""

from datetime import datetime, timedelta

from sqlalchemy import bindparam, delete, func, select

from apiserver.core.db import Session, constraints, now
from apiserver.core.http import Conflict
from apiserver.core.typing import Row
from apiserver.invitations.models import Invitation
from apiserver.teams.actions import add_member
from apiserver.teams.models import Team
from apiserver.teams.rows import MemberRow
from apiserver.users.events import AccountDeleting
from apiserver.users.names import canonical_address

COUNT = select(func.count()).where(Invitation.team_id == bindparam("team_id"))


class AlreadyInvited(Conflict):
    name = "email"
    sentence = "This address is already invited: resend that invitation, or revoke it."


class TooManyInvitations(Conflict):
    """The team has ``apiserver.invitations_per_team`` open invitations."""

    sentence = "The team has too many open invitations: revoke some, or wait."


def invite(
    db: Session,
    *,
    team_id: int,
    invited_by_id: int,
    email: str,
    is_leader: bool,
    lifetime: int,
    most: int,
) -> Row:
    """Invite an address to a team, which is locked.

    Raises AlreadyInvited, TooManyInvitations.
    """
    if db.execute(COUNT, {"team_id": team_id}).scalar_one() >= most:
        raise TooManyInvitations
    with constraints(db, uq_invitation_team_id_canonical_email=AlreadyInvited):
        return db.insert(
            Invitation,
            team_id=team_id,
            invited_by_id=invited_by_id,
            email=email,
            canonical_email=canonical_address(email),
            is_leader=is_leader,
            expires=end_of(lifetime),
        )


def end_of(lifetime: int) -> datetime:
    """Return when an invitation that is sent now will expire."""
    return now() + timedelta(seconds=lifetime)


def accept(
    db: Session, team: Team, invitation: Invitation, *, user_id: int
) -> MemberRow:
    """Add the user to the team; this uses up the invitation, which is locked.

    Raises AlreadyMember, which doesn't use it up.
    """
    member = add_member(db, team, user_id=user_id, is_leader=invitation.is_leader)
    db.delete(invitation)
    db.flush()
    return member


def accepted(invitation: Invitation, user_id: int) -> str:
    """Return the event's target: the rows that it is about."""
    return f"invitation:{invitation.id} team_member:{invitation.team_id}/{user_id}"


def forget_address(event: AccountDeleting) -> None:
    """Delete invitations to the address of a deleted account.

    Rows that somebody else has locked are skipped, which avoids deadlocks.
    """
    theirs = Invitation.canonical_email == event.user.canonical_email
    free = select(Invitation.id).where(theirs).with_for_update(skip_locked=True)
    event.db.execute(delete(Invitation).where(Invitation.id.in_(free)))
