"""What oauthlib asks of the server: clients, users, scopes, and tokens to store.

An oauthlib request has here, besides its parameters: ``db``, the session; ``basic``,
the credentials of the Authorization header or None; ``must_commit``, a function that
lets what is written survive an error answer.
"""

import hmac
from datetime import timedelta
from typing import Any

from oauthlib.oauth2 import RequestValidator
from oauthlib.oauth2.rfc6749 import errors

from apiserver.auth.oauth.statements import (
    ACCOUNT,
    CONSUME,
    INSERT_TOKENS,
    find_client,
    find_token,
    insert_grant,
    revoke,
    row,
)
from apiserver.auth.tokens import digest
from apiserver.core.db import now
from apiserver.users.models import canonical, hash_password, password_matches

# An unknown user costs the time of a hash, too.
NOBODY = hash_password("")


class Validator(RequestValidator):
    """Answers oauthlib's questions from the database."""

    def __init__(self, settings: dict[str, Any]) -> None:
        super().__init__()
        self.idle = timedelta(seconds=settings["apiserver.oauth2_refresh_token_idle"])
        self.absolute = timedelta(
            seconds=settings["apiserver.oauth2_refresh_token_lifetime"]
        )

    # Clients

    def client_authentication_required(self, request: Any, *args: Any) -> bool:
        """Whether the client has to prove who it is; and then it must succeed."""
        client = find_client(request)
        return client is None or client.client_type != "public" or bool(secret(request))

    def authenticate_client(self, request: Any, *args: Any) -> bool:
        """Check the secret (RFC 6749 section 2.3.1)."""
        client = find_client(request)
        expected = (client.secret_digest if client is not None else None) or bytes(32)
        given = digest(secret(request) or "")
        if not hmac.compare_digest(expected, given):
            return False
        request.client = client
        return client is not None

    def authenticate_client_id(self, client_id: str, request: Any, *args: Any) -> bool:
        """Take a public client by its name alone."""
        request.client = find_client(request)
        return request.client is not None

    def validate_grant_type(
        self, client_id: str, grant_type: str, client: Any, request: Any, *args: Any
    ) -> bool:
        """Whether the client may get tokens in this way."""
        if grant_type == "password" and not client.first_party:
            return False
        return grant_type in client.grant_types

    # Scopes

    def get_default_scopes(self, client_id: str, request: Any, *args: Any) -> Any:
        return list(request.client.default_scopes)

    def validate_scopes(
        self, client_id: str, scopes: Any, client: Any, request: Any, *args: Any
    ) -> bool:
        return set(scopes or ()) <= set(client.default_scopes)

    def get_original_scopes(self, refresh_token: str, request: Any, *args: Any) -> Any:
        """Return what was granted, without what the client has lost since."""
        granted = request.granted.granted_scopes
        return [s for s in granted if s in request.client.default_scopes]

    # Users

    def validate_user(
        self, username: str, password: str, client: Any, request: Any, *args: Any
    ) -> bool:
        """Check a password; unknown, inactive and wrong look and last the same.

        The client's right to ask comes first: otherwise any client could try passwords.
        """
        if not self.validate_grant_type(
            request.client_id, request.grant_type, client, request
        ):
            raise errors.UnauthorizedClientError(request=request)
        account = request.db.execute(
            ACCOUNT, {"username": canonical(username)}
        ).one_or_none()
        stored = account.password_digest if account is not None else NOBODY
        right = password_matches(stored, password)
        request.user = account
        return right and account is not None and account.is_active

    # Tokens

    def rotate_refresh_token(self, request: Any) -> bool:
        return True

    def validate_refresh_token(
        self, refresh_token: str, client: Any, request: Any, *args: Any
    ) -> bool:
        """Use up the refresh token; a second use revokes the grant.

        RFC 9700 section 4.14.2. A scope that is too wide is refused before that, so
        that the token stays usable.
        """
        token = find_token(request, refresh_token)
        if token is None or token.client_id != client.id or token.kind != "refresh":
            return False
        request.granted = token
        original = self.get_original_scopes(refresh_token, request)
        if not set((request.scope or "").split()) <= set(original):
            raise errors.InvalidScopeError(request=request)
        parameters = {"token_digest": digest(refresh_token), "now": now()}
        if request.db.execute(CONSUME, parameters).rowcount == 1:
            return True
        if find_token(request, refresh_token).consumed is not None:
            revoke(request, token.grant_id, "refresh_token_reuse")
            request.must_commit()
        return False

    def save_bearer_token(self, token: Any, request: Any, *args: Any) -> None:
        """Store the digests of the new tokens, and the grant they belong to."""
        moment = now()
        expires = moment + timedelta(seconds=token["expires_in"])
        refresh_token = token.get("refresh_token")
        granted = getattr(request, "granted", None)
        if granted is not None:
            grant_id, absolute = granted.grant_id, granted.absolute_expires
            original = self.get_original_scopes("", request)
            parent = digest(request.refresh_token)
        else:
            absolute = moment + self.absolute if refresh_token else expires
            grant_id = insert_grant(request, absolute)
            original, parent = request.scopes, None
        rows = [row(token["access_token"], "access", request.scopes, expires)]
        if refresh_token:
            idle = min(moment + self.idle, absolute)
            rows.append(row(refresh_token, "refresh", original, idle))
        request.db.execute(
            INSERT_TOKENS,
            [{"grant_id": grant_id, "parent_digest": parent} | r for r in rows],
        )

    def revoke_token(
        self, token: str, token_type_hint: str, request: Any, *args: Any
    ) -> None:
        """Revoke the whole grant of a token (RFC 7009 section 2.1)."""
        found = find_token(request, token)
        if found is None:
            return
        if found.client_id != request.client.id:
            raise errors.UnauthorizedClientError(request=request)
        revoke(request, found.grant_id, "revoked_by_client")


def secret(request: Any) -> str | None:
    """Return the secret that the client has sent, in whichever way."""
    if request.basic is not None:
        password: str = request.basic[1]
        return password
    posted: str | None = request.client_secret
    return posted
