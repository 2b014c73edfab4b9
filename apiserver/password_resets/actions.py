"""Links that set a new password: made, found, used; jobs, views and pages do."""

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
    """Whoever can't sign in needs no password."""

    sentence = "Inactive and internal accounts get no link."


class Link(NamedTuple):
    """A link that works, and the hash of the new password: nothing is locked yet."""

    user_id: int
    token: str
    new_password: NewPassword


def may_reset(account: User) -> bool:
    """Whether an account gets links at all.

    A read-only one does: the password is how its user gets in.
    """
    return account.is_active and not account.is_internal


def make_link(db: Session, account: User, *, lifetime: int) -> str:
    """Store a link for an account, which is locked; return its token.

    It takes the place of an older one.
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
    """Return whose link it is: user_id, and the names; None if it doesn't work."""
    return db.row(FIND, {"token_digest": digest(token), "now": now()})


def show_link(request: Request, token: str) -> Row:
    """Return whose link it is, for a page that shows it, as ``find_link`` does.

    What can't be a token is refused without a query. Raises LinkInvalid, and counts it
    by the address; TooManyRequests.
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
    """Do what takes long before anything is locked: look at the password, hash it.

    Whoever has proven by the link who it is may sign in at once, though somebody has
    guessed at the old password.

    Raises LinkInvalid, TooManyRequests, PasswordIsPersonal, PasswordIsEasy, Busy.
    """
    found = try_link(request, token)
    check_new_password(password, found)
    hashed = hash_unlocked(request, password, by_address(request))
    forgive(request, door(request, "account", found.canonical_username))
    commit_so_far(request)
    return Link(found.user_id, token, hashed)


def try_link(request: Request, token: str) -> Row:
    """Return whose link it is; the try is counted by the address, and nothing held.

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
    """Return the counter of an address, that of those who try passwords there."""
    return door(request, "account", "")[:1]


def use_link(request: Request, link: Link) -> User:
    """Set the password of an account, which is locked: once, if the link still works.

    All that was granted in its name ends. Raises LinkInvalid, PasswordIsPersonal.
    """
    account = request.db.lock(User, link.user_id)
    if account is None or find_link(request.db, link.token) is None:
        raise LinkInvalid
    # It may have got other names meanwhile.
    check_personal(link.new_password.password, account)
    account.set_password(link.new_password.digest)
    request.db.run(END, {"user_id": account.id})
    target = f"user:{account.id}"
    record(
        request, "password_reset", actor_id=account.id, target=target, fields=PASSWORD
    )
    return account
