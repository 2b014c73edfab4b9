"""The endpoints of ``/auth/oauth2_clients``."""

from datetime import timedelta
from types import SimpleNamespace

from apiserver.auth import actions, owners
from apiserver.auth.models import OAuth2Client, OAuth2Grant
from apiserver.auth.permissions import GrantPermission, OAuth2ClientPermission
from apiserver.auth.resources import CLIENTS_OF_OWNER, LIVE_GRANTS, OAuth2ClientResource
from apiserver.auth.schemas import (
    GrantDetail,
    GrantQuery,
    OAuth2ClientCreate,
    OAuth2ClientCreated,
    OAuth2ClientDetail,
    OAuth2ClientPatch,
    OAuth2ClientQuery,
    OAuth2ClientSecret,
)
from apiserver.core.audit import record_call
from apiserver.core.db import now
from apiserver.core.endpoints import ApiService, Request
from apiserver.core.lists import Listing, equals

oauth2_clients = ApiService("oauth2_clients", "/auth/oauth2_clients/")
oauth2_client = ApiService("oauth2_client", "/auth/oauth2_clients/{client_id}")
oauth2_client_secret = ApiService(
    "oauth2_client_secret", "/auth/oauth2_clients/{client_id}/secret"
)
grants = ApiService("grants", "/auth/grants/")
grant = ApiService("grant", "/auth/grants/{grant_id}")

CLIENTS = Listing(CLIENTS_OF_OWNER, by=OAuth2Client.id, query=OAuth2ClientQuery)
GRANTS = Listing(
    LIVE_GRANTS,
    by=OAuth2Grant.id,
    query=GrantQuery,
    filters={"client_id": equals(OAuth2Client.client_id)},
)


@oauth2_clients.get(
    permission=OAuth2ClientPermission.LIST,
    lists=CLIENTS,
    returns=OAuth2ClientDetail,
    errors=(owners.NotYours,),
)
def list_oauth2_clients(request: Request) -> object:
    """List your own OAuth2 clients, without their secrets.

    Administrators can list anyone's with `user_id`.
    """
    user_id = owners.owner_id(request, OAuth2ClientPermission.LIST_ALL)
    return CLIENTS.page_of(request, owner_id=user_id)


@oauth2_clients.post(
    permission=OAuth2ClientPermission.CREATE,
    takes=OAuth2ClientCreate,
    returns=OAuth2ClientCreated,
    errors=(actions.ScopesRefused, actions.NoClientCredentials),
)
def create_oauth2_client(request: Request) -> object:
    """Create an OAuth2 client.

    The response contains its secret, which is shown only once. The client can't be
    given more scopes than the token that creates it has.
    """
    values = request.validated["body"]
    actions.check_scopes(values["default_scopes"], request.identity.scopes)
    return actions.create_client(request.db, user_id=request.identity.user.id, **values)


@oauth2_client.get(permission=OAuth2ClientPermission.READ, returns=OAuth2ClientDetail)
def get_oauth2_client(request: Request) -> object:
    """See an OAuth2 client, without its secret."""
    return request.context.client


@oauth2_client.patch(
    permission=OAuth2ClientPermission.EDIT,
    takes=OAuth2ClientPatch,
    prepare=owners.hold_new_owner,
    returns=OAuth2ClientDetail,
    errors=(actions.ScopesRefused, owners.OwnerRefused, owners.NoSuchOwner),
)
def patch_oauth2_client(request: Request) -> object:
    """Change an OAuth2 client.

    Disabling it revokes all its grants, immediately and for good. Only administrators
    may transfer it to another owner, with `/user_id`; its grants stay valid.
    """
    client = request.context.lock()
    patch, scopes = request.validated["patch"], request.identity.scopes
    actions.patch_client(client, patch, allowed_scopes=scopes)
    request.db.flush()
    return client


@oauth2_client.delete(permission=OAuth2ClientPermission.DELETE)
def delete_oauth2_client(request: Request) -> None:
    """Delete an OAuth2 client and its grants."""
    client = request.context.client
    actions.delete_client(request.db, client_id=client.client_id)


@oauth2_client_secret.post(
    permission=OAuth2ClientPermission.ROTATE,
    returns=OAuth2ClientSecret,
    errors=(actions.NoSecret,),
    status=201,
)
def create_oauth2_client_secret(request: Request) -> object:
    """Issue a new secret for an OAuth2 client.

    It is shown only once. The old one keeps working for a while, so that the client can
    be reconfigured in time.
    """
    client = request.context.above(OAuth2ClientResource).lock()
    overlap = timedelta(seconds=request.setting("oauth2_secret_overlap"))
    secret = actions.rotate_secret(client, overlap=overlap)
    request.db.flush()
    target = f"client:{client.client_id}"
    record_call(request, "client_secret_created", target=target)
    return SimpleNamespace(
        client_secret=secret, previous_secret_expires=client.previous_secret_expires
    )


@grants.get(
    permission=GrantPermission.LIST,
    lists=GRANTS,
    returns=GrantDetail,
    errors=(owners.NotYours,),
)
def list_grants(request: Request) -> object:
    """List the clients that have access to your account.

    Administrators can list anyone's with `user_id`.
    """
    user_id = owners.owner_id(request, GrantPermission.LIST_ALL)
    return GRANTS.page_of(request, owner_id=user_id, now=now())


@grants.delete(permission=GrantPermission.REVOKE_OWN)
def delete_grants(request: Request) -> None:
    """Sign out everywhere.

    Ends all access to your account, including this token, and all browser sessions.
    """
    user_id = request.identity.user.id
    actions.end_all_grants(request.db, user_id=user_id)
    record_call(request, "sign_out", target=f"user:{user_id}")


@grant.delete(permission=GrantPermission.REVOKE)
def delete_grant(request: Request) -> None:
    """Revoke a client's access to the account immediately."""
    grant_id = request.context.grant.id
    actions.revoke_grant(request.db, grant_id=grant_id, reason="revoked_by_user")
    record_call(request, "revoked_by_user", target=f"grant:{grant_id}")
