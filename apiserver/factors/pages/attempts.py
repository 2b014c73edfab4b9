"""Sign-ins that have passed the first proof: who, how far, and where they lead.

The browser has a cookie of 256 random bits, the table its digest. It is valid for ten
minutes, and as long as nothing ends the account's grants.
"""

from collections.abc import Sequence
from datetime import timedelta
from types import SimpleNamespace

from sqlalchemy import bindparam, delete, insert, select

from apiserver.auth.browser import (
    PageError,
    cookie,
    cookie_value,
    random_value,
    tied_form,
)
from apiserver.auth.tokens import digest
from apiserver.core.db import UTCDateTime, now
from apiserver.core.endpoints import Request
from apiserver.core.http import Header
from apiserver.core.typing import Row
from apiserver.factors.models import SignInAttempt
from apiserver.users.models import User

KIND = "attempt"
LIFETIME = 600
OVER = "This sign-in has expired, or is over. Sign in again."

INSERT = insert(SignInAttempt)
FIND = (
    select(
        SignInAttempt.digest,
        SignInAttempt.user_id,
        SignInAttempt.user_epoch,
        SignInAttempt.methods,
        SignInAttempt.target,
        User.username,
    )
    .join(User, User.id == SignInAttempt.user_id)
    .where(
        SignInAttempt.digest == bindparam("attempt_digest"),
        SignInAttempt.expires > bindparam("now", type_=UTCDateTime),
        User.epoch == SignInAttempt.user_epoch,
        User.is_active,
    )
)
END = delete(SignInAttempt).where(SignInAttempt.digest == bindparam("attempt_digest"))


def begin(
    request: Request, user: Row, *, methods: Sequence[str], target: str
) -> Header:
    """Store how far a sign-in has got; return the cookie for the browser."""
    value = random_value()
    values = {
        "digest": digest(value),
        "user_id": user.id,
        "user_epoch": user.epoch,
        "methods": tuple(methods),
        "target": target,
        "expires": now() + timedelta(seconds=LIFETIME),
    }
    request.db.run(INSERT, values)
    return cookie(request, KIND, value, lifetime=LIFETIME)


def value_of(request: Request) -> str | None:
    """Return the value of the browser's cookie, if it can be one."""
    return cookie_value(request, KIND)


def find(request: Request) -> Row:
    """Return the browser's pending sign-in, or None."""
    value = value_of(request)
    if value is None:
        return None
    parameters = {"attempt_digest": digest(value), "now": now()}
    return request.db.row(FIND, parameters)


def own_form(request: Request) -> tuple[Row, dict[str, str]]:
    """Return the sign-in and the fields of its form.

    Raises PageError if either is missing.
    """
    form = tied_form(request, value_of(request), otherwise=OVER)
    attempt = find(request)
    if attempt is None:
        raise PageError(OVER)
    return attempt, form


def end(request: Request, attempt: Row) -> Header:
    """Delete a finished sign-in; return the header that removes its cookie."""
    request.db.run(END, {"attempt_digest": attempt.digest})
    return cookie(request, KIND, "", lifetime=0)


def user_of(attempt: Row) -> SimpleNamespace:
    """Return id and username of the sign-in's user."""
    return SimpleNamespace(id=attempt.user_id, username=attempt.username)
