"""Make, find and use links that set a new password, for jobs, views and pages."""

from datetime import timedelta
from typing import NamedTuple

from sqlalchemy import bindparam, delete, select

from apiserver.auth.tokens import LINK, digest, is_token, make_token
from apiserver.core.audit import FAILURE, record
from apiserver.core.db import Session, UTCDateTime, commit_so_far, now
from apiserver.core.endpoints import Request
from apiserver.core.http import Conflict
from apiserver.core.typing import Row
from apiserver.mail import LinkInvalid
from apiserver.password_resets.models import PasswordReset
from apiserver.users.actions import PASSWORD
from apiserver.users.models import User
from apiserver.users.password_rules import check_new_password, check_personal
from apiserver.users.passwords import NewPassword, hash_unlocked
from apiserver.users.throttle import (
    Counter,
    count_or_refuse,
    door,
    forgive,
    refuse_if_over,
)

FIND = (
    select(
        PasswordReset.user_id,
        User.username,
        User.canonical_username,
        User.email,
        User.first_name,
        User.middle_name,
        User.last_name,
    )
    .join(User, User.id == PasswordReset.user_id)
    .where(
        PasswordReset.digest == bindparam("token_digest"),
        PasswordReset.expires > bindparam("now", type_=UTCDateTime),
        PasswordReset.user_epoch == User.epoch,
        PasswordReset.canonical_email == User.canonical_email,
        User.is_active,
        User.is_internal.is_(False),
    )
)
END = delete(PasswordReset).where(PasswordReset.user_id == bindparam("user_id"))


class NoLink(Conflict):
    """Accounts that can't sign in get no link."""

    sentence = "Inactive and internal accounts get no link."


class Link(NamedTuple):
    """A link that works, and the hash of the new password: nothing is locked yet."""

    user_id: int
    token: str
    new_password: NewPassword


def may_reset(account: User) -> bool:
    """Whether an account gets links at all.

    A read-only one does: its user signs in with the password.
    """
    return account.is_active and not account.is_internal


def make_link(db: Session, account: User, *, lifetime: int) -> str:
    """Store a link for a locked account; return its token.

    It replaces an older one.
    """
    token, moment = make_token(LINK), now()
    db.merge(
        PasswordReset(
            user_id=account.id,
            user_epoch=account.epoch,
            canonical_email=account.canonical_email,
            digest=digest(token),
            created=moment,
            expires=moment + timedelta(seconds=lifetime),
        )
    )
    return token


def find_link(db: Session, token: str) -> Row:
    """Return user_id and names of a link's user; None if the link doesn't work."""
    return db.row(FIND, {"token_digest": digest(token), "now": now()})


def show_link(request: Request, token: str) -> Row:
    """Return the link's user as ``find_link`` does, for a page that shows them.

    A malformed token is refused without a query. Raises LinkInvalid, which counts
    against the address, and TooManyRequests.
    """
    if not is_token(token, LINK):
        raise LinkInvalid
    counters = by_address(request)
    refuse_if_over(request, counters)
    found = find_link(request.db, token)
    if found is None:
        count_or_refuse(request, counters)
        request.must_commit = True
        raise LinkInvalid
    return found


def prepare_link(request: Request, *, token: str, password: str) -> Link:
    """Check and hash the password, which is slow, before anything is locked.

    Earlier wrong guesses at the old password no longer count, since the link proves who
    the user is. Raises LinkInvalid, TooManyRequests, PasswordIsPersonal,
    PasswordIsEasy, Busy.
    """
    found = try_link(request, token)
    check_new_password(password, found)
    hashed = hash_unlocked(request, password, by_address(request))
    forgive(request, door(request, "account", found.canonical_username))
    commit_so_far(request)
    return Link(found.user_id, token, hashed)


def try_link(request: Request, token: str) -> Row:
    """Return the link's user, without locks; the attempt counts against the address.

    Raises LinkInvalid, TooManyRequests.
    """
    if not is_token(token, LINK):
        raise LinkInvalid
    count_or_refuse(request, by_address(request))
    commit_so_far(request)
    found = find_link(request.db, token)
    if found is None:
        record(request, "password_reset", FAILURE)
        request.must_commit = True
        raise LinkInvalid
    commit_so_far(request)
    return found


def by_address(request: Request) -> list[Counter]:
    """Return the address's counter of attempts at passwords."""
    return door(request, "account", "")[:1]


def use_link(request: Request, link: Link) -> User:
    """Set the password of a locked account, once, if the link still works.

    Everything granted in its name ends. Raises LinkInvalid, PasswordIsPersonal.
    """
    account = request.db.lock(User, link.user_id)
    if account is None or find_link(request.db, link.token) is None:
        raise LinkInvalid
    # Its names may have changed meanwhile.
    check_personal(link.new_password.password, account)
    account.set_password(link.new_password.digest)
    request.db.run(END, {"user_id": account.id})
    target = f"user:{account.id}"
    record(
        request, "password_reset", actor_id=account.id, target=target, fields=PASSWORD
    )
    return account
