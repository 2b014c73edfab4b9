"""Requires a sign-in, and completes it, with further steps.

::

    session = signed_in(request)          # or the login page, and back
    session = fresh(request)              # the same, and not long ago

    config.add_sign_in_step(ask_for_code)
    def ask_for_code(request, user, *, methods, target) -> Response | None: ...
"""

import re
from collections.abc import Sequence
from datetime import timedelta
from typing import Protocol

from pyramid.config import Configurator
from sqlalchemy import bindparam, select

from apiserver.auth.browser.pages import PageError, lead_to
from apiserver.auth.browser.routes import home_of, pages_of
from apiserver.auth.browser.sessions import (
    USER_OF_SESSION,
    find_session,
    session_cookie,
    start_session,
)
from apiserver.auth.strength import strength_of
from apiserver.auth.tokens import digest
from apiserver.core import settings
from apiserver.core.audit import record
from apiserver.core.db import now
from apiserver.core.endpoints import Request
from apiserver.core.http import Response
from apiserver.core.typing import Row
from apiserver.users.gates import closed, passed
from apiserver.users.models import User, is_read_only

READ_ONLY = "Read-only accounts can't change anything."

# A query (RFC 3986 section 3.4), without control characters.
_QUERY = re.compile(
    r"(?:[A-Za-z0-9._~!$&'()*+,;=:@/?-]|%(?![01]|7[Ff])[0-9A-Fa-f]{2})+"
)

HOLD = (
    select(User.id, User.username, User.epoch)
    .where(
        passed(bindparam("user_id")),
        User.id == bindparam("user_id"),
        User.epoch == bindparam("epoch"),
        User.is_active,
    )
    .with_for_update(read=True)
)


FIND_HOLDER = select(User.id, User.is_admin).where(User.id == USER_OF_SESSION)
LOCK_USER = (
    select(User.id)
    .where(closed(USER_OF_SESSION), User.id == USER_OF_SESSION)
    .with_for_update(key_share=True)
)


class SignInNeeded(Exception):
    """The user must sign in to see a page."""


class SignInStep(Protocol):
    """A step between the first authentication and the session: a page, or None.

    ``methods`` are those used so far (RFC 8176), ``target`` is where the sign-in leads.
    """

    def __call__(
        self, request: Request, user: Row, *, methods: Sequence[str], target: str
    ) -> Response | None: ...


def signed_in(request: Request) -> Row:
    """Return the browser's session, with its ``user``, like ``find_session``.

    Raises SignInNeeded, which leads to the login page and back.
    """
    session = find_session(request)
    if session is None:
        raise SignInNeeded
    request.signed_in_id = session.user.id
    return session


def fresh(request: Request) -> Row:
    """Return the session, if the sign-in is recent.

    The setting is ``apiserver.fresh_sign_in``. Raises SignInNeeded.
    """
    session = signed_in(request)
    if not is_fresh(request, session):
        raise SignInNeeded
    return session


def signed_in_to_change(request: Request) -> Row:
    """Return the session like ``signed_in``, with its account locked for a change.

    Raises SignInNeeded, and PageError for a read-only account.
    """
    lock_user(request)
    return refuse_read_only(signed_in(request))


def fresh_to_change(request: Request) -> Row:
    """Return the session like ``fresh``, with its account locked for a change.

    Raises SignInNeeded, and PageError for a read-only account.
    """
    lock_user(request)
    return refuse_read_only(fresh(request))


def holder(request: Request) -> Row:
    """Return the user of the browser's session, if any, without a lock.

    To lock other rows than the account first: these come before the session.
    """
    value = session_cookie(request)
    if value is None:
        return None
    parameters = {"session_digest": digest(value)}
    return request.db.execute(FIND_HOLDER, parameters).one_or_none()


def lock_user(request: Request) -> None:
    """Lock the account of the browser's session, before its other rows."""
    value = session_cookie(request)
    if value is not None:
        request.db.execute(LOCK_USER, {"session_digest": digest(value)})


def refuse_read_only(session: Row) -> Row:
    if is_read_only(session.user):
        raise PageError(READ_ONLY, 403)
    return session


def is_fresh(request: Request, session: Row) -> bool:
    most = timedelta(seconds=request.setting("fresh_sign_in"))
    return bool(now() - session.auth_time <= most)


def lead_to_login(error: SignInNeeded, request: Request) -> Response:
    """Redirect to the login page, and from there to the requested page.

    Rolls back the request, though this is no error.
    """
    request.tm.doom()
    query = request.query_string
    target = f"{request.path}?{query}" if query else request.path
    return lead_to(request.route_path("login", _query={"next": target}))


def next_of(request: Request, target: str | None) -> str:
    """Return the target of the sign-in: a page of this server, or nothing."""
    path, mark, query = (target or "").partition("?")
    known = {request.route_path(name) for name in pages_of(request).route_names}
    # The query contains an authorization request.
    has_query = mark or path == request.route_path("oauth2_authorize")
    if path not in known or (has_query and not _QUERY.fullmatch(query)):
        return ""
    return path + mark + query


def begin_sign_in(
    request: Request, user: Row, *, methods: Sequence[str], target: str
) -> Response:
    """Continue after the first authentication, with a step, or with the session.

    ``user`` is a locked row with id, username and epoch.
    """
    for step in request.registry.sign_in_steps:
        response: Response | None = step(request, user, methods=methods, target=target)
        if response is not None:
            return response
    return finish_sign_in(request, user, methods=methods, target=target)


def finish_sign_in(
    request: Request, user: Row, *, methods: Sequence[str], target: str
) -> Response:
    """Start the session, and redirect to the target; ``methods`` are RFC 8176's.

    ``user`` is the locked row that ``hold_user`` returns. A target outside of this
    server is ignored. Raises PageError if the account needs a stronger sign-in.
    """
    strength = strength_of(request.registry)
    refusal = strength.refusal(request, user.id, methods)
    if refusal is not None:
        raise PageError(refusal, 403)
    record(request, "sign_in", actor_id=user.id)
    session = start_session(request, user, methods)
    return lead_to(next_of(request, target) or home_of(request), session)


def hold_user(request: Request, user_id: int, epoch: int) -> Row:
    """Lock and return an account; None if it has changed since the authentication."""
    parameters = {"user_id": user_id, "epoch": epoch}
    return request.db.execute(HOLD, parameters).one_or_none()


def add_sign_in_step(config: Configurator, step: SignInStep) -> None:
    """Add a step between the first authentication and the session."""
    config.registry.sign_in_steps.append(step)


def includeme(config: Configurator) -> None:
    config.add_setting("fresh_sign_in", settings.seconds, "900")
    config.registry.sign_in_steps = []
    config.add_directive("add_sign_in_step", add_sign_in_step)
    config.add_exception_view(lead_to_login, context=SignInNeeded)
