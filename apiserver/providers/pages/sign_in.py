"""To a provider and back: ``/account/sign-in/google`` and its ``callback``.

::

    GET /account/sign-in/google ──> the provider ──> /account/sign-in/google/callback
        ── linked to an account ──> its second factor, if it has one ──> session
        ── linked to none ──> /account/new-sign-in
        ── begun at /account/providers ──> linked to the account, and back
"""

from apiserver.auth.browser import (
    PageError,
    begin_sign_in,
    from_here,
    hold_user,
    lead_to,
    login_page,
    next_of,
    signed_in_to_change,
)
from apiserver.core.audit import FAILURE, record
from apiserver.core.db import commit_so_far, counter_key
from apiserver.core.endpoints import Request
from apiserver.core.http import Conflict, Response, TooManyRequests
from apiserver.core.typing import Fragment, Row
from apiserver.providers import actions, states
from apiserver.providers.clients import Identity, ProviderClient, Way
from apiserver.providers.talking import Refused, Unreachable
from apiserver.users.throttle import Counter, count_or_refuse

# The method of a federated sign-in, which isn't in RFC 8176.
METHODS = ("fed",)
DENIED = "{} did not sign you in. Try again, or sign in otherwise."
SILENT = "{} is not responding right now. Try again later, or sign in otherwise."
INACTIVE = "This account is not active. Ask an administrator."


def set_out(request: Request, client: ProviderClient) -> Response:
    """Redirect to the provider, if a page of this server has sent the browser."""
    target = next_of(request, request.GET.get("next"))
    if not from_here(request):
        query = {"next": target} if target else {}
        return lead_to(request.route_path("login", _query=query))
    try:
        count_or_refuse(request, [by_address(request)])
        endpoints = endpoints_of(request, client)
    except TooManyRequests as error:
        return login_page(
            request, *error.headers, target=target, status=429, failed=error.detail
        )
    except Unreachable:
        return not_responding(request, client, target)
    way, kept = states.begin(request, client, target=target)
    return lead_to(client.lead(endpoints, way), kept)


def by_address(request: Request) -> Counter:
    """Return the address's counter of attempts, as for passwords."""
    limit = request.setting("login_attempts_per_address")
    return Counter(counter_key("provider", request.network), limit)


def endpoints_of(request: Request, client: ProviderClient) -> Fragment:
    """Return the provider's endpoints, after committing what the request has written.

    Raises Unreachable.
    """
    commit_so_far(request)
    return client.talk(client.endpoints)


def not_responding(request: Request, client: ProviderClient, target: str) -> Response:
    failed = SILENT.format(client.provider.title)
    return login_page(request, target=target, status=503, failed=failed)


def come_back(request: Request, client: ProviderClient) -> Response:
    """Handle the provider's response, and sign in the user that it identifies."""
    begun, way = states.take(request, client)
    # The way is used up in any case; nothing is locked while the provider is asked.
    commit_so_far(request)
    try:
        identity = identify(request, client, way)
    except Refused:
        record(request, "sign_in", FAILURE, target=f"provider:{client.provider.name}")
        request.must_commit = True
        failed = DENIED.format(client.provider.title)
        return login_page(request, target=begun.target, status=403, failed=failed)
    except Unreachable:
        return not_responding(request, client, begun.target)
    if begun.user_id is not None:
        return link(request, client, begun, identity)
    return sign_in(request, client, identity, target=begun.target)


def identify(request: Request, client: ProviderClient, way: Way) -> Identity:
    """Return whom the request's code identifies; raise Refused or Unreachable."""
    code, iss = request.GET.get("code"), request.GET.get("iss")
    if not code or "error" in request.GET:
        raise Refused
    return client.talk(client.identify, way=way, code=code, iss=iss)


def sign_in(
    request: Request, client: ProviderClient, identity: Identity, *, target: str
) -> Response:
    """Sign in to the identity's account, or redirect to the page that creates one."""
    issuer, subject = client.provider.issuer, identity.subject
    known = actions.find_identity(request.db, issuer=issuer, subject=subject)
    if known is None:
        kept = states.keep(request, client, identity, target=target)
        return lead_to(request.route_path("new_identity"), kept)
    user = hold_user(request, known.user_id, known.epoch)
    if user is None or not actions.use_identity(
        request.db, user_id=user.id, identity_id=known.id
    ):
        raise PageError(INACTIVE, 403)
    record(request, "identity_used", actor_id=user.id, target=f"identity:{known.id}")
    return begin_sign_in(request, user, methods=METHODS, target=target)


def link(
    request: Request, client: ProviderClient, begun: Row, identity: Identity
) -> Response:
    """Link the identity to the account of the user who began this."""
    user = signed_in_to_change(request).user
    if (user.id, user.epoch) != (begun.user_id, begun.user_epoch):
        raise PageError(states.OVER)
    issuer = client.provider.issuer
    try:
        link_and_tell(request, user, issuer, identity.subject, identity.name)
    except Conflict as error:
        raise PageError(error.detail, error.status) from error
    return lead_to(request.route_path("account_providers"))


def link_to_user(
    request: Request, user: Row, issuer: str, subject: str, name: str
) -> None:
    """Link an identity to a locked user, and record it in the audit log.

    Raises IdentityTaken, ProviderLinked; a page can be shown after that.
    """
    with request.db.begin_nested():
        identity_id = actions.link_identity(
            request.db, user_id=user.id, issuer=issuer, subject=subject, name=name
        )
    target = f"identity:{identity_id} of:{user.id}"
    record(request, "identity_linked", actor_id=user.id, target=target)


def link_and_tell(
    request: Request, user: Row, issuer: str, subject: str, name: str
) -> None:
    """Link an identity as ``link_to_user`` does, and let the user be told by mail."""
    link_to_user(request, user, issuer, subject, name)
    actions.tell(request.db, request.registry, user.id, "identity_linked", issuer)
