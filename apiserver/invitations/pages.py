"""The page ``/account/invitation``, to which the link of a mail leads.

::

    GET ?token=  ── a cookie keeps the token ──> the same page, without it in its URL
    GET          ── signed in ──> a button; else a form for a new account, or sign in
    POST         ── accepts, or signs up

So the token is in no URL that leads through a sign-in, whose target is stored.
"""

from typing import Any

from apiserver.auth.browser import (
    PageError,
    cookie,
    cookie_name,
    csrf_matches,
    csrf_token,
    find_session,
    form_of,
    lead_to,
    login_secret,
    login_secret_cookie,
    own_form,
    page,
    page_view,
    session_cookie,
    signed_in_to_change,
)
from apiserver.auth.tokens import LINK, is_token
from apiserver.core.audit import record
from apiserver.core.endpoints import Request
from apiserver.core.http import ApiError, Header, Response, ValidationFailed
from apiserver.core.schemas import validated
from apiserver.core.typing import Row
from apiserver.invitations import actions
from apiserver.invitations.preparing import may_sign_up, prepare_account
from apiserver.invitations.resources import NoSuchInvitation, find, lock
from apiserver.invitations.schemas import SignUp
from apiserver.teams.actions import AlreadyMember
from apiserver.users.actions import create_user

TEMPLATES = "apiserver.invitations:templates/"
KIND = "invitation"
# Long enough to sign in, with a second factor.
LIFETIME = 3600
OPEN_AGAIN = "Open the link of the mail again. This page needs cookies."
EXPIRED = "This form has expired. Open the link of the mail again."
SCHEMA = SignUp()


def found(request: Request, token: str) -> Row:
    """Return the invitation; raise PageError if there is none."""
    try:
        return find(request.db, token)
    except NoSuchInvitation as error:
        raise PageError(error.detail, 404) from None


def token_of(request: Request) -> str:
    """Return the token that the browser keeps; raise PageError where it has none."""
    token: str = request.cookies.get(cookie_name(request, KIND), "")
    if not is_token(token, LINK):
        raise PageError(OPEN_AGAIN, 404)
    return token


@page_view("account_invitation")
def get_invitation(request: Request) -> Response:
    """Show the invitation of the link; nothing happens to it."""
    token = request.GET.get("token")
    if token is None:
        token = token_of(request)
        return invitation_page(request, found(request, token), token)
    if not is_token(token, LINK):
        raise PageError(NoSuchInvitation.sentence, 404)
    return lead_to(request.path, cookie(request, KIND, token, lifetime=LIFETIME))


def invitation_page(request: Request, invitation: Row, token: str) -> Response:
    """Ask whoever has signed in; or for an account."""
    session = find_session(request)
    if session is None:
        return sign_up_page(request, invitation, token)
    return page(
        request,
        f"{TEMPLATES}accept.jinja2",
        csrf=csrf_token(session_cookie(request) or ""),
        token=token,
        invitation=invitation,
        username=session.user.username,
    )


def sign_up_page(
    request: Request,
    invitation: Row,
    token: str,
    *headers: Header,
    status: int = 200,
    **values: Any,
) -> Response:
    """Lead to the login page, or take a new account; nothing is read to show it."""
    secret, kept = login_secret_cookie(request)
    return page(
        request,
        f"{TEMPLATES}sign_up.jinja2",
        kept,
        *headers,
        status=status,
        csrf=csrf_token(secret),
        token=token,
        invitation=invitation,
        may_sign_up=may_sign_up(request),
        **values,
    )


@page_view("account_invitation", "POST")
def post_invitation(request: Request) -> Response:
    """Accept the invitation, as who has signed in or with a new account."""
    form = form_of(request)
    if "password" not in form:
        return accept(request, own_form(request).get("token", ""))
    if not csrf_matches(login_secret(request), form.get("csrf")):
        raise PageError(EXPIRED)
    return sign_up(request, form)


def accept(request: Request, token: str) -> Response:
    """Make a member of who has signed in."""
    invitation = found(request, token)
    try:
        # Before the account, as in all requests.
        team, row = lock(request.db, token)
        user = signed_in_to_change(request).user
        actions.accept(request.db, team, row, user_id=user.id)
    except NoSuchInvitation as error:
        raise PageError(error.detail, 404) from None
    except AlreadyMember:
        raise PageError("You are already a member of this team.", 409) from None
    target = actions.accepted(row, user.id)
    record(request, "invitation_accepted", actor_id=user.id, target=target)
    return joined_page(request, invitation, user.username)


def sign_up(request: Request, form: dict[str, str]) -> Response:
    """Make an account, a member of the team; or say what is wrong with it."""
    token = form.get("token", "")
    invitation = found(request, token)
    username = form.get("username", "")
    document = {"token": token, "username": username, "password": form["password"]}
    try:
        columns = prepare_account(request, validated(SCHEMA, "body", document))
        team, row = lock(request.db, token)
        user = create_user(request.db, **columns)
        actions.accept(request.db, team, row, user_id=user.id)
    except NoSuchInvitation as error:
        raise PageError(error.detail, 404) from None
    except ApiError as error:
        again: dict[str, Any] = {"failed": reasons(error), "filled": username}
        return sign_up_page(
            *(request, invitation, token, *error.headers), status=error.status, **again
        )
    target = actions.accepted(row, user.id)
    record(request, "invitation_accepted", actor_id=user.id, target=target)
    return joined_page(request, invitation, username, is_active=columns["is_active"])


def reasons(error: ApiError) -> list[str]:
    """Return what is wrong, in sentences for a person."""
    if not isinstance(error, ValidationFailed):
        return [error.detail]
    return [f"{name.capitalize()}: {said}" for _, name, said in error.errors]


def joined_page(
    request: Request, invitation: Row, username: str, *, is_active: bool | None = None
) -> Response:
    """Say that it is done; ``is_active`` is None for who has signed in before."""
    return page(
        request,
        f"{TEMPLATES}joined.jinja2",
        cookie(request, KIND, "", lifetime=0),
        invitation=invitation,
        username=username,
        is_active=is_active,
    )
