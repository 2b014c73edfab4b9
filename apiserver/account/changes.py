"""What pages change in the user's own account, by the rules of the API's PATCH."""

from collections.abc import Mapping

from apiserver.auth.browser import (
    PageError,
    SignInNeeded,
    keep_session,
    signed_in_to_change,
)
from apiserver.core.db import counter_key
from apiserver.core.endpoints import Request
from apiserver.core.http import (
    ApiError,
    ServiceUnavailable,
    TooManyRequests,
    ValidationFailed,
)
from apiserver.core.schemas import Patch, validated
from apiserver.core.typing import Row
from apiserver.users.actions import Overtaken, announce, change_user, patch_user
from apiserver.users.models import User
from apiserver.users.password_rules import check_new_password
from apiserver.users.passwords import (
    NewPassword,
    WrongPassword,
    check_still_right,
    confirm_password_of,
    hash_unlocked,
)
from apiserver.users.schemas import NewPassword as NewPasswordSchema
from apiserver.users.schemas import UserPatch

NEW = NewPasswordSchema()
PATCH = UserPatch()


class NotChanged(Exception):
    """The password wasn't changed; ``failed`` maps names of fields to the reasons."""

    def __init__(self, error: ApiError, **failed: str) -> None:
        super().__init__(error.detail)
        self.status = error.status
        self.headers = tuple(error.headers)
        self.failed = failed


def own_account(request: Request, session: Row) -> User:
    """Lock the account of the signed-in user, and return its entity."""
    account: User | None = request.db.lock(User, session.user.id)
    if account is None:
        raise SignInNeeded
    return account


def change_names(request: Request, session: Row, names: Mapping[str, str]) -> None:
    """Change the names of an account, which is locked; raise ValidationFailed."""
    operations = [
        {"op": "replace", "path": f"/{name}", "value": value}
        for name, value in names.items()
    ]
    account = own_account(request, session)
    patch_user(request.db, account, Patch(PATCH, operations), new_password=None)


def change_password(request: Request, session: Row, *, current: str, new: str) -> None:
    """Set a new password for the signed-in user, given the current one.

    All other sessions end, and all grants. Raises NotChanged.
    """
    try:
        confirmed, hashed = prepare(request, session, current=current, new=new)
        set_password(request, confirmed, hashed)
    except (WrongPassword, TooManyRequests) as error:
        raise NotChanged(error, current_password=error.detail) from None
    except ValidationFailed as error:
        said = " ".join(said for _, _, said in error.errors)
        raise NotChanged(error, password=said) from None
    except (ServiceUnavailable, Overtaken) as error:
        raise NotChanged(error, password=error.detail) from None


def prepare(
    request: Request, session: Row, *, current: str, new: str
) -> tuple[Row, NewPassword]:
    """Compare a hash and make another, which is slow, before anything is locked."""
    counter = counter_key("session", f"{session.id} {session.user.id}")
    confirmed = confirm_password_of(request, session.user.id, current, counter=counter)
    password = validated(NEW, "body", {"password": new})["password"]
    account = request.db.get_one(User, session.user.id)
    check_new_password(password, account)
    return confirmed, hash_unlocked(request, password)


def set_password(request: Request, confirmed: Row, hashed: NewPassword) -> None:
    """Store the hash, and notify subscribers; raise WrongPassword or Overtaken."""
    session = signed_in_to_change(request)
    if session.user.id != confirmed.id:
        raise PageError("Somebody else has signed in in this browser.", 409)
    account = own_account(request, session)
    check_still_right(request, confirmed)
    changes = {"password": hashed.password}
    changed = change_user(request.db, account, changes, new_password=hashed)
    request.db.flush()
    keep_session(request, session, epoch=account.epoch)
    announce(request, account, changed)
