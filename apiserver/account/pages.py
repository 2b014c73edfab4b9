"""The account's pages: profile, password, history, data and deletion."""

from apiserver.account import actions
from apiserver.account.changes import (
    NotChanged,
    change_names,
    change_password,
    own_account,
)
from apiserver.account.data import send_data
from apiserver.account.history import called, page_of_events
from apiserver.auth.browser import (
    account_page,
    end_session,
    fresh,
    fresh_to_change,
    is_fresh,
    lead_to,
    lock_user,
    own_form,
    page,
    page_view,
    refuse_read_only,
    signed_in,
)
from apiserver.core.audit import About, record
from apiserver.core.endpoints import Request
from apiserver.core.http import Conflict, Response, ValidationFailed
from apiserver.core.tree import parse_id
from apiserver.core.typing import Row
from apiserver.users.models import User
from apiserver.users.personal_data import parts_of

TEMPLATES = "apiserver.account:templates/"
NAMES = ("first_name", "middle_name", "last_name")


def profile_page(
    request: Request, session: Row, *, status: int = 200, **values: object
) -> Response:
    """Show the names of the account, as a form if the sign-in is recent."""
    user = request.db.get_one(User, session.user.id)
    return account_page(
        request,
        session,
        f"{TEMPLATES}profile.jinja2",
        status=status,
        **{
            "user": {name: getattr(user, name) for name in NAMES},
            "email": user.email,
            "is_fresh": is_fresh(request, session),
            "failed": {},
            "saved": "saved" in request.GET,
            **values,
        },
    )


@page_view("account_profile")
def get_profile(request: Request) -> Response:
    """Show the names of the account."""
    return profile_page(request, signed_in(request))


@page_view("account_profile", "POST")
def post_profile(request: Request) -> Response:
    """Change the names."""
    form = own_form(request)
    session = fresh_to_change(request)
    typed = {name: form.get(name, "").strip() for name in NAMES}
    try:
        change_names(request, session, typed)
    except ValidationFailed as error:
        failed = {name: said for _, name, said in error.errors}
        return profile_page(
            request, session, status=error.status, user=typed, failed=failed
        )
    return lead_to(request.route_path("account_profile", _query={"saved": ""}))


def password_page(
    request: Request, session: Row, *, status: int = 200, **values: object
) -> Response:
    template = f"{TEMPLATES}password.jinja2"
    values = {"failed": {}, "saved": "saved" in request.GET, **values}
    return account_page(request, session, template, status=status, **values)


@page_view("account_password")
def get_password(request: Request) -> Response:
    """Show the form for a new password."""
    return password_page(request, signed_in(request))


@page_view("account_password", "POST")
def post_password(request: Request) -> Response:
    """Change the password; this session stays, all others end."""
    form = own_form(request)
    session = refuse_read_only(signed_in(request))
    current, new = form.get("current_password", ""), form.get("password", "")
    try:
        change_password(request, session, current=current, new=new)
    except NotChanged as error:
        return password_page(request, session, status=error.status, failed=error.failed)
    return lead_to(request.route_path("account_password", _query={"saved": ""}))


@page_view("account_history")
def get_history(request: Request) -> Response:
    """Show the account's events in the audit log, newest first."""
    session = signed_in(request)
    try:
        before = parse_id(request.GET.get("before", ""))
    except KeyError:
        before = None
    events, older = page_of_events(request.db, session.user.id, before)
    return account_page(
        request,
        session,
        f"{TEMPLATES}history.jinja2",
        events=events,
        older=older,
        before=before,
        called=called,
    )


@page_view("account_data")
def get_data(request: Request) -> Response:
    """Show the button that downloads what is stored."""
    session = signed_in(request)
    names = [part.name for part in parts_of(request.registry)]
    return account_page(
        request,
        session,
        f"{TEMPLATES}data.jinja2",
        names=names,
        is_fresh=is_fresh(request, session),
    )


@page_view("account_data", "POST")
def post_data(request: Request) -> Response:
    """Download what is stored."""
    own_form(request)
    return send_data(request, fresh(request).user.id)


def delete_page(
    request: Request, session: Row, *, status: int = 200, failed: str = ""
) -> Response:
    return account_page(
        request,
        session,
        f"{TEMPLATES}delete.jinja2",
        status=status,
        deletion=actions.deletion_of(request.db, session.user.id),
        grace=request.setting("deletion_grace"),
        is_fresh=is_fresh(request, session),
        failed=failed,
    )


@page_view("account_delete")
def get_delete(request: Request) -> Response:
    """Show what a deletion does, or when it is due."""
    return delete_page(request, signed_in(request))


@page_view("account_delete", "POST")
def post_delete(request: Request) -> Response:
    """Request the deletion of the account, or cancel it."""
    form = own_form(request)
    # Read-only accounts may leave, too.
    lock_user(request)
    if "cancel" in form:
        cancel(request, signed_in(request).user)
        return lead_to(request.route_path("account_delete"))
    session = fresh(request)
    if actions.deletion_of(request.db, session.user.id) is not None:
        return lead_to(request.path)
    account = own_account(request, session)
    try:
        deletion = actions.request_deletion(request.db, request.registry, account)
    except Conflict as error:
        return delete_page(request, session, status=error.status, failed=error.detail)
    about = About(actor_id=account.id, target=f"user:{account.id}")
    record(request, "deletion_requested", fields=("epoch",), **about)
    return page(
        request,
        f"{TEMPLATES}deletion_requested.jinja2",
        end_session(request),
        deletion=deletion,
        grace=request.setting("deletion_grace"),
    )


def cancel(request: Request, user: Row) -> None:
    """Cancel the deletion of a locked account; do nothing if none is scheduled."""
    try:
        actions.cancel_deletion(request.db, request.registry, user)
    except actions.NotScheduled:
        return
    about = About(actor_id=user.id, target=f"deletion_of:{user.id}")
    record(request, "deletion_cancelled", **about)
