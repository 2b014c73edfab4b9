"""Introspection (RFC 7662): a resource server asks about a token.

oauthlib's endpoint would call every dict active, and allow public clients; only its
client authentication is used. A client may introspect tokens that were issued to it; a
confidential first-party client, such as the operator's resource servers, any token.
"""

from oauthlib.oauth2.rfc6749 import errors
from sqlalchemy import bindparam, select

from apiserver.auth.acr import classes_of
from apiserver.auth.models import OAuth2Client, OAuth2Grant, OAuth2Token
from apiserver.auth.oauth.statements import NOW
from apiserver.auth.oauth.token_request import TokenRequest
from apiserver.auth.policy import TokenKind, find, kind_of, live
from apiserver.auth.tokens import ACCESS, digest
from apiserver.core.db import counter_key, now
from apiserver.core.http import TooManyRequests
from apiserver.core.typing import Fragment, Row
from apiserver.users.models import User
from apiserver.users.throttle import count

INACTIVE = {"active": False}


class ScanThrottled(TooManyRequests):
    """The client asks about too many unknown tokens (RFC 7662 section 4)."""

    error = "temporarily_unavailable"


TOKEN = live(
    select(
        OAuth2Token.scopes,
        OAuth2Token.expires,
        OAuth2Token.created,
        OAuth2Client.client_id,
        OAuth2Client.default_scopes,
        OAuth2Grant.auth_time,
        OAuth2Grant.amr,
        User.id.label("user_id"),
        User.username,
    )
    .select_from(OAuth2Token)
    .join(OAuth2Grant, OAuth2Grant.id == OAuth2Token.grant_id)
).where(
    OAuth2Token.digest == bindparam("token_digest"),
    OAuth2Token.kind == "access",
    OAuth2Token.expires > NOW,
)


def introspect(request: TokenRequest, *, issuer: str) -> Fragment:
    """Return the response about ``request.token`` for the authenticated client.

    It is the same for all but active access tokens that the client may introspect.
    Raises InvalidClientError for a public client, ScanThrottled for one that guesses.
    """
    client = request.client
    if client.client_type == "public":
        raise errors.InvalidClientError("Public clients can't introspect tokens.")
    kind = kind_of(request.http.registry, request.token)
    if kind is None:
        return INACTIVE
    if not request.token.startswith(ACCESS):
        return of_another_kind(request, kind, issuer)
    parameters = {"token_digest": digest(request.token), "now": now()}
    token = request.db.row(TOKEN, parameters)
    if token is None:
        count_miss(request)
    if token is None or not (client.first_party or token.client_id == client.client_id):
        return INACTIVE
    return {**described(token, issuer), **how_signed_in(request, token)}


def of_another_kind(request: TokenRequest, kind: TokenKind, issuer: str) -> Fragment:
    """Return the response about a token that was issued to no client.

    Only confidential first-party clients may introspect it.
    """
    row = find(request.http, request.token, kind.bearer)
    if row is None:
        count_miss(request)
    if row is None or not request.client.first_party:
        return INACTIVE
    document = {
        "active": True,
        "scope": " ".join(row.scopes),
        "client_id": row.client_id,
        "token_type": "Bearer",
        "iat": int(row.issued.timestamp()),
        "iss": issuer,
        "aud": issuer,
        "sub": str(row.id),
        "username": row.username,
    }
    if row.expires is not None:
        document["exp"] = int(row.expires.timestamp())
    return document


def count_miss(request: TokenRequest) -> None:
    """Count a token of the right form that isn't active; raise ScanThrottled.

    Active tokens are never throttled: otherwise junk sent to a resource server could
    keep it from introspecting valid tokens.
    """
    limit = request.http.setting("introspection_misses")
    counter = counter_key("introspection", request.client.client_id)
    wait = count(request.http, counter, limit=limit)
    if wait:
        raise ScanThrottled(wait)


def described(token: Row, issuer: str) -> Fragment:
    """Return the members of RFC 7662 section 2.2, those of the user if there is one."""
    document = {
        "active": True,
        "scope": " ".join(s for s in token.scopes if s in token.default_scopes),
        "client_id": token.client_id,
        "token_type": "Bearer",
        "exp": int(token.expires.timestamp()),
        "iat": int(token.created.timestamp()),
        "iss": issuer,
        "aud": issuer,
        "sub": token.client_id,
    }
    if token.user_id is not None:
        document |= {"sub": str(token.user_id), "username": token.username}
    return document


def how_signed_in(request: TokenRequest, token: Row) -> Fragment:
    """Return when and how the user has signed in, if known (RFC 9470 section 6.2)."""
    if token.auth_time is None:
        return {}
    acr = classes_of(request.http.registry).strongest(token.amr)
    return {
        "auth_time": int(token.auth_time.timestamp()),
        "amr": token.amr,
        **({"acr": acr} if acr is not None else {}),
    }
