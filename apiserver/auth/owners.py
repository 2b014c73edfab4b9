"""The owners of clients and grants, and the transfer of clients."""

from sqlalchemy import bindparam, select

from apiserver.auth.models import OAuth2Client
from apiserver.auth.permissions import OAuth2ClientPermission
from apiserver.core.db import Session
from apiserver.core.endpoints import Request
from apiserver.core.http import Forbidden, ValidationFailed
from apiserver.core.tree import Permission
from apiserver.users.actions import StillNeeded
from apiserver.users.gates import passed
from apiserver.users.models import User

LOCK_OWNER = (
    select(User.id)
    .where(
        passed(bindparam("user_id")),
        User.id == bindparam("user_id"),
        User.is_active,
    )
    .with_for_update(read=True)
)

FIRST_PARTY = (
    select(OAuth2Client.client_id)
    .where(OAuth2Client.user_id == bindparam("user_id"), OAuth2Client.first_party)
    .order_by(OAuth2Client.client_id)
    .limit(10)
)
FIRST_PARTY_NEEDED = (
    "These clients of the operator would be deleted: {}. First transfer them to "
    "another owner."
)


class NotYours(Forbidden):
    sentence = "Only administrators may see what belongs to others."


class OwnerRefused(Forbidden):
    sentence = "Only administrators may transfer a client to another owner."


class NoSuchOwner(ValidationFailed):
    """A client's owner must be an active user."""

    def __init__(self) -> None:
        super().__init__(("body", "user_id", "There is no active user with this id."))


def hold_new_owner(request: Request) -> None:
    """Lock the new owner of a client, so that they can't be deactivated.

    Before the client is locked: a deactivation locks the user, then their clients.
    Raises OwnerRefused, NoSuchOwner, and the errors of the patch.
    """
    patch, client = request.validated["patch"], request.context.client
    if "user_id" not in patch.written:
        return
    if not request.has_permission(OAuth2ClientPermission.HAND_OVER):
        raise OwnerRefused
    user_id = patch.apply(client).get("user_id", client.user_id)
    if request.db.row(LOCK_OWNER, {"user_id": user_id}) is None:
        raise NoSuchOwner


def refuse_first_party(db: Session, user_id: int) -> None:
    """Raise StillNeeded for an owner of first-party clients."""
    clients = db.scalars(FIRST_PARTY, {"user_id": user_id}).all()
    if clients:
        raise StillNeeded(FIRST_PARTY_NEEDED.format(", ".join(clients)))


def owner_id(request: Request, all_of_them: Permission) -> int:
    """Return the requested owner, by default the caller."""
    caller_id: int = request.identity.user.id
    user_id: int = request.validated["querystring"]["user_id"] or caller_id
    if user_id != caller_id and not request.has_permission(all_of_them):
        raise NotYours
    return user_id
