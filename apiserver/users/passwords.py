"""Passwords: who proves to be a user, at every door alike.

A password is checked in three steps, each a transaction: the attempt is
counted; the hash is compared outside any transaction; the attempts are reset.
Then what was compared is looked at again, under a lock.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

from sqlalchemy import bindparam, select, update

from apiserver.core.audit import FAILURE, record
from apiserver.core.db import commit_so_far, counter_key
from apiserver.core.endpoints import Request
from apiserver.core.http import Forbidden
from apiserver.core.typing import Row
from apiserver.users.gates import passed
from apiserver.users.hashing import (
    HASHING,
    Busy,
    Verdict,
    digest_of_nobody,
    hash_password,
    verify,
)
from apiserver.users.models import User
from apiserver.users.names import canonical
from apiserver.users.throttle import (
    Counter,
    count_or_refuse,
    door,
    forgive,
    refuse_if_over,
    take_back,
)

LONGEST = 1024

COLUMNS = (
    User.id,
    User.username,
    User.password_digest,
    User.is_active,
    User.epoch,
)
ACCOUNT = select(*COLUMNS).where(User.canonical_username == bindparam("username"))
CALLER = select(*COLUMNS).where(User.id == bindparam("user_id"))

# What was compared: still that account, with that password? A new one raises the epoch;
# a new hash of the same, as by someone who signs in at the same time, doesn't.
STILL = (
    User.id == bindparam("user_id"),
    User.epoch == bindparam("old_epoch"),
    User.is_active,
)
UNCHANGED = (
    select(User.id)
    .where(passed(bindparam("user_id")), *STILL)
    .with_for_update(read=True)
)
REHASH = (
    update(User)
    .where(*STILL, User.password_digest == bindparam("old"))
    .values(password_digest=bindparam("new"), updated=User.updated)
    .execution_options(synchronize_session=False)
)


class NewPassword(NamedTuple):
    """A password that was hashed before anything was locked."""

    password: str
    digest: str


class WrongPassword(Forbidden):
    """The caller has to give the password that is valid now."""

    sentence = "The current password is incorrect."


def authenticate(
    request: Request, *, username: str, password: str, client_id: str | None = None
) -> Row:
    """Return the row of the account that signs in (id, username, epoch), or None.

    Its row is locked against changes. Unknown user, inactive user and wrong password
    look and last the same. Raises TooManyRequests after too many attempts, Busy.
    """
    name = canonical(username)
    counters = door(request, "account", name)
    count_or_refuse(request, counters)
    account = request.db.execute(ACCOUNT, {"username": name}).one_or_none()
    with put_off(request, counters), HASHING():
        verdict = compare(account, password)
    if verdict.right:
        take_all_back(request, counters)
    if verdict.right and is_unchanged(request, account, verdict):
        return account
    record_failure(request, "sign_in", account, client_id)
    return None


def confirm_password(request: Request, password: object) -> Row:
    """Return the caller's account (its row); WrongPassword if it isn't its password.

    Attempts are counted only for the caller's grant: nobody elsewhere locks
    them out, and whoever has got hold of their token can't go on guessing. Raises what
    ``confirm_password_of`` raises.
    """
    if not isinstance(password, str):
        raise WrongPassword
    identity = request.identity
    grant = f"{identity.grant_id or ''} {identity.user_id}"
    return confirm_password_of(
        request,
        identity.user_id,
        password,
        counter=counter_key("grant", grant),
        client_id=identity.client_id,
    )


def confirm_password_of(
    request: Request,
    user_id: int,
    password: str,
    *,
    counter: str,
    client_id: str | None = None,
) -> Row:
    """Return the account (its row); raise WrongPassword if it isn't its password.

    Attempts are counted by the ``counter``. Raises TooManyRequests after too many,
    Busy. What the request has written is committed.
    """
    counters = [Counter(counter, request.setting("login_attempts"))]
    refuse_if_over(request, counters)
    commit_so_far(request)
    # Counted at the gate, where few are: many right ones at once are no guesses.
    with HASHING():
        count_or_refuse(request, counters)
        account = request.db.row(CALLER, {"user_id": user_id})
        commit_so_far(request)
        verdict = compare(account, password)
    if not verdict.right:
        record_failure(request, "password_confirmation", account, client_id)
        raise WrongPassword
    take_all_back(request, counters)
    if verdict.renewed is not None and is_unchanged(request, account, verdict):
        commit_so_far(request)
    return account


def compare(account: Row, password: str) -> Verdict:
    """Say whether it is the password of an active account, within a turn at the gate.

    An unknown user costs the time of a hash, too.
    """
    if len(password) > LONGEST:
        return Verdict(right=False)
    known = account is not None and account.is_active
    return verify(account.password_digest if known else digest_of_nobody(), password)


def take_all_back(request: Request, counters: list[Counter]) -> None:
    """Forget the attempts before a right one; committed in any case."""
    forgive(request, counters)
    commit_so_far(request)


def is_unchanged(request: Request, account: Row, verdict: Verdict) -> bool:
    """Whether the account is what it was before the hash; its row is locked then.

    The hash by today's parameters is stored with it.
    """
    parameters = {"user_id": account.id, "old_epoch": account.epoch}
    if verdict.renewed is not None:
        hashes = {"old": account.password_digest, "new": verdict.renewed}
        request.db.execute(REHASH, {**parameters, **hashes})
    return request.db.execute(UNCHANGED, parameters).first() is not None


def record_failure(
    request: Request, action: str, account: Row, client_id: str | None
) -> None:
    actor_id = account.id if account is not None else None
    record(request, action, FAILURE, actor_id=actor_id, client_id=client_id)
    # The attempt stays counted, whatever it is answered with.
    request.must_commit = True


def hash_unlocked(
    request: Request, password: str, counters: Iterable[Counter] = ()
) -> NewPassword:
    """Hash a new password; what the request has written is committed before.

    Raises Busy, by which what was counted is taken back.
    """
    with put_off(request, counters):
        return NewPassword(password, hash_password(password))


@contextmanager
def put_off(request: Request, counters: Iterable[Counter]) -> Iterator[None]:
    """Commit, and take the attempt back of whoever is told to come again."""
    commit_so_far(request)
    try:
        yield
    except Busy:
        # Committed, as the attempt was: the error would undo it.
        take_back(request, counters)
        commit_so_far(request)
        raise


def check_still_right(request: Request, confirmed: Row) -> None:
    """Raise WrongPassword if the caller's password was changed since.

    ``confirmed`` is what ``confirm_password`` has returned; the row is locked by now.
    """
    account = request.db.execute(CALLER, {"user_id": confirmed.id}).one_or_none()
    if account is None or account.epoch != confirmed.epoch:
        raise WrongPassword
