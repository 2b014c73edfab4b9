"""The endpoints of invitations: below ``/teams``, and for accepting them."""

from sqlalchemy import select

from apiserver.core.audit import record_call
from apiserver.core.endpoints import ApiService, Request
from apiserver.core.http import TooManyRequests
from apiserver.core.jobs import put
from apiserver.core.lists import Listing
from apiserver.invitations import actions, schemas
from apiserver.invitations.jobs import send_invitation
from apiserver.invitations.models import Invitation
from apiserver.invitations.permissions import InvitationPermission
from apiserver.invitations.preparing import count_mail, prepare_sign_up
from apiserver.invitations.resources import DETAIL, InvitationResource
from apiserver.mail import LinkInvalid
from apiserver.teams.actions import AlreadyMember
from apiserver.teams.resources import TeamResource
from apiserver.teams.rows import MemberRow
from apiserver.teams.schemas import Member
from apiserver.users.actions import EmailTaken, UsernameTaken, create_user
from apiserver.users.password_rules import PasswordIsEasy, PasswordIsPersonal
from apiserver.users.preparing import SignupClosed

invitations = ApiService("invitations", "/teams/{team_id}/invitations/")
invitation = ApiService("invitation", "/teams/{team_id}/invitations/{invitation_id}")
resend = ApiService(
    "invitation_resend", "/teams/{team_id}/invitations/{invitation_id}/resend"
)
acceptance = ApiService("invitation_acceptance", "/invitations/acceptance")
sign_up = ApiService("invitation_sign_up", "/invitations/sign-up")

INVITATIONS = Listing(select(*DETAIL), by=Invitation.id)


@invitations.get(
    permission=InvitationPermission.LIST,
    lists=INVITATIONS,
    returns=schemas.InvitationDetail,
)
def list_invitations(request: Request) -> object:
    """List the invitations to a team that nobody has accepted.

    Expired ones are listed for another 30 days, and can be resent.
    """
    return INVITATIONS.page_of(request)


@invitations.post(
    permission=InvitationPermission.CREATE,
    takes=schemas.InvitationFields,
    returns=schemas.InvitationDetail,
    errors=(actions.AlreadyInvited, actions.TooManyInvitations, TooManyRequests),
    prepare=count_mail,
)
def create_invitation(request: Request) -> object:
    """Invite somebody to a team, by mail.

    The response and the mail are the same whether the address has an account or not.
    The link in the mail works once. The number of mails per network address is limited.
    """
    team = request.context.above(TeamResource).team
    row = actions.invite(
        request.db,
        team_id=team.id,
        invited_by_id=request.identity.user.id,
        lifetime=request.setting("invitation_lifetime"),
        most=request.setting("invitations_per_team"),
        **request.validated["body"],
    )
    put(request.db, send_invitation, {"invitation_id": row.id})
    target = f"invitation:{row.id} of:{team.id}"
    record_call(request, "invitation_created", target=target)
    return row


@invitation.get(permission=InvitationPermission.LIST, returns=schemas.InvitationDetail)
def get_invitation(request: Request) -> object:
    """See an invitation."""
    return request.context.invitation


@invitation.delete(permission=InvitationPermission.REVOKE)
def revoke_invitation(request: Request) -> None:
    """Revoke an invitation: its link ends immediately."""
    row = request.context.invitation
    request.context.delete()
    record_call(request, "invitation_revoked", target=f"invitation:{row.id}")


@resend.post(
    permission=InvitationPermission.CREATE,
    returns=schemas.InvitationDetail,
    errors=(TooManyRequests,),
    status=202,
    prepare=count_mail,
)
def resend_invitation(request: Request) -> object:
    """Send an invitation's mail again, with a new lifetime.

    The new link replaces the old one. The number of mails per network address, and
    per recipient, is limited.
    """
    row = request.context.above(InvitationResource).lock()
    lifetime = request.setting("invitation_lifetime")
    request.db.change(row, expires=actions.end_of(lifetime))
    put(request.db, send_invitation, {"invitation_id": row.id})
    record_call(request, "invitation_resent", target=f"invitation:{row.id}")
    return row


@acceptance.post(
    permission=InvitationPermission.ACCEPT,
    takes=schemas.Acceptance,
    returns=Member,
    errors=(LinkInvalid, AlreadyMember),
)
def accept_invitation(request: Request) -> MemberRow:
    """Accept an invitation: become a member of its team.

    The link proves ownership of the address to which it was mailed. The account that
    accepts may have another address.
    """
    team, row = request.context.locked
    user_id = request.identity.user.id
    member = actions.accept(request.db, team, row, user_id=user_id)
    target = actions.accepted(row, user_id)
    record_call(request, "invitation_accepted", target=target)
    return member


@sign_up.post(
    permission=InvitationPermission.SIGN_UP,
    takes=schemas.SignUp,
    returns=Member,
    errors=(
        LinkInvalid,
        SignupClosed,
        UsernameTaken,
        EmailTaken,
        PasswordIsPersonal,
        PasswordIsEasy,
        TooManyRequests,
    ),
    status=201,
    prepare=prepare_sign_up,
)
def sign_up_by_invitation(request: Request) -> MemberRow:
    """Sign up and accept an invitation, without a captcha.

    The account gets the address to which the invitation was mailed. If new accounts
    need approval, it becomes a member of the team, but can't sign in until it is
    approved.
    """
    team, row = request.context.locked
    user = create_user(request.db, **request.validated["account"])
    member = actions.accept(request.db, team, row, user_id=user.id)
    target = actions.accepted(row, user.id)
    record_call(request, "invitation_accepted", target=target)
    return member
