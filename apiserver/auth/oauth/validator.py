"""oauthlib's RequestValidator: checks clients, users and scopes, and stores tokens.

Besides its parameters, oauthlib's request has ``db``, the session; ``basic``, the
credentials in the Authorization header, or None; and ``http``, the HTTP request.
"""

# oauthlib passes the TokenRequest that it gets.
# mypy: disable-error-code="override"

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from oauthlib.oauth2.rfc6749 import errors

from apiserver.auth.oauth.clients import ClientValidator, refuse_no_scopes
from apiserver.auth.oauth.codes import GRANT_ENDED, CodeValidator
from apiserver.auth.oauth.statements import (
    CONSUME,
    INSERT_TOKENS,
    find_token,
    insert_grant,
    revoke,
    row,
)
from apiserver.auth.oauth.token_request import SignIn, TokenRequest
from apiserver.auth.policy import kind_of
from apiserver.auth.strength import strength_of
from apiserver.auth.tokens import digest
from apiserver.core.audit import FAILURE, record
from apiserver.core.db import now
from apiserver.core.typing import Row
from apiserver.users.passwords import authenticate

# The authentication method of the password grant (RFC 8176).
PASSWORD = ("pwd",)
NO_TOKEN = "The refresh token is unknown."  # noqa: S105


class Validator(ClientValidator, CodeValidator):
    """Implements oauthlib's checks with the database."""

    def __init__(self, settings: Mapping[str, Any]) -> None:
        super().__init__()
        self.idle = timedelta(seconds=settings["apiserver.oauth2_refresh_token_idle"])
        self.absolute = timedelta(
            seconds=settings["apiserver.oauth2_refresh_token_lifetime"]
        )

    # Users

    def validate_user(
        self,
        username: str,
        password: str,
        client: Row,
        request: TokenRequest,
        *args: object,
    ) -> bool:
        """Check a password; errors and their timing don't reveal whether a user exists.

        The client's grant type is checked first: otherwise any client could guess.
        """
        if not self.validate_grant_type(
            request.client_id, request.grant_type, client, request
        ):
            raise errors.UnauthorizedClientError(request=request)
        client_id = client.client_id
        request.user = authenticate(
            request.http, username=username, password=password, client_id=client_id
        )
        if request.user is None:
            return False
        self.authenticate_again(request)
        refuse_password_alone(request)
        request.sign_in = SignIn(now(), PASSWORD)
        actor_id = request.user.id
        record(request.http, "sign_in", actor_id=actor_id, client_id=client_id)
        return True

    # Tokens

    def rotate_refresh_token(self, request: TokenRequest) -> bool:
        return True

    def validate_refresh_token(
        self, refresh_token: str, client: Row, request: TokenRequest, *args: object
    ) -> bool:
        """Use the refresh token; a second use revokes the grant (RFC 9700 4.14.2).

        Invalid scopes, or none left, are rejected before that: the token stays usable.
        """
        token = find_token(request, refresh_token)
        if token is None or token.client_id != client.id or token.kind != "refresh":
            raise errors.InvalidGrantError(NO_TOKEN)
        request.granted = token
        original = self.get_original_scopes(refresh_token, request)
        beyond = set((request.scope or "").split()) - set(original)
        if token.consumed is None:
            refuse_no_scopes(original)
            if beyond:
                raise errors.InvalidScopeError(request=request)
        parameters = {"token_digest": digest(refresh_token), "now": now()}
        if request.db.run(CONSUME, parameters) == 1:
            return True
        raise errors.InvalidGrantError(why_not(request, refresh_token))

    def save_bearer_token(
        self, token: dict[str, Any], request: TokenRequest, *args: object
    ) -> None:
        """Store the new tokens and their grant.

        Raises InvalidScopeError if the client has lost all granted scopes.
        """
        refuse_no_scopes(request.scopes)
        if "refresh_token" not in request.client.grant_types:
            token.pop("refresh_token", None)
        moment = now()
        expires = moment + timedelta(seconds=token["expires_in"])
        if not hasattr(request, "granted"):
            absolute = moment + self.absolute if "refresh_token" in token else expires
            request.granted = insert_grant(request, absolute)
        expires = min(expires, request.granted.absolute_expires)
        token["expires_in"] = round((expires - moment).total_seconds())
        self.store(token, request, moment, expires)
        record_token(request, request.granted)

    def store(
        self,
        token: dict[str, Any],
        request: TokenRequest,
        moment: datetime,
        expires: datetime,
    ) -> None:
        """Store the digests of the tokens; the access token ``expires`` then."""
        granted = request.granted
        rows = [row(token["access_token"], "access", request.scopes, expires)]
        if "refresh_token" in token:
            scopes = self.get_original_scopes("", request)
            idle = min(moment + self.idle, granted.absolute_expires)
            rows.append(row(token["refresh_token"], "refresh", scopes, idle))
        used = request.refresh_token
        common = {
            "grant_id": granted.grant_id,
            "parent_digest": digest(used) if used else None,
        }
        request.db.run(INSERT_TOKENS, [{**common, **values} for values in rows])

    def revoke_token(
        self, token: str, token_type_hint: str, request: TokenRequest, *args: object
    ) -> None:
        """Revoke the whole grant of a token (RFC 7009 section 2.1).

        Only the operator's clients may revoke a token that was issued to no client.
        """
        kind = kind_of(request.http.registry, token)
        if kind is not None and kind.revoke is not None:
            client = request.client
            if client.client_type == "public" or not client.first_party:
                raise errors.UnauthorizedClientError("The token belongs to a user.")
            kind.revoke(request.http, token)
            return
        found = find_token(request, token)
        if found is None:
            return
        if found.client_id != request.client.id:
            raise errors.UnauthorizedClientError("The token belongs to another client.")
        revoke(request, found, "revoked_by_client")


def refuse_password_alone(request: TokenRequest) -> None:
    """Raise InvalidGrantError if the account needs more than its password.

    Like the login page, it reveals this only after the right password.
    """
    user_id = request.user.id
    strength = strength_of(request.http.registry)
    refusal = strength.refusal(request.http, user_id, PASSWORD)
    if refusal is None:
        return
    client_id = request.client.client_id
    record(request.http, "sign_in", FAILURE, actor_id=user_id, client_id=client_id)
    request.http.must_commit = True
    raise errors.InvalidGrantError(refusal)


def record_token(request: TokenRequest, granted: Row) -> None:
    record(
        request.http,
        "token_issued",
        actor_id=granted.user_id,
        client_id=request.client.client_id,
        grant_id=granted.grant_id,
        target=request.grant_type,
    )


def why_not(request: TokenRequest, refresh_token: str) -> str:
    """Return why a refresh token is invalid; if it was used, revoke the grant."""
    token = find_token(request, refresh_token)
    if token is None:
        return NO_TOKEN
    if token.consumed is not None:
        revoke(request, token, "refresh_token_reuse", FAILURE)
        # Commit the revocation despite the error.
        request.http.must_commit = True
        return "The refresh token has already been used; its grant is revoked."
    if min(token.expires, token.absolute_expires) <= now():
        return "The refresh token has expired."
    return GRANT_ENDED
