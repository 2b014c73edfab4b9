"""The endpoints of ``/users``."""

from sqlalchemy import select

from apiserver.core.endpoints import ApiService, Request
from apiserver.core.http import Forbidden, TooManyRequests
from apiserver.core.lists import Listing, contains, equals
from apiserver.users import actions
from apiserver.users.captcha import CaptchaFailed
from apiserver.users.events import AddressChanged, ChangedBy
from apiserver.users.models import User
from apiserver.users.password_rules import PasswordIsEasy, PasswordIsPersonal
from apiserver.users.passwords import WrongPassword, check_still_right
from apiserver.users.permissions import UserPermission
from apiserver.users.preparing import (
    NotConfirmed,
    PasswordOfAnother,
    SignupClosed,
    SignupUnverified,
    must_confirm,
    prepare_patch,
    prepare_user,
)
from apiserver.users.resources import SUMMARY
from apiserver.users.schemas import (
    SignupFormDetail,
    UserCreate,
    UserDetail,
    UserPatch,
    UserSummary,
)

users = ApiService("users", "/users/")
signup_form = ApiService("signup_form", "/users/signup-form")
me = ApiService("me", "/users/me")
user = ApiService("user", "/users/{user_id}")

USERS = Listing(
    select(*SUMMARY),
    by=User.id,
    sort={"username": User.canonical_username, "created": User.created},
    filters={"username": contains(User.username), "is_active": equals(User.is_active)},
)


class RolesRefused(Forbidden):
    sentence = "Only administrators may change roles."


@users.get(permission=UserPermission.LIST, lists=USERS, returns=UserSummary)
def list_users(request: Request) -> object:
    """List the users."""
    return USERS.page_of(request)


@users.post(
    permission=UserPermission.SIGN_UP,
    prepare=prepare_user,
    takes=UserCreate,
    returns=UserDetail,
    errors=(
        CaptchaFailed,
        SignupClosed,
        SignupUnverified,
        actions.UsernameTaken,
        actions.EmailTaken,
        PasswordIsPersonal,
        PasswordIsEasy,
        TooManyRequests,
    ),
)
def create_user(request: Request) -> object:
    """Sign up as a new user.

    Anyone who solves the captcha may sign up; `GET /users/signup-form` tells which
    captcha. Administrators with the scope `users:write` need none. The number of
    sign-ups per address is limited. Where the server verifies addresses, strangers sign
    up at `/users/sign-ups` instead.
    """
    return actions.create_user(request.db, **request.validated["body"])


@signup_form.get(permission=UserPermission.SIGN_UP, returns=SignupFormDetail)
def get_signup_form(request: Request) -> object:
    """See which captcha a sign-up form requires."""
    return request.registry.signup_form


@me.get(permission=UserPermission.READ, returns=UserDetail)
def get_me(request: Request) -> object:
    """See your own details."""
    return request.context.user


@user.get(permission=UserPermission.READ, returns=UserDetail)
def get_user(request: Request) -> object:
    """See a user's details."""
    return request.context.user


@user.patch(
    permission=UserPermission.EDIT,
    prepare=prepare_patch,
    takes=UserPatch,
    returns=UserDetail,
    errors=(
        NotConfirmed,
        PasswordOfAnother,
        PasswordIsPersonal,
        PasswordIsEasy,
        WrongPassword,
        RolesRefused,
        actions.EmailTaken,
        actions.AddressUnconfirmed,
        actions.LastAdministrator,
        actions.StillNeeded,
        actions.Overtaken,
        TooManyRequests,
    ),
)
def patch_user(request: Request) -> object:
    """Change a user's details, or your own password.

    Every change must be preceded by a `test` of `/current_password`, the caller's own
    password. Nobody sets another user's `/password`, administrators neither; a new one
    ends all other sessions and grants of the user. Only administrators may change
    `/is_active`, `/is_regular_user` and `/is_admin`. Where the server verifies
    addresses, users change their own at `/users/me/address-changes/`. An empty patch
    changes nothing and needs no password.
    """
    patch = request.validated["patch"]
    if patch.is_empty:
        return request.context.user
    gives_roles = not patch.written.isdisjoint(actions.ROLE_FIELDS)
    if gives_roles and not request.has_permission(UserPermission.GRANT):
        raise RolesRefused
    account = request.context.lock()
    check_still_right(request, request.validated["confirmed"])
    old = account.email
    is_own = account.id == request.caller_id
    changed = actions.patch_user(
        request.db,
        account,
        patch,
        new_password=request.validated["new_password"],
        keeps_address=is_own and must_confirm(request),
    )
    actions.announce(request, account, changed)
    if "email" in changed:
        by = ChangedBy.USER if is_own else ChangedBy.ADMINISTRATOR
        request.registry.notify(AddressChanged(request, account, old, by))
    return account
