"""Passwords: who proves to be a user, at every door alike."""

from typing import Any

from sqlalchemy import bindparam, select, update

from apiserver.core.audit import FAILURE, record
from apiserver.core.errors import Forbidden, TooManyRequests
from apiserver.core.transactions import commit_so_far
from apiserver.users.hashing import (
    Busy,
    digest_of_nobody,
    hash_password,
    needs_rehash,
    password_matches,
)
from apiserver.users.models import User, canonical
from apiserver.users.throttle import count_try, forgive, take_back

LONGEST = 1024

ACCOUNT = select(
    User.id,
    User.username,
    User.canonical_username,
    User.password_digest,
    User.is_active,
    User.epoch,
).where(User.canonical_username == bindparam("username"))

REHASH = (
    update(User)
    .where(User.id == bindparam("user_id"), User.password_digest == bindparam("old"))
    .values(password_digest=bindparam("new"), updated=User.updated)
    .execution_options(synchronize_session=False)
)


class WrongPassword(Forbidden):
    """The caller has to give the password that is valid now."""

    sentence = "The current password is wrong."


def authenticate(
    request: Any, *, username: str, password: str, client_id: str | None = None
) -> Any:
    """Return the row of the account that signs in (id, username, epoch), or None.

    Unknown user, inactive user and wrong password look and last the same. Raises
    TooManyRequests after too many tries. The password is compared in a transaction of
    its own: nobody waits for the counter, nor for a connection, while it is hashed.
    """
    account = find_account(request, username)
    commit_so_far(request)
    try:
        is_right = compare(account, password)
    except Busy:
        # Committed, as the try was: the error would undo it.
        take_back(request, "account", canonical(username))
        commit_so_far(request)
        raise
    if is_right:
        welcome(request, account, password)
        return account
    record_failure(request, "sign_in", account, client_id)
    return None


def find_account(request: Any, username: str) -> Any:
    """Count a try under the name; return the account's row, or None.

    Raises TooManyRequests.
    """
    name = canonical(username)
    wait = count_try(request, "account", name)
    if wait:
        raise TooManyRequests(wait)
    return request.db.execute(ACCOUNT, {"username": name}).one_or_none()


def compare(account: Any, password: str) -> bool:
    """Whether it is the password of an active account; takes as long for none."""
    # An unknown user costs the time of a hash, too.
    stored = account.password_digest if account is not None else digest_of_nobody()
    right = len(password) <= LONGEST and password_matches(stored, password)
    return account is not None and right and account.is_active


def welcome(request: Any, account: Any, password: str) -> None:
    """Take the tries back; store the hash by today's parameters."""
    forgive(request, "account", account.canonical_username)
    if needs_rehash(account.password_digest):
        rehash(request, account, password)


def record_failure(
    request: Any, action: str, account: Any, client_id: str | None
) -> None:
    actor_id = account.id if account is not None else None
    record(request, action, FAILURE, actor_id=actor_id, client_id=client_id)


def rehash(request: Any, account: Any, password: str) -> None:
    """Store another hash of the password, unless it has just been changed."""
    parameters = {
        "user_id": account.id,
        "old": account.password_digest,
        "new": hash_password(password),
    }
    request.db.execute(REHASH, parameters)


def confirm_password(request: Any, password: Any) -> Any:
    """Return the caller's account (its row); WrongPassword if it isn't its password.

    It counts as a login attempt: raises TooManyRequests after too many. Nothing is
    committed here, since the caller may hold the lock of ``If-Match``.
    """
    if not isinstance(password, str):
        raise WrongPassword
    identity = request.identity
    account = find_account(request, identity.user.username)
    if not compare(account, password):
        record_failure(request, "password_confirmation", account, identity.client_id)
        raise WrongPassword
    welcome(request, account, password)
    return account


def check_still_right(confirmed: Any, account: Any) -> None:
    """Raise WrongPassword if the caller's password was changed since.

    ``confirmed`` is what ``confirm_password`` has returned; ``account`` is locked.
    """
    if account.id == confirmed.id and account.epoch != confirmed.epoch:
        raise WrongPassword
