"""The mail of an invitation, with a link; only its token's digest is stored."""

from sqlalchemy import bindparam, select, update

from apiserver.auth.tokens import LINK, digest, make_token
from apiserver.core.db import now
from apiserver.core.jobs import Run, job
from apiserver.core.schemas import Id, Object
from apiserver.invitations.models import Invitation
from apiserver.mail import ATTEMPTS, link_to, send_mail
from apiserver.teams.models import Team
from apiserver.users.models import User

PAGE = "/account/invitation"

FIND = (
    select(
        Invitation.email,
        Invitation.expires,
        Invitation.digest,
        Team.title,
        User.username.label("inviter"),
    )
    .join(Team, Team.id == Invitation.team_id)
    .outerjoin(User, User.id == Invitation.invited_by_id)
    .where(Invitation.id == bindparam("key"))
)
REPLACE = (
    update(Invitation)
    .where(Invitation.id == bindparam("invitation"))
    .values(digest=bindparam("new"))
    .execution_options(synchronize_session=False)
)


class InvitationPayload(Object):
    """Which invitation."""

    invitation_id = Id()


@job(takes=InvitationPayload, attempts=ATTEMPTS)
def send_invitation(run: Run, *, invitation_id: int) -> None:
    """Mail a new link, which replaces that of an earlier mail.

    The mail is the same whether the address has an account or not. An invitation that
    has been revoked or accepted, or has expired, isn't mailed.
    """
    row = run.db.row(FIND, {"key": invitation_id})
    if row is None or row.expires <= now():
        return
    token = make_token(LINK)
    if not replace(run, invitation_id, digest(token)):
        return
    values = {
        "link": link_to(run.registry, PAGE, token=token),
        "team": row.title,
        "inviter": row.inviter,
        "expires": row.expires,
    }
    if not send_mail(run, "invitation", to=row.email, values=values):
        replace(run, invitation_id, row.digest)


def replace(run: Run, invitation_id: int, new: bytes | None) -> int:
    """Store the digest of the newest link; return 0 if the invitation is gone."""
    return run.db.run(REPLACE, {"invitation": invitation_id, "new": new})
