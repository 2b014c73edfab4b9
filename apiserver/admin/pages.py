"""The pages below ``/admin/``."""

from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

from apiserver.admin import actions
from apiserver.auth.browser import (
    PageError,
    SignInNeeded,
    account_page,
    fresh,
    holder,
    is_fresh,
    lead_to,
    own_form,
    page_view,
    pages_of,
    sentences,
    signed_in,
)
from apiserver.core.endpoints import Request
from apiserver.core.http import ApiError, Response, ValidationFailed
from apiserver.core.jobs import find_jobs
from apiserver.core.lists import Listing
from apiserver.core.schemas import read_text, validated
from apiserver.core.tree import parse_id
from apiserver.core.typing import Row
from apiserver.sessions.actions import applications_of, sessions_of
from apiserver.users.models import User
from apiserver.users.resources import lock_with_administrators

TEMPLATES = "apiserver.admin:templates/"
REFUSED = "Only administrators may see this."
ENTRIES = (("admin", "Accounts"), ("admin_log", "Audit log"), ("admin_jobs", "Jobs"))
# Of the fields of the forms, by their names.
LABELS = {"q": "Name or email address", "is_active": "State"}
LOG_LABELS = {
    "action": "Action",
    "result": "Result",
    "actor_id": "Who (the id of a user)",
    "client_id": "Client",
    "target": "Target (such as user:7)",
    "from": "From (UTC)",
    "until": "Before (UTC)",
}
# The most dead jobs that are shown; retrying or deleting them makes room for others.
MOST_JOBS = 50


def administrator(request: Request) -> Row:
    """Return the session of an administrator; raise SignInNeeded or PageError."""
    session = signed_in(request)
    refuse_others(session.user)
    return session


def fresh_administrator(request: Request) -> Row:
    """Return the session of an administrator who has signed in recently."""
    session = fresh(request)
    refuse_others(session.user)
    return session


def refuse_others(user: Row) -> None:
    if not user.is_admin:
        raise PageError(REFUSED, 403)


def acting(request: Request) -> Row:
    """Return the session of who is about to act, before anything is locked.

    Afterwards ``fresh_administrator`` decides, and its error rolls everything back: the
    session is locked last.
    """
    user = holder(request)
    if user is None:
        raise SignInNeeded
    refuse_others(user)
    request.signed_in_id = user.id
    return user


def admin_page(
    request: Request, session: Row, name: str, *, status: int = 200, **values: object
) -> Response:
    common = {"entries": ENTRIES, "is_fresh": is_fresh(request, session)}
    template = f"{TEMPLATES}{name}.jinja2"
    return account_page(
        request, session, template, status=status, **{**common, **values}
    )


def id_of(text: str | None) -> int:
    """Return the id of an account; raise PageError if it isn't valid."""
    try:
        return parse_id(text or "")
    except KeyError:
        raise PageError("There is no such user.", 404) from None


class Found:
    """The result of a page's query of a list, or why there is none."""

    def __init__(
        self, request: Request, listing: Listing, labels: Mapping[str, str]
    ) -> None:
        """Read a page of the list; empty fields don't filter.

        Errors name fields by their ``labels``.
        """
        given = {name: value for name, value in request.GET.items() if value}
        self.rows: Sequence[Row] = ()
        self.status, self.failed = 200, list[str]()
        schema = listing.query()
        try:
            values = validated(schema, "querystring", read_text(schema, given))
            self.rows, self.cursor = listing.read_on(request.db, values)
        except ValidationFailed as error:
            self.cursor, self.status = None, error.status
            self.failed = sentences(error, labels)

    def next(self, request: Request) -> str | None:
        """Return the URL of the next page, if there is one."""
        if self.cursor is None:
            return None
        query = {**request.GET, "after": self.cursor}
        return f"{request.path}?{urlencode(query)}"


@page_view("admin")
def get_users(request: Request) -> Response:
    """Find accounts."""
    session = administrator(request)
    found = Found(request, actions.ACCOUNTS, LABELS)
    return admin_page(
        request,
        session,
        "users",
        status=found.status,
        found=found,
        query=request.GET,
        labels=LABELS,
    )


@page_view("admin_user")
def get_user(request: Request) -> Response:
    """Show an account."""
    session = administrator(request)
    return user_page(request, session, id_of(request.GET.get("id")))


def user_page(
    request: Request, session: Row, user_id: int, *, status: int = 200, failed: str = ""
) -> Response:
    db = request.db
    user = actions.find_user(db, user_id)
    if user is None:
        raise PageError("There is no such user.", 404)
    pages = pages_of(request)
    done = request.GET.get("done")
    return admin_page(
        request,
        session,
        "user",
        status=status,
        failed=failed,
        user=user,
        is_own=user.id == session.user.id,
        facts=[(each.title, each.tell(request, user_id)) for each in pages.facts],
        acts=pages.acts,
        done=[each.title for each in pages.acts if each.name == done],
        sessions=sessions_of(db, user_id=user_id, auth_time=session.auth_time),
        applications=applications_of(db, user_id=user_id),
        clients=actions.clients_of(db, user_id),
        sentences=request.registry.scopes,
    )


@page_view("admin_user", "POST")
def post_user(request: Request) -> Response:
    """Do what the pressed button says."""
    form, user_id = own_form(request), id_of(request.GET.get("id"))
    caller = acting(request)
    lock_with_administrators(request, user_id=user_id, caller_id=caller.id)
    user = request.db.lock(User, user_id)
    if user is None:
        raise PageError("There is no such user.", 404)
    try:
        with request.db.begin_nested():
            done = act(request, user, form)
    except ApiError as error:
        session, said = fresh_administrator(request), error.detail
        return user_page(request, session, user_id, status=error.status, failed=said)
    fresh_administrator(request)
    return lead_to(path_of(request, user_id, **done))


def act(request: Request, user: User, form: Mapping[str, str]) -> dict[str, str]:
    """Do what the form's button names; return the page's message about it."""
    if user.id == request.signed_in_id:
        raise actions.NotOneself
    for name, do in actions.ACTS.items():
        if name in form:
            do(request, user, form[name])
    for each in pages_of(request).acts:
        if form.get("act") == each.name:
            each.do(request, user)
            return {"done": each.name}
    return {}


def path_of(request: Request, user_id: int, **query: str) -> str:
    path: str = request.route_path("admin_user", _query={"id": user_id, **query})
    return path


@page_view("admin_client", "POST")
def post_client(request: Request) -> Response:
    """Transfer a client to another owner, and redirect to their page."""
    form = own_form(request)
    caller = acting(request)
    owner = actions.find_by_name(request.db, form.get("owner", ""))
    if owner is None:
        raise PageError(actions.NoSuchOwner.sentence, 409)
    lock_with_administrators(request, user_id=owner.id, caller_id=caller.id)
    try:
        client_id = form.get("client", "")
        actions.hand_over(request.db, client_id=client_id, owner_id=owner.id)
    except ApiError as error:
        raise PageError(error.detail, error.status) from None
    fresh_administrator(request)
    return lead_to(path_of(request, owner.id))


@page_view("admin_log")
def get_log(request: Request) -> Response:
    """Show the audit log."""
    session = administrator(request)
    found = Found(request, actions.EVENTS, LOG_LABELS)
    actors = [row.actor_id for row in found.rows if row.actor_id is not None]
    return admin_page(
        request,
        session,
        "log",
        status=found.status,
        found=found,
        query=request.GET,
        labels=LOG_LABELS,
        names=actions.names_of(request.db, actors),
    )


@page_view("admin_jobs")
def get_jobs(request: Request) -> Response:
    """Show dead jobs, such as mails that couldn't be sent."""
    session = administrator(request)
    jobs, number = find_jobs(request.db, MOST_JOBS, state="dead")
    return admin_page(request, session, "jobs", jobs=jobs, number=number)


@page_view("admin_jobs", "POST")
def post_jobs(request: Request) -> Response:
    """Retry a job, with all of its attempts again."""
    form = own_form(request)
    acting(request)
    actions.retry_job(request, form.get("job", ""))
    fresh_administrator(request)
    return lead_to(request.path)
