"""Signing in and out in a browser: ``/auth/login`` and ``/auth/logout``."""

import re
import secrets
from typing import Any

from pyramid.view import view_config

from apiserver.auth.pages import PageError, form_of, lead_to, page
from apiserver.auth.sessions import (
    cookie_name,
    csrf_matches,
    csrf_token,
    end_session,
    find_session,
    session_cookie,
    start_session,
)
from apiserver.core.audit import record
from apiserver.core.errors import TooManyRequests
from apiserver.core.request import Request
from apiserver.core.response import Header, Response
from apiserver.users.passwords import authenticate

AUTHORIZE = "/auth/oauth2/authorize"
LOGIN_LIFETIME = 600
FAILED = "User name or password is wrong."

# A query (RFC 3986 section 3.4) in which no control character hides.
_QUERY = re.compile(
    r"(?:[A-Za-z0-9._~!$&'()*+,;=:@/?-]|%(?![01]|7[Ff])[0-9A-Fa-f]{2})+"
)
_SECRET = re.compile(r"[A-Za-z0-9_-]{43}")


def login_cookie(request: Any) -> str:
    """Return the name of the cookie that ties the form to the browser."""
    return cookie_name(request).replace("session", "login")


def login_secret(request: Any) -> str | None:
    """Return what the cookie holds, if it may be what this server has put there."""
    secret: str = request.cookies.get(login_cookie(request), "")
    return secret if _SECRET.fullmatch(secret) else None


def next_of(target: str | None) -> str:
    """Return where to go after signing in: an authorization request, or nowhere."""
    path, _, query = (target or "").partition("?")
    return f"{path}?{query}" if path == AUTHORIZE and _QUERY.fullmatch(query) else ""


@view_config(route_name="login", request_method="GET")
def get_login(request: Request) -> Response:
    """Show the form, or who is signed in."""
    session = find_session(request)
    target = next_of(request.GET.get("next"))
    if session is not None and not target:
        csrf = csrf_token(session_cookie(request) or "")
        return page(request, "signed_in", username=session.user.username, csrf=csrf)
    return login_page(request, target=target)


def login_page(
    request: Request, *headers: Header, target: str, status: int = 200, **values: Any
) -> Response:
    """Show the form; it belongs to the browser that gets its cookie."""
    name = login_cookie(request)
    secret = login_secret(request) or secrets.token_urlsafe(32)
    secure = "; Secure" if request.setting("secure_cookies") else ""
    cookie = (
        "Set-Cookie",
        f"{name}={secret}; Path=/; HttpOnly; SameSite=Lax; "
        f"Max-Age={LOGIN_LIFETIME}{secure}",
    )
    return page(
        request,
        "login",
        cookie,
        *headers,
        status=status,
        leads_to=request.registry.authorization_server.leads_to(request, target),
        csrf=csrf_token(secret),
        next=target,
        **values,
    )


@view_config(route_name="login", request_method="POST")
def post_login(request: Request) -> Response:
    """Check the password, start a session."""
    form = form_of(request)
    if not csrf_matches(login_secret(request), form.get("csrf")):
        raise PageError("The form is too old. Go back, reload the page, try again.")
    username, password = form.get("username", ""), form.get("password", "")
    target = next_of(form.get("next"))
    again = {"target": target, "username": username}
    try:
        user = authenticate(request, username=username, password=password)
    except TooManyRequests as error:
        return login_page(
            request, *error.headers, status=429, failed=error.detail, **again
        )
    if user is None:
        return login_page(request, status=403, failed=FAILED, **again)
    record(request, "sign_in", actor_id=user.id)
    return lead_to(target or "/auth/login", start_session(request, user))


@view_config(route_name="logout", request_method="POST")
def logout(request: Request) -> Response:
    """End the session of this browser."""
    form = form_of(request)
    if not csrf_matches(session_cookie(request), form.get("csrf")):
        raise PageError("The form is too old. Go back, reload the page, try again.")
    session = find_session(request)
    if session is not None:
        record(request, "sign_out", actor_id=session.user.id)
    return lead_to("/auth/login", end_session(request))
