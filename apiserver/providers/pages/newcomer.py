"""The page ``/account/new-sign-in``: an identity that isn't linked to an account.

People who have an account sign in to it, and link the identity at
``/account/providers``. An address alone links nothing, even if the provider has
verified it.
"""

from types import SimpleNamespace

from sqlalchemy import bindparam, exists, select

from apiserver.auth.browser import (
    LEADING_ON,
    begin_sign_in,
    csrf_token,
    lead_to,
    page,
    page_view,
)
from apiserver.core.db import commit_so_far
from apiserver.core.endpoints import Request
from apiserver.core.http import (
    ApiError,
    Conflict,
    Header,
    Response,
    TooManyRequests,
    ValidationFailed,
)
from apiserver.core.schemas import validated
from apiserver.core.typing import Row
from apiserver.providers import states
from apiserver.providers.pages.sign_in import METHODS, link_to_user
from apiserver.providers.schemas import NewAccount
from apiserver.users import actions
from apiserver.users.hashing import NO_PASSWORD
from apiserver.users.models import User
from apiserver.users.names import canonical_address
from apiserver.users.preparing import SignupClosed, becomes_active, refuse_closed
from apiserver.users.throttle import count_or_refuse, sign_ups

TEMPLATES = "apiserver.providers:templates/"
SCHEMA = NewAccount()
HAS_ADDRESS = select(exists().where(User.canonical_email == bindparam("email")))


@page_view("new_identity")
def get_new_identity(request: Request) -> Response:
    """Ask for the name of a new account, or to sign in to the existing one."""
    identity = states.find(request)
    if identity is None:
        return lead_to(request.route_path("login"))
    return identity_page(request, identity)


def identity_page(
    request: Request,
    identity: Row,
    *headers: Header,
    status: int = 200,
    **values: object,
) -> Response:
    return page(
        request,
        f"{TEMPLATES}new_identity.jinja2",
        *headers,
        status=status,
        policy=LEADING_ON,
        csrf=csrf_token(states.value_of(request) or ""),
        identity=identity,
        provider=title_of(request, identity.provider),
        has_account=has_account(request, identity),
        is_closed=request.setting("signup") == "closed",
        **{"username": identity.username, **values},
    )


def title_of(request: Request, name: str) -> str:
    client = request.registry.provider_clients.get(name)
    return client.provider.title if client is not None else name


def has_account(request: Request, identity: Row) -> bool:
    """Whether an account has the address; only its proven owner is told."""
    if identity.email is None:
        return False
    parameters = {"email": canonical_address(identity.email)}
    return bool(request.db.execute(HAS_ADDRESS, parameters).scalar_one())


@page_view("new_identity", "POST")
def post_new_identity(request: Request) -> Response:
    """Create the account, and sign in to it."""
    identity, form = states.own_form(request)
    again = {"username": form.get("username", "")}
    try:
        user = sign_up(request, identity, **again)
    except TooManyRequests as error:
        again["failed"] = error.detail
        return identity_page(request, identity, *error.headers, status=429, **again)
    except (ValidationFailed, Conflict, SignupClosed) as error:
        again["failed"] = sentence_of(error)
        return identity_page(request, identity, status=error.status, **again)
    over = states.forget(request, identity)
    if not user.is_active:
        return page(request, f"{TEMPLATES}to_be_approved.jinja2", over)
    response = begin_sign_in(request, user, methods=METHODS, target=identity.target)
    response.headerlist = [*response.headerlist, over]
    return response


def sign_up(request: Request, identity: Row, username: str) -> Row:
    """Create the account without a password, and link the identity to it.

    Raises ValidationFailed, SignupClosed, TooManyRequests, UsernameTaken, EmailTaken,
    IdentityTaken.
    """
    refuse_closed(request)
    document = {"username": username, "email": identity.email or ""}
    values = validated(SCHEMA, "body", document)
    count_or_refuse(request, [sign_ups(request)])
    commit_so_far(request)
    values |= {"is_active": becomes_active(request)}
    with request.db.begin_nested():
        user = actions.create_user(request.db, **values, password_digest=NO_PASSWORD)
        link_to_user(request, user, identity.issuer, identity.subject, identity.name)
    return SimpleNamespace(
        id=user.id, username=user.username, epoch=user.epoch, is_active=user.is_active
    )


def sentence_of(error: ApiError) -> str:
    """Return what is wrong, in a line."""
    told = getattr(error, "errors", None)
    if not told:
        return error.detail
    return " ".join(f"{name.capitalize()}: {said}" for _, name, said in told)
