"""The pages ``/account/sessions`` and ``/account/applications``."""

from apiserver.auth.browser import (
    account_page,
    lead_to,
    own_form,
    page_view,
    signed_in,
    signed_in_to_change,
)
from apiserver.core.audit import record
from apiserver.core.endpoints import Request
from apiserver.core.http import Response
from apiserver.core.tree import parse_id
from apiserver.sessions import actions

TEMPLATES = "apiserver.sessions:templates/"


@page_view("account_sessions")
def get_sessions(request: Request) -> Response:
    """Show where the user is signed in."""
    session = signed_in(request)
    sessions = actions.sessions_of(
        request.db, user_id=session.user.id, auth_time=session.auth_time
    )
    template = f"{TEMPLATES}sessions.jinja2"
    return account_page(request, session, template, sessions=sessions)


@page_view("account_sessions", "POST")
def post_sessions(request: Request) -> Response:
    """End a session, or all but this one."""
    form = own_form(request)
    session = signed_in_to_change(request)
    user_id = session.user.id
    number = id_of(form.get("session", ""))
    if "session" not in form:
        auth_time = session.auth_time
        actions.end_others(request.db, user_id=user_id, auth_time=auth_time)
        action, target = "sessions_ended", f"sessions_of:{user_id}"
    elif number is None or not actions.end_session(
        request.db, user_id=user_id, session_id=number
    ):
        return lead_to(request.path)
    else:
        action, target = "session_ended", f"session:{number}"
    record(request, action, actor_id=user_id, target=target)
    return lead_to(request.path)


def id_of(text: str) -> int | None:
    """Return the id that a button has sent; None if it isn't valid."""
    try:
        return parse_id(text)
    except KeyError:
        return None


@page_view("account_applications")
def get_applications(request: Request) -> Response:
    """Show which applications have access to the account."""
    session = signed_in(request)
    return account_page(
        request,
        session,
        f"{TEMPLATES}applications.jinja2",
        applications=actions.applications_of(request.db, user_id=session.user.id),
        sentences=request.registry.scopes,
    )


@page_view("account_applications", "POST")
def post_applications(request: Request) -> Response:
    """End the access of an application."""
    form = own_form(request)
    session = signed_in_to_change(request)
    user_id, client_id = session.user.id, form.get("client_id", "")
    if actions.end_access(request.db, user_id=user_id, client_id=client_id):
        record(request, "revoked_by_user", actor_id=user_id, client_id=client_id)
    return lead_to(request.path)
