"""OAuth2 in the tree: ``/auth/oauth2_clients/`` and ``/auth/grants/``."""

import re
from collections.abc import Iterable

from pyramid.authorization import Allow
from sqlalchemy import Text, bindparam, select

from apiserver.auth.models import OAuth2Client, OAuth2Grant
from apiserver.auth.permissions import (
    GRANTOR,
    OWNER,
    GrantPermission,
    OAuth2ClientPermission,
)
from apiserver.auth.policy import live
from apiserver.auth.tokens import EXAMPLE_CLIENT_ID
from apiserver.core.db import UTCDateTime
from apiserver.core.endpoints import Request
from apiserver.core.tree import (
    KEY,
    USER,
    Collection,
    Item,
    NoSuchNode,
    Resource,
    sharing,
)
from apiserver.core.typing import Row
from apiserver.users.gates import passed
from apiserver.users.models import User
from apiserver.users.resources import UserResource, lock_account

CLIENT = (
    OAuth2Client.client_id,
    OAuth2Client.user_id,
    OAuth2Client.client_type,
    OAuth2Client.token_endpoint_auth_method,
    OAuth2Client.redirect_uris,
    OAuth2Client.default_scopes,
    OAuth2Client.grant_types,
    OAuth2Client.first_party,
    OAuth2Client.enabled,
    OAuth2Client.created,
    OAuth2Client.updated,
)

CLIENTS_OF_OWNER = select(*CLIENT).where(OAuth2Client.user_id == bindparam("owner_id"))

# The valid grants of one user.
LIVE_GRANTS = live(
    select(
        OAuth2Grant.id,
        OAuth2Client.client_id,
        OAuth2Grant.user_id,
        OAuth2Grant.grant_type,
        OAuth2Grant.granted_scopes,
        OAuth2Grant.created,
        OAuth2Grant.absolute_expires,
    ).select_from(OAuth2Grant)
).where(
    OAuth2Grant.user_id == bindparam("owner_id"),
    OAuth2Grant.absolute_expires > bindparam("now", type_=UTCDateTime),
)

HOLD_USER = sharing(User).where(passed(KEY))
HOLD_CLIENT = (
    select(OAuth2Client.id)
    .where(OAuth2Client.client_id == bindparam("client"))
    .with_for_update(read=True)
)

_CLIENT_ID = re.compile(r"[0-9A-Za-z._-]{1,80}")


def hold_caller(request: Request) -> None:
    """Lock the caller's rows, which precede any client: decisions.py."""
    if request.caller_id is not None:
        request.db.row(HOLD_USER, {"key": request.caller_id})


class SecretResource(Resource):
    """The secret of a client, which can be replaced but not read."""


class OAuth2ClientResource(Item[OAuth2Client]):
    """One OAuth2 client: ``context.client``."""

    __acl__ = [
        (
            Allow,
            OWNER,
            [
                OAuth2ClientPermission.READ,
                OAuth2ClientPermission.EDIT,
                OAuth2ClientPermission.DELETE,
                OAuth2ClientPermission.ROTATE,
            ],
        )
    ]
    children = {"secret": SecretResource}
    noun = "client"
    model = OAuth2Client
    lock_rank = UserResource.lock_rank + 1
    key_name = "client_id"
    key_format = "string"
    key_example = EXAMPLE_CLIENT_ID
    statement = select(OAuth2Client.id, *CLIENT).where(
        OAuth2Client.client_id == bindparam("key", type_=Text)
    )
    client: Row

    @staticmethod
    def parse_key(segment: str) -> str:
        if not _CLIENT_ID.fullmatch(segment):
            raise NoSuchNode(segment)
        return segment

    def local_roles(self, user: Row) -> Iterable[str]:
        return (OWNER,) if user.id == self.client.user_id else ()

    def lock_row(self, *, exclusive: bool) -> None:
        own: str = self.request.identity.client_id
        hold_caller(self.request)
        if own < self.client.client_id:
            self.request.db.row(HOLD_CLIENT, {"client": own})
        super().lock_row(exclusive=exclusive)


class OAuth2ClientCollection(Collection):
    """All OAuth2 clients."""

    __acl__ = [
        (Allow, USER, [OAuth2ClientPermission.LIST, OAuth2ClientPermission.CREATE])
    ]
    item = OAuth2ClientResource


class GrantResource(Item[OAuth2Grant]):
    """One valid grant: ``context.grant``."""

    __acl__ = [(Allow, GRANTOR, [GrantPermission.REVOKE])]
    noun = "grant"
    model = OAuth2Grant
    lock_rank = OAuth2ClientResource.lock_rank + 1
    statement = select(OAuth2Grant.id, OAuth2Grant.user_id).where(
        OAuth2Grant.id == KEY, OAuth2Grant.revoked.is_(None)
    )
    grant: Row

    def local_roles(self, user: Row) -> Iterable[str]:
        return (GRANTOR,) if user.id == self.grant.user_id else ()

    def lock_row(self, *, exclusive: bool) -> None:
        identity, db = self.request.identity, self.request.db
        hold_caller(self.request)
        db.row(HOLD_CLIENT, {"client": identity.client_id})
        own = identity.grant_id
        if own is not None and own < self.grant.id:
            db.row(sharing(OAuth2Grant), {"key": own})
        super().lock_row(exclusive=exclusive)


class GrantCollection(Collection):
    """All grants. Revoking all of one's own raises the epoch of the account."""

    is_locked = True
    lock_rank = UserResource.lock_rank

    def lock_row(self, *, exclusive: bool) -> None:
        if self.request.caller_id is not None:
            lock_account(self.request, self.request.caller_id)

    __acl__ = [(Allow, USER, [GrantPermission.LIST, GrantPermission.REVOKE_OWN])]
    item = GrantResource


class AuthResource(Resource):
    """The part of the API that is about access itself."""

    children = {"oauth2_clients": OAuth2ClientCollection, "grants": GrantCollection}
