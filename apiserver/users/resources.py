"""Accounts on the tree: ``/users/``, ``/users/{user_id}`` and ``/users/me``."""

from collections.abc import Iterable

from pyramid.authorization import Allow
from sqlalchemy import and_, or_, select

from apiserver.core.endpoints import Request
from apiserver.core.tree import (
    ANYONE,
    CALLER,
    KEY,
    Collection,
    Item,
    NoSuchNode,
    Resource,
)
from apiserver.core.typing import Row
from apiserver.users.events import AccountLocking
from apiserver.users.gates import closed, closed_with_administrators, passed
from apiserver.users.models import User
from apiserver.users.permissions import SELF, UserPermission

# What the API describes a user, without a query for what it must never tell.
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
    .with_for_update(key_share=True)
)
# In one statement, so that of two who lock each other's account one waits for both.
LOCK_ALL = (
    select(User.id)
    .where(
        closed_with_administrators(KEY, CALLER),
        or_(User.id == KEY, User.id == CALLER, and_(User.is_admin, User.is_active)),
    )
    .order_by(User.id)
    .with_for_update(key_share=True)
)
LOCK_ONE = (
    select(User.id).where(closed(KEY), User.id == KEY).with_for_update(key_share=True)
)


# Nobody takes rights from one account or the caller's meanwhile.
HOLD_ACCOUNTS = (
    select(User.id)
    .where(passed(KEY, CALLER), or_(User.id == KEY, User.id == CALLER))
    .order_by(User.id)
    .with_for_update(read=True)
)


def lock_account(request: Request, user_id: int) -> None:
    """Lock the row of one account, for a change."""
    request.db.row(LOCK_ONE, {"key": user_id})


def lock_with_administrators(
    request: Request, *, user_id: int, caller_id: int | None
) -> None:
    """Lock an account, the caller's, and those of all administrators.

    Rights of administrators are given and taken by one request at a time, or two of
    them could take them from each other at the same time.
    """
    request.registry.notify(AccountLocking(request.db, user_id))
    request.db.rows(LOCK_ALL, {"key": user_id, "caller": caller_id})


class UserResource(Item[User]):
    """One account: ``context.user``."""

    __acl__ = [(Allow, SELF, [UserPermission.READ, UserPermission.EDIT])]
    noun = "user"
    model = User
    key_example = 2
    lock_rank = 2
    statement = select(*DETAIL).where(User.id == KEY)
    user: Row

    def local_roles(self, user: Row) -> Iterable[str]:
        return (SELF,) if user.id == self.user.id else ()

    def hold(self) -> None:
        """Keep the account, and that of the caller, as they are."""
        self.request.db.rows(HOLD_ACCOUNTS, self.parameters())

    def lock_row(self, *, exclusive: bool) -> None:
        """Lock the account, the caller's, and those of all administrators.

        Who changes nothing but their own account needs no other.
        """
        if self.user is None:
            return
        db, caller_id = self.request.db, self.request.caller_id
        if self.user.id == caller_id and not self.user.is_admin:
            lock_account(self.request, self.user.id)
        else:
            lock_with_administrators(
                self.request, user_id=self.user.id, caller_id=caller_id
            )
        if exclusive:
            self.locked = db.lock(User, self.user.id), db.get_transaction()


class OwnResource(UserResource):
    """The caller's own account, which the access token has brought along."""

    def load(self) -> Row:
        if self.request.identity is None:
            raise NoSuchNode(self.__name__)
        # None where a client calls for itself: it holds no role here.
        return self.request.identity.user


class SignupForm(Resource):
    """What a sign-up form needs."""

    __acl__ = [(Allow, ANYONE, [UserPermission.SIGN_UP])]


class UserCollection(Collection):
    """All accounts."""

    __acl__ = [(Allow, ANYONE, [UserPermission.SIGN_UP])]
    children = {"me": OwnResource, "signup-form": SignupForm}
    item = UserResource
