"""The page ``/account/providers``: accounts elsewhere with which the user signs in."""

from apiserver.auth.browser import (
    LEADING_ON,
    PageError,
    account_page,
    fresh_to_change,
    is_fresh,
    lead_to,
    own_form,
    page_view,
    signed_in,
)
from apiserver.core.audit import record
from apiserver.core.endpoints import Request
from apiserver.core.http import Conflict, Response
from apiserver.core.tree import parse_id
from apiserver.core.typing import Row
from apiserver.providers import actions, states
from apiserver.providers.pages.newcomer import TEMPLATES, title_of
from apiserver.providers.pages.sign_in import SILENT, endpoints_of, link_and_tell
from apiserver.providers.talking import Unreachable

GONE = "There is no such identity any more. Go back and reload the page."


@page_view("account_providers")
def get_providers(request: Request) -> Response:
    """Show the providers, and an identity that waits to be linked."""
    return providers_page(request, signed_in(request))


def providers_page(
    request: Request, session: Row, *, status: int = 200, failed: str = ""
) -> Response:
    identities = actions.identities_of(request.db, user_id=session.user.id)
    clients = request.registry.provider_clients.values()
    titles = {each.provider.issuer: each.provider.title for each in clients}
    waiting = states.find(request)
    # Those that have a button already.
    known = {each.issuer for each in [*identities, *([waiting] if waiting else [])]}
    return account_page(
        request,
        session,
        f"{TEMPLATES}providers.jinja2",
        status=status,
        policy=LEADING_ON,
        identities=identities,
        titles=titles,
        others=[c.provider for c in clients if c.provider.issuer not in known],
        waiting=waiting,
        waiting_at=title_of(request, waiting.provider) if waiting else "",
        is_fresh=is_fresh(request, session),
        failed=failed,
    )


@page_view("account_providers", "POST")
def post_providers(request: Request) -> Response:
    """Link an identity, through its provider or a waiting one; or unlink one."""
    form = own_form(request)
    if "provider" in form:
        return set_out_to_link(request, form["provider"])
    session = fresh_to_change(request)
    try:
        if "unlink" in form:
            return unlink(request, session.user, form["unlink"])
        return link_waiting(request, session.user)
    except Conflict as error:
        return providers_page(
            request, session, status=error.status, failed=error.detail
        )


def set_out_to_link(request: Request, name: str) -> Response:
    """Redirect to a provider; the identity is linked when the user comes back."""
    client = request.registry.provider_clients.get(name)
    if client is None:
        raise PageError(GONE, 404)
    try:
        endpoints = endpoints_of(request, client)
    except Unreachable as error:
        raise PageError(SILENT.format(client.provider.title), 503) from error
    user = fresh_to_change(request).user
    way, kept = states.begin(request, client, target="", user=user)
    return lead_to(client.lead(endpoints, way), kept)


def link_waiting(request: Request, user: Row) -> Response:
    """Link the browser's waiting identity, and redirect to its target.

    Raises IdentityTaken, ProviderLinked.
    """
    waiting = states.find(request)
    if waiting is None:
        raise PageError(states.OVER)
    link_and_tell(request, user, waiting.issuer, waiting.subject, waiting.name)
    over = states.forget(request, waiting)
    return lead_to(waiting.target or request.path, over)


def unlink(request: Request, user: Row, number: str) -> Response:
    """Unlink an identity of the user; raise OnlyWayIn."""
    try:
        identity_id = parse_id(number)
    except KeyError:
        raise PageError(GONE, 404) from None
    if not actions.unlink_identity(
        request.db,
        request.registry,
        user_id=user.id,
        identity_id=identity_id,
        by_user=True,
    ):
        raise PageError(GONE, 404)
    target = f"identity:{identity_id} of:{user.id}"
    record(request, "identity_unlinked", actor_id=user.id, target=target)
    return lead_to(request.path)
