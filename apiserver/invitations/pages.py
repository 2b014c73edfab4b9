"""The page ``/account/invitation``, to which a mailed link leads.

::

    GET ?token=  ── a cookie keeps the token ──> the same page, without it in its URL
    GET          ── signed in ──> a button; else a form for a new account, or sign in
    POST         ── accepts, or signs up

So the token is never in the target of a sign-in, which is stored.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from apiserver.auth.browser import (
    PageError,
    cookie,
    cookie_name,
    csrf_token,
    find_session,
    form_of,
    guest_form,
    guest_page,
    lead_to,
    own_form,
    page,
    page_view,
    sentences,
    session_cookie,
    signed_in_to_change,
)
from apiserver.auth.tokens import LINK, is_token
from apiserver.core.audit import record
from apiserver.core.endpoints import Request
from apiserver.core.http import ApiError, Header, Response
from apiserver.core.schemas import validated
from apiserver.core.typing import Row
from apiserver.invitations import actions
from apiserver.invitations.models import Invitation
from apiserver.invitations.preparing import may_sign_up, prepare_account
from apiserver.invitations.resources import find, lock
from apiserver.invitations.schemas import SignUp
from apiserver.mail import LinkInvalid
from apiserver.teams.actions import AlreadyMember
from apiserver.teams.models import Team
from apiserver.users.actions import create_user

TEMPLATES = "apiserver.invitations:templates/"
KIND = "invitation"
# Long enough to sign in, with a second factor.
LIFETIME = 3600
OPEN_AGAIN = "Open the link of the mail again. This page needs cookies."
ASK = "Ask a leader of the team for another."
MEMBER = "You are already a member of this team."
SCHEMA = SignUp()


@contextmanager
def told() -> Iterator[None]:
    """Turn what is wrong with an invitation into a page's error."""
    try:
        yield
    except LinkInvalid as error:
        raise PageError(f"{error.sentence} {ASK}", 404) from None
    except AlreadyMember as error:
        raise PageError(MEMBER, error.status) from None


def token_of(request: Request) -> str:
    """Return the token in the browser's cookie; raise PageError if there is none."""
    token: str = request.cookies.get(cookie_name(request, KIND), "")
    if not is_token(token, LINK):
        raise PageError(OPEN_AGAIN, 404)
    return token


@page_view("account_invitation")
def get_invitation(request: Request) -> Response:
    """Show the link's invitation, without changing it."""
    token = request.GET.get("token")
    with told():
        if token is None:
            token = token_of(request)
            return invitation_page(request, find(request.db, token), token)
        if not is_token(token, LINK):
            raise LinkInvalid
    return lead_to(request.path, cookie(request, KIND, token, lifetime=LIFETIME))


def invitation_page(request: Request, invitation: Row, token: str) -> Response:
    """Ask a signed-in user to accept; show others the form for an account."""
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
    """Offer the login page and a form for a new account, without any query."""
    return guest_page(
        request,
        f"{TEMPLATES}sign_up.jinja2",
        *headers,
        status=status,
        token=token,
        invitation=invitation,
        may_sign_up=may_sign_up(request),
        **values,
    )


@page_view("account_invitation", "POST")
def post_invitation(request: Request) -> Response:
    """Accept the invitation, as the signed-in user or with a new account."""
    with told():
        if "password" in form_of(request):
            return sign_up(request, guest_form(request))
        return accept(request, own_form(request).get("token", ""))


def accept(request: Request, token: str) -> Response:
    """Add the signed-in user to the team."""
    # Before the account, as in all requests.
    team, row = lock(request.db, token)
    user = signed_in_to_change(request).user
    actions.accept(request.db, team, row, user_id=user.id)
    target = actions.accepted(row, user.id)
    record(request, "invitation_accepted", actor_id=user.id, target=target)
    return joined_page(request, team, row, user.username)


def sign_up(request: Request, form: dict[str, str]) -> Response:
    """Create an account and add it to the team, or say what is wrong with it."""
    token = form.get("token", "")
    invitation = find(request.db, token)
    username = form.get("username", "")
    document = {"token": token, "username": username, "password": form["password"]}
    try:
        columns = prepare_account(request, validated(SCHEMA, "body", document))
        team, row = lock(request.db, token)
        user = create_user(request.db, **columns)
        actions.accept(request.db, team, row, user_id=user.id)
    except LinkInvalid:
        raise
    except ApiError as error:
        again: dict[str, Any] = {"failed": sentences(error), "filled": username}
        return sign_up_page(
            *(request, invitation, token, *error.headers), status=error.status, **again
        )
    target = actions.accepted(row, user.id)
    record(request, "invitation_accepted", actor_id=user.id, target=target)
    return joined_page(request, team, row, user.username, is_active=user.is_active)


def joined_page(
    request: Request,
    team: Team,
    invitation: Invitation,
    username: str,
    *,
    is_active: bool | None = None,
) -> Response:
    """Say that it is done; ``is_active`` is None for users who were signed in."""
    return page(
        request,
        f"{TEMPLATES}joined.jinja2",
        cookie(request, KIND, "", lifetime=0),
        team=team,
        invitation=invitation,
        username=username,
        is_active=is_active,
    )
