"""Browser sessions: pages identify the signed-in user by a cookie.

The cookie has 256 random bits, the table their digest. Each sign-in creates a session,
which records when and how that was (``auth_time``, ``amr``). It ends after idle and
absolute time-outs, and when its user's epoch is raised. The API itself ignores cookies.
"""

import hmac
import re
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from urllib.parse import quote

from sqlalchemy import bindparam, delete, func, insert, select, update
from sqlalchemy.orm import Bundle, aliased

from apiserver.auth.models import BrowserSession
from apiserver.auth.strength import strength_of
from apiserver.auth.tokens import SESSION, digest, is_token, make_token
from apiserver.core.db import UTCDateTime, now
from apiserver.core.endpoints import Request
from apiserver.core.http import Header
from apiserver.core.typing import Row, Selection
from apiserver.users.gates import passed
from apiserver.users.models import User

LONGEST_USER_AGENT = 200
PROJECT = __name__.partition(".")[0]

NOW = bindparam("now", type_=UTCDateTime)

_RANDOM = re.compile(r"[A-Za-z0-9_-]{43}")
_Session = aliased(BrowserSession, name="calling")
USER_OF_SESSION = (
    select(_Session.user_id)
    .where(_Session.digest == bindparam("session_digest"))
    .scalar_subquery()
)
FIND: Selection = (
    select(
        BrowserSession.id,
        BrowserSession.digest,
        BrowserSession.created,
        func.coalesce(BrowserSession.auth_time, BrowserSession.created).label(
            "auth_time"
        ),
        BrowserSession.amr,
        BrowserSession.absolute_expires,
        Bundle(
            "user",
            User.id,
            User.username,
            User.epoch,
            User.is_regular_user,
            User.is_admin,
            User.is_internal,
        ),
    )
    .join(User, User.id == BrowserSession.user_id)
    .where(
        passed(USER_OF_SESSION),
        BrowserSession.digest == bindparam("session_digest"),
        BrowserSession.idle_expires > NOW,
        BrowserSession.absolute_expires > NOW,
        User.is_active,
        User.epoch == BrowserSession.user_epoch,
    )
    # While the session is used, a change to its user can't end it.
    .with_for_update(read=True, of=User)
)
INSERT = insert(BrowserSession)
TOUCH = (
    update(BrowserSession)
    .where(BrowserSession.digest == bindparam("session_digest"))
    .values(idle_expires=bindparam("idle", type_=UTCDateTime), last_seen=NOW)
    .execution_options(synchronize_session=False)
)
KEEP = (
    update(BrowserSession)
    .where(BrowserSession.id == bindparam("session_id"))
    .values(user_epoch=bindparam("epoch"))
    .execution_options(synchronize_session=False)
)
DELETE = delete(BrowserSession).where(
    BrowserSession.digest == bindparam("session_digest")
)


def cookie_name(request: Request, kind: str) -> str:
    """Return the name of a cookie; ``__Host-`` binds it to this host and to TLS.

    Such a cookie is for all paths. If the server is below a path of a shared host, its
    cookies are for that path, with ``__Secure-`` (RFC 6265bis 4.1.3). Cookies ignore
    ports: a client at another port of this host has cookies, too, which many frameworks
    call ``session``.
    """
    name = f"{PROJECT}_{kind}"
    if not request.setting("secure_cookies"):
        return name
    return ("__Secure-" if request.script_name else "__Host-") + name


def cookie(request: Request, kind: str, value: str, *, lifetime: int) -> Header:
    """Return the header that sets a cookie; a lifetime of 0 removes it."""
    path = quote(request.script_name) or "/"
    secure = "; Secure" if request.setting("secure_cookies") else ""
    return (
        "Set-Cookie",
        f"{cookie_name(request, kind)}={value}; Path={path}; HttpOnly; SameSite=Lax; "
        f"Max-Age={lifetime}{secure}",
    )


def cookie_value(request: Request, kind: str) -> str | None:
    """Return the value of the browser's cookie, if it has the right form."""
    value: str = request.cookies.get(cookie_name(request, kind), "")
    return value if is_random(value) else None


def random_value() -> str:
    """Return 256 random bits as 43 characters."""
    return secrets.token_urlsafe(32)


def is_random(value: str) -> bool:
    """Whether a value has the form of a ``random_value``."""
    return _RANDOM.fullmatch(value) is not None


def start_session(request: Request, user: Row, methods: Iterable[str]) -> Header:
    """Start a session, and end the browser's previous one; return the cookie.

    ``methods`` are those of the sign-in (RFC 8176).
    """
    end_session(request)
    value = make_token(SESSION)
    moment = now()
    absolute: int = request.setting("session_lifetime")
    request.db.execute(
        INSERT,
        {
            "digest": digest(value),
            "user_id": user.id,
            "user_epoch": user.epoch,
            "idle_expires": idle_expiry(request, moment),
            "absolute_expires": moment + timedelta(seconds=absolute),
            "auth_time": moment,
            "last_seen": moment,
            "amr": tuple(methods),
            "user_agent": user_agent(request),
            "address": request.address,
        },
    )
    return cookie(request, "session", value, lifetime=absolute)


def end_session(request: Request) -> Header:
    """End the browser's session, if it has one; return the header for its cookie."""
    value = session_cookie(request)
    if value is not None:
        request.db.execute(DELETE, {"session_digest": digest(value)})
    return cookie(request, "session", "", lifetime=0)


def find_session(request: Request) -> Row:
    """Return the row of the browser's session, with its ``user``, or None."""
    value = session_cookie(request)
    if value is None:
        return None
    moment = now()
    parameters = {"session_digest": digest(value), "now": moment}
    session = request.db.execute(FIND, parameters).one_or_none()
    if session is None or is_weak(request, session):
        return None
    parameters["idle"] = idle_expiry(request, moment)
    # No row if the user has signed out meanwhile.
    touched: Any = request.db.execute(TOUCH, parameters)
    return session if touched.rowcount else None


def keep_session(request: Request, session: Row, *, epoch: int) -> None:
    """Keep a session that its own user's change has just ended."""
    request.db.execute(KEEP, {"session_id": session.id, "epoch": epoch})


def is_weak(request: Request, session: Row) -> bool:
    """Whether the account now needs a stronger sign-in than the session's."""
    strength = strength_of(request.registry)
    return bool(strength.withheld(session.user, session.amr))


def user_agent(request: Request) -> str:
    """Return the User-Agent, if it can be displayed."""
    said = request.environ.get("HTTP_USER_AGENT", "")[:LONGEST_USER_AGENT]
    return "".join(char for char in said if char.isprintable())


def session_cookie(request: Request) -> str | None:
    value: str | None = request.cookies.get(cookie_name(request, "session"))
    return value if value is not None and is_token(value, SESSION) else None


def idle_expiry(request: Request, moment: datetime) -> datetime:
    return moment + timedelta(seconds=request.setting("session_idle"))


def csrf_token(secret: str) -> str:
    """Return the token that a form repeats; pages of other sites don't know it."""
    return sha256(b"csrf:" + secret.encode()).hexdigest()


def csrf_matches(secret: str | None, token: str | None) -> bool:
    return secret is not None and hmac.compare_digest(
        csrf_token(secret).encode(), (token or "").encode()
    )
