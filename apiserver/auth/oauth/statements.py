"""The SQL of the authorization server; one statement decides each race.

``request`` is oauthlib's, with the attributes that the Validator documents.
"""

from datetime import datetime

from sqlalchemy import and_, bindparam, exists, insert, select, update

from apiserver.auth.models import OAuth2Client, OAuth2Code, OAuth2Grant, OAuth2Token
from apiserver.auth.oauth.token_request import TokenRequest
from apiserver.auth.policy import LIVE_CLIENT, OWNER, live
from apiserver.auth.tokens import digest
from apiserver.core.audit import SUCCESS, record
from apiserver.core.db import UTCDateTime, counter_key, now
from apiserver.core.typing import Row
from apiserver.users.models import Throttle

NOW = bindparam("now", type_=UTCDateTime)

CLIENT = (
    select(
        OAuth2Client.id,
        OAuth2Client.client_id,
        OAuth2Client.secret_digest,
        OAuth2Client.previous_secret_digest,
        OAuth2Client.previous_secret_expires,
        OAuth2Client.token_endpoint_auth_method,
        OAuth2Client.client_type,
        OAuth2Client.default_scopes,
        OAuth2Client.redirect_uris,
        OAuth2Client.grant_types,
        OAuth2Client.first_party,
        OAuth2Client.epoch,
        Throttle.tries,
    )
    .outerjoin(
        Throttle, and_(Throttle.key == bindparam("counter"), Throttle.expires > NOW)
    )
    .join(OWNER, OWNER.id == OAuth2Client.user_id)
    .where(OAuth2Client.client_id == bindparam("client_id"), LIVE_CLIENT)
)

TOKEN = (
    select(
        OAuth2Token.kind,
        OAuth2Token.consumed,
        OAuth2Token.expires,
        OAuth2Grant.id.label("grant_id"),
        OAuth2Grant.client_id,
        OAuth2Grant.user_id,
        OAuth2Grant.granted_scopes,
        OAuth2Grant.absolute_expires,
    )
    .join(OAuth2Grant, OAuth2Grant.id == OAuth2Token.grant_id)
    .where(OAuth2Token.digest == bindparam("digest"))
)

# The statement that decides who uses a refresh token: of concurrent ones, one updates.
CONSUME = (
    update(OAuth2Token)
    .where(
        OAuth2Token.digest == bindparam("token_digest"),
        OAuth2Token.kind == "refresh",
        OAuth2Token.consumed.is_(None),
        OAuth2Token.expires > NOW,
        exists(
            live(select(OAuth2Grant.id)).where(
                OAuth2Grant.id == OAuth2Token.grant_id,
                OAuth2Grant.absolute_expires > NOW,
            )
        ),
    )
    .values(consumed=NOW)
    .execution_options(synchronize_session=False)
)

REVOKE = (
    update(OAuth2Grant)
    .where(OAuth2Grant.id == bindparam("grant_id"), OAuth2Grant.revoked.is_(None))
    .values(revoked=NOW, revoke_reason=bindparam("reason"))
    .execution_options(synchronize_session=False)
)

INSERT_GRANT = insert(OAuth2Grant).returning(
    OAuth2Grant.id.label("grant_id"),
    OAuth2Grant.user_id,
    OAuth2Grant.granted_scopes,
    OAuth2Grant.absolute_expires,
)
INSERT_CODE = insert(OAuth2Code)
INSERT_TOKENS = insert(OAuth2Token)


def find_client(request: TokenRequest) -> Row:
    """Return the row of the request's valid client, looked up once."""
    if not hasattr(request, "found_client"):
        parameters = {
            "client_id": request.client_id or "",
            "counter": counter_key("client", guesser(request)),
            "now": now(),
        }
        request.found_client = request.db.row(CLIENT, parameters)
    return request.found_client


def guesser(request: TokenRequest) -> str:
    """Return the name under which the wrong secrets of a client are counted.

    Each address has its own counter: a client_id is no secret, so anyone could lock the
    client out by guessing.
    """
    return f"{request.http.network} {request.client_id or ''}"


def find_token(request: TokenRequest, token: str) -> Row:
    return request.db.row(TOKEN, {"digest": digest(token)})


def revoke(
    request: TokenRequest, granted: Row, reason: str, result: str = SUCCESS
) -> None:
    """Revoke a grant, and record the reason, unless it is revoked already."""
    parameters = {"grant_id": granted.grant_id, "reason": reason, "now": now()}
    if request.db.run(REVOKE, parameters):
        record(
            request.http,
            reason,
            result,
            client_id=request.client.client_id,
            grant_id=granted.grant_id,
            target=f"user:{granted.user_id}" if granted.user_id else None,
        )


def insert_grant(request: TokenRequest, absolute_expires: datetime) -> Row:
    """Store a grant of these scopes, by the user or the client itself."""
    values = {
        "client_id": request.client.id,
        "client_epoch": request.client.epoch,
        "user_id": request.user.id if request.user else None,
        "user_epoch": request.user.epoch if request.user else None,
        "grant_type": request.grant_type,
        "granted_scopes": request.scopes,
        "absolute_expires": absolute_expires,
        "auth_time": request.sign_in.auth_time if request.sign_in else None,
        "amr": request.sign_in.amr if request.sign_in else None,
    }
    return request.db.row(INSERT_GRANT, values)


def row(
    token: str, kind: str, scopes: list[str], expires: datetime
) -> dict[str, object]:
    return {
        "digest": digest(token),
        "kind": kind,
        "scopes": scopes,
        "expires": expires,
    }
