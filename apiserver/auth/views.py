"""The endpoints of ``/auth/oauth2_clients``."""

from typing import Any

from sqlalchemy import bindparam, select

from apiserver.auth import actions
from apiserver.auth.models import OAuth2Client
from apiserver.auth.permissions import OAuth2ClientPermission
from apiserver.auth.schemas import (
    OAuth2ClientCreate,
    OAuth2ClientCreated,
    OAuth2ClientDetail,
    OAuth2ClientQuery,
)
from apiserver.core.answers import created
from apiserver.core.errors import Forbidden
from apiserver.core.pagination import Listing
from apiserver.core.request import Request
from apiserver.core.schemas import body, querystring, returns, returns_page
from apiserver.core.services import ApiService

oauth2_clients = ApiService("oauth2_clients", "/auth/oauth2_clients/")

CLIENTS = Listing(
    select(*actions.DETAIL).where(OAuth2Client.user_id == bindparam("owner_id")),
    by=OAuth2Client.id,
)


@oauth2_clients.get(
    permission=OAuth2ClientPermission.LIST,
    schema=querystring(OAuth2ClientQuery),
    response_schemas={"200": returns_page(OAuth2ClientDetail, "A page of clients.")},
    errors={403: "Only administrators see the clients of others."},
)
def list_oauth2_clients(request: Request) -> Any:
    """List one's own OAuth2 clients, without their secrets.

    Administrators see anyone's: `user_id` says whose.
    """
    owner_id = request.validated["querystring"]["user_id"] or request.caller_id
    if owner_id != request.caller_id and not request.has_permission(
        OAuth2ClientPermission.LIST_ALL
    ):
        raise Forbidden("Only administrators see the clients of others.")
    return CLIENTS(request, owner_id=owner_id)


@oauth2_clients.post(
    permission=OAuth2ClientPermission.CREATE,
    schema=body(OAuth2ClientCreate),
    response_schemas={"201": returns(OAuth2ClientCreated, "The new client.")},
)
def create_oauth2_client(request: Request) -> Any:
    """Create an OAuth2 client.

    The answer holds its secret, which is shown only now. The client can't be given more
    scopes than the token that creates it has.
    """
    values = request.validated["body"]
    actions.check_scopes(values["default_scopes"], request.identity.scopes)
    client = actions.create_client(
        request.db, user_id=request.identity.user.id, **values
    )
    return created(request, client, key=client.client_id)
