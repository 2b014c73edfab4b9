"""Lost passwords on the tree: ``/auth/password-resets/``, and below each user."""

from pyramid.authorization import Allow
from sqlalchemy import or_, select

from apiserver.core.tree import ANYONE, CALLER, KEY, Resource
from apiserver.password_resets.permissions import PasswordResetPermission
from apiserver.users.gates import closed
from apiserver.users.models import User
from apiserver.users.resources import UserResource

# One statement locks both in the usual order: two users who reset each other's
# password, each with their own token, must not deadlock.
LOCK = (
    select(User.id)
    .where(closed(KEY, CALLER), or_(User.id == KEY, User.id == CALLER))
    .order_by(User.id)
    .with_for_update(key_share=True)
)


class PasswordResetConfirmation(Resource):
    """Where a link is used."""

    __acl__ = [(Allow, ANYONE, [PasswordResetPermission.USE])]
    is_locked = True
    lock_rank = UserResource.lock_rank

    def lock_row(self, *, exclusive: bool) -> None:
        """Lock the link's account, and the caller's, if there is one.

        The link was looked up when the request was prepared.
        """
        request = self.request
        accounts = {"key": request.validated["link"].user_id}
        request.db.rows(LOCK, {**accounts, "caller": request.caller_id})


class PasswordResets(Resource):
    """Anybody's lost passwords."""

    __acl__ = [(Allow, ANYONE, [PasswordResetPermission.ASK])]
    children = {"confirmation": PasswordResetConfirmation}


class UserPasswordResets(Resource):
    """The lost passwords of one user, whom an administrator helps."""
