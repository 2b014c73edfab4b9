"""Signing in and out in a browser: ``/auth/login`` and ``/auth/logout``."""

from apiserver.auth.browser.forms import guest_form, guest_page, own_form
from apiserver.auth.browser.pages import (
    LEADING_ON,
    STAYING,
    TEMPLATES,
    lead_to,
    page,
)
from apiserver.auth.browser.routes import home_of, page_view, pages_of
from apiserver.auth.browser.sessions import (
    csrf_token,
    end_session,
    find_session,
    session_cookie,
)
from apiserver.auth.browser.sign_in import begin_sign_in, next_of
from apiserver.core.audit import record
from apiserver.core.endpoints import Request
from apiserver.core.http import Header, Response, TooManyRequests
from apiserver.users.passwords import authenticate

FAILED = "The username or password is incorrect."


@page_view("login")
def get_login(request: Request) -> Response:
    """Show the form, or the signed-in user."""
    session = find_session(request)
    target = next_of(request, request.GET.get("next"))
    if session is not None and not target:
        csrf = csrf_token(session_cookie(request) or "")
        return page(
            request,
            f"{TEMPLATES}signed_in.jinja2",
            username=session.user.username,
            csrf=csrf,
            home=home_of(request),
        )
    return login_page(request, target=target)


def login_page(
    request: Request, *headers: Header, target: str, status: int = 200, **values: str
) -> Response:
    """Show the form."""
    return guest_page(
        request,
        f"{TEMPLATES}login.jinja2",
        *headers,
        status=status,
        policy=LEADING_ON if target else STAYING,
        next=target,
        links=pages_of(request).login_links,
        ways=pages_of(request).sign_in_ways,
        **values,
    )


@page_view("login", "POST")
def post_login(request: Request) -> Response:
    """Check the password; continue with further steps, or with a session."""
    form = guest_form(request)
    username, password = form.get("username", ""), form.get("password", "")
    target = next_of(request, form.get("next"))
    again = {"target": target, "username": username}
    try:
        user = authenticate(request, username=username, password=password)
    except TooManyRequests as error:
        return login_page(
            request, *error.headers, status=429, failed=error.detail, **again
        )
    if user is None:
        return login_page(request, status=403, failed=FAILED, **again)
    return begin_sign_in(request, user, methods=("pwd",), target=target)


@page_view("logout", "POST")
def logout(request: Request) -> Response:
    """End the session of this browser."""
    own_form(request)
    session = find_session(request)
    if session is not None:
        record(request, "sign_out", actor_id=session.user.id)
    return lead_to(request.route_path("login"), end_session(request))
