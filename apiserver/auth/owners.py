"""Whose clients and grants are meant, and giving a client to another owner."""

from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from apiserver.core.errors import Forbidden, ValidationFailed
from apiserver.core.jsonpatch import Patch
from apiserver.core.permissions import Permission
from apiserver.core.request import Request
from apiserver.users.models import User

LOCK_OWNER = (
    select(User.id)
    .where(User.id == bindparam("user_id"), User.is_active)
    .with_for_update(read=True)
)


class NotYours(Forbidden):
    sentence = "Only administrators see what belongs to others."


class OwnerRefused(Forbidden):
    sentence = "Only administrators give a client to another owner."


class NoSuchOwner(ValidationFailed):
    """A client's owner is an active user."""

    def __init__(self) -> None:
        super().__init__(("body", "user_id", "There is no active user of this id."))


def lock_new_owner(db: Session, client: Any, patch: Patch) -> None:
    """Keep whom the client will belong to from being deactivated meanwhile.

    Before the client is locked: a deactivation locks the user, then his clients.
    Raises NoSuchOwner, and what the patch raises.
    """
    user_id = patch.apply(client).get("user_id", client.user_id)
    if db.execute(LOCK_OWNER, {"user_id": user_id}).first() is None:
        raise NoSuchOwner


def owner_id(request: Request, all_of_them: Permission) -> int:
    """Return whose objects the query asks for; by default the caller's own."""
    caller_id: int = request.identity.user.id
    user_id: int = request.validated["querystring"]["user_id"] or caller_id
    if user_id != caller_id and not request.has_permission(all_of_them):
        raise NotYours
    return user_id
