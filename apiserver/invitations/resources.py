"""Invitations in the tree: below their team, and where they are accepted.

::

    /teams/{team_id}/invitations/{invitation_id}/resend
    /invitations/acceptance
    /invitations/sign-up
"""

from pyramid.authorization import Allow
from sqlalchemy import bindparam, select

from apiserver.auth.tokens import LINK, digest, is_token
from apiserver.core.db import Session, UTCDateTime, now
from apiserver.core.tree import ANYONE, KEY, USER, Collection, Item, Resource
from apiserver.core.typing import Row, Selection
from apiserver.invitations.models import Invitation
from apiserver.invitations.permissions import InvitationPermission
from apiserver.mail import LinkInvalid
from apiserver.teams.models import Team
from apiserver.teams.permissions import LEADER
from apiserver.users.models import User

DETAIL = (
    Invitation.id,
    Invitation.email,
    Invitation.is_leader,
    Invitation.invited_by_id,
    Invitation.created,
    Invitation.expires,
)
FIND: Selection = (
    select(
        *DETAIL,
        Invitation.team_id,
        Team.title,
        User.username.label("inviter"),
    )
    .join(Team, Team.id == Invitation.team_id)
    .outerjoin(User, User.id == Invitation.invited_by_id)
    .where(
        Invitation.digest == bindparam("token_digest"),
        Invitation.expires > bindparam("now", type_=UTCDateTime),
    )
)


def find(db: Session, token: str) -> Row:
    """Return the invitation of a mailed link, with its team's ``title``.

    ``inviter`` is a username, or None. Raises LinkInvalid.
    """
    row = None
    if is_token(token, LINK):
        row = db.row(FIND, {"token_digest": digest(token), "now": now()})
    if row is None:
        raise LinkInvalid
    return row


def lock(db: Session, token: str) -> tuple[Team, Invitation]:
    """Lock the team and then the invitation of a link.

    The link stays valid until the transaction ends. Raises LinkInvalid.
    """
    found = find(db, token)
    team = db.lock(Team, found.team_id)
    invitation = db.lock(Invitation, found.id)
    if (
        team is not None
        and invitation is not None
        and invitation.digest == digest(token)
        and invitation.expires > now()
    ):
        return team, invitation
    raise LinkInvalid


class ResendNode(Resource):
    """Where an invitation's mail is sent again."""


class InvitationResource(Item[Invitation]):
    """One invitation: ``context.invitation``."""

    children = {"resend": ResendNode}
    noun = "invitation"
    model = Invitation
    statement = select(*DETAIL).where(Invitation.id == KEY)
    invitation: Row


class InvitationCollection(Collection):
    """A team's invitations, for its leaders: members don't see addresses."""

    __acl__ = [
        (
            Allow,
            LEADER,
            [
                InvitationPermission.LIST,
                InvitationPermission.CREATE,
                InvitationPermission.REVOKE,
            ],
        )
    ]
    item = InvitationResource


class LinkNode(Resource):
    """Where a link's token, sent in the body, is used.

    Team and invitation are locked before the caller's account, as in all requests.
    """

    is_locked = True
    locked: tuple[Team, Invitation]

    def lock_row(self, *, exclusive: bool) -> None:
        token = self.request.validated["body"]["token"]
        self.locked = lock(self.request.db, token)


class AcceptanceNode(LinkNode):
    """Where signed-in users accept an invitation."""

    __acl__ = [(Allow, USER, [InvitationPermission.ACCEPT])]


class SignUpNode(LinkNode):
    """Where people without an account accept one."""

    __acl__ = [(Allow, ANYONE, [InvitationPermission.SIGN_UP])]


class InvitationLinks(Resource):
    """The parent of the nodes where links are used."""

    children = {"acceptance": AcceptanceNode, "sign-up": SignUpNode}
