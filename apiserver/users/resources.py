"""Accounts on the tree: ``/users/``, ``/users/{user_id}`` and ``/users/me``."""

from collections.abc import Iterable
from typing import Any

from pyramid.authorization import Allow
from sqlalchemy import select

from apiserver.core.permissions import ANYONE
from apiserver.core.resources import KEY, Collection, Item, Resource
from apiserver.users.models import User
from apiserver.users.permissions import SELF, UserPermission

# What the API tells of a user, without a query for what it must never tell.
SUMMARY = (
    User.id,
    User.username,
    User.first_name,
    User.middle_name,
    User.last_name,
)
DETAIL = (
    *SUMMARY,
    User.email,
    User.created,
    User.updated,
    User.is_active,
    User.is_regular_user,
    User.is_admin,
)

ADMINISTRATORS = (
    select(User.id)
    .where(User.is_admin, User.is_active)
    .order_by(User.id)
    .with_for_update()
)


class UserResource(Item):
    """One account: ``context.user``."""

    __acl__ = [(Allow, SELF, [UserPermission.READ, UserPermission.EDIT])]
    noun = "user"
    model = User
    key_example = 2
    statement = select(*DETAIL).where(User.id == KEY)
    user: Any

    def local_roles(self, user: Any) -> Iterable[str]:
        return (SELF,) if user.id == self.user.id else ()

    def lock(self) -> Any:
        """Return the entity, its row locked; of an administrator with all of theirs.

        In one order: requests that lock two administrators would wait for each other.
        """
        if self.user.is_admin:
            self.request.db.execute(ADMINISTRATORS).all()
        return super().lock()


class OwnResource(UserResource):
    """The caller's own account, which the access token has brought along."""

    def load(self) -> Any:
        if self.request.identity is None:
            raise KeyError(self.__name__)
        # None where a client calls for itself: it holds no role here.
        return self.request.identity.user


class SignupForm(Resource):
    """What a sign-up form has to know."""

    __acl__ = [(Allow, ANYONE, [UserPermission.SIGN_UP])]


class UserCollection(Collection):
    """All accounts."""

    __acl__ = [(Allow, ANYONE, [UserPermission.SIGN_UP])]
    children = {"me": OwnResource, "signup-form": SignupForm}
    item = UserResource
