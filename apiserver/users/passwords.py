"""Passwords: who proves to be a user, at every door alike."""

from typing import Any

from sqlalchemy import bindparam, select, update

from apiserver.core.audit import FAILURE, record
from apiserver.core.errors import Forbidden, TooManyRequests
from apiserver.users.models import (
    User,
    canonical,
    hash_password,
    needs_rehash,
    password_matches,
)
from apiserver.users.throttle import count_try, forgive

LONGEST = 1024

ACCOUNT = select(
    User.id, User.username, User.password_digest, User.is_active, User.epoch
).where(User.canonical_username == bindparam("username"))

REHASH = (
    update(User)
    .where(User.id == bindparam("user_id"), User.password_digest == bindparam("old"))
    .values(password_digest=bindparam("new"), updated=User.updated)
    .execution_options(synchronize_session=False)
)

# An unknown user costs the time of a hash, too.
NOBODY = hash_password("")


def authenticate(
    request: Any,
    *,
    username: str,
    password: str,
    action: str = "sign_in",
    client_id: str | None = None,
) -> Any:
    """Return the account's row (id, username, epoch), or None.

    Unknown user, inactive user and wrong password look and last the same. Raises
    TooManyRequests after too many tries. The failure is recorded under the action.
    """
    name = canonical(username)
    wait = count_try(request, "account", name)
    if wait:
        raise TooManyRequests(wait)
    account = request.db.execute(ACCOUNT, {"username": name}).one_or_none()
    stored = account.password_digest if account is not None else NOBODY
    right = len(password) <= LONGEST and password_matches(stored, password)
    if account is None or not right or not account.is_active:
        actor_id = account.id if account is not None else None
        record(request, action, FAILURE, actor_id=actor_id, client_id=client_id)
        return None
    forgive(request, "account", name)
    if needs_rehash(stored):
        rehash(request, account, password)
    return account


def rehash(request: Any, account: Any, password: str) -> None:
    """Store the hash by today's parameters, unless the password has just changed."""
    parameters = {
        "user_id": account.id,
        "old": account.password_digest,
        "new": hash_password(password),
    }
    request.db.execute(REHASH, parameters)


def confirm_password(request: Any, password: Any) -> None:
    """Raise Forbidden unless it is the caller's own password.

    It counts as a login attempt: raises TooManyRequests after too many.
    """
    identity = request.identity
    account = isinstance(password, str) and authenticate(
        request,
        username=identity.user.username,
        password=password,
        action="password_confirmation",
        client_id=identity.client_id,
    )
    if not account:
        raise Forbidden("The current password is wrong.")
