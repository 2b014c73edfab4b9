"""The Validator's methods for clients: authentication, grant types, scopes."""

# oauthlib passes the TokenRequest that it gets.
# mypy: disable-error-code="override"

import hmac

from oauthlib.oauth2 import RequestValidator
from oauthlib.oauth2.rfc6749 import errors

from apiserver.auth.oauth.statements import find_client, guesser
from apiserver.auth.oauth.token_request import TokenRequest
from apiserver.auth.tokens import digest
from apiserver.core.audit import FAILURE, record
from apiserver.core.db import now
from apiserver.core.http import TooManyRequests
from apiserver.core.typing import Row
from apiserver.users.throttle import count_tries, door


class ClientThrottled(TooManyRequests):
    """Too many wrong secrets of this client (RFC 6749 section 2.3.1)."""

    error = "invalid_client"


class ClientValidator(RequestValidator):
    """Validates clients: secrets, grant types, scopes."""

    def client_authentication_required(
        self, request: TokenRequest, *args: object
    ) -> bool:
        """Whether the client must authenticate."""
        client = find_client(request)
        return client is None or client.client_type != "public" or bool(secret(request))

    def authenticate_client(self, request: TokenRequest, *args: object) -> bool:
        """Check the secret, sent by the client's method (RFC 6749 section 2.3.1).

        Raises ClientThrottled after too many wrong ones, InvalidClientError for the
        right one sent by another method.
        """
        client = find_client(request)
        given = digest(secret(request) or "")
        matches = [hmac.compare_digest(given, right) for right in secrets_of(client)]
        locked = is_locked(client, request)
        is_right = True in matches and not locked
        if is_right and uses_agreed_method(client, request):
            request.client = client
            return True
        if secret(request):
            count_failure(client, request, locked=locked)
        if is_right:
            method = client.token_endpoint_auth_method
            raise errors.InvalidClientError(f"The client must use {method}.")
        return False

    def authenticate_client_id(
        self, client_id: str, request: TokenRequest, *args: object
    ) -> bool:
        """Identify a public client by its client_id."""
        request.client = find_client(request)
        return request.client is not None

    def authenticate_again(self, request: TokenRequest) -> None:
        """Raise InvalidClientError if the client has changed since its authentication.

        Called after a slow hash: the client may have been disabled, or its secret
        replaced.
        """
        before = request.client
        del request.found_client
        request.client = find_client(request)
        given = digest(secret(request) or "")
        if (
            request.client is None
            or request.client.epoch != before.epoch
            or (
                before.client_type != "public"
                and given not in secrets_of(request.client)
            )
        ):
            raise errors.InvalidClientError(request=request)

    def validate_grant_type(
        self,
        client_id: str,
        grant_type: str,
        client: Row,
        request: TokenRequest,
        *args: object,
    ) -> bool:
        """Whether the client may use the grant type."""
        if grant_type == "password" and not client.first_party:
            return False
        return grant_type in client.grant_types

    def get_default_scopes(
        self, client_id: str, request: TokenRequest, *args: object
    ) -> list[str]:
        return list(request.client.default_scopes)

    def validate_scopes(
        self,
        client_id: str,
        scopes: list[str],
        client: Row,
        request: TokenRequest,
        *args: object,
    ) -> bool:
        """Whether the client may get all of these scopes.

        Raises InvalidScopeError if there are none.
        """
        refuse_no_scopes(scopes)
        return set(scopes) <= set(client.default_scopes)

    def get_original_scopes(
        self, refresh_token: str, request: TokenRequest, *args: object
    ) -> list[str]:
        """Return the granted scopes, without those that the client has lost since."""
        granted = request.granted.granted_scopes
        return [s for s in granted if s in request.client.default_scopes]


def refuse_no_scopes(scopes: list[str]) -> None:
    """Raise InvalidScopeError without any scope (RFC 6749 section 3.3)."""
    if not scopes:
        raise errors.InvalidScopeError("The client may not be granted any scope.")


def secrets_of(client: Row) -> list[bytes]:
    """Return the valid digests: two during a rotation.

    Also for an unknown client, so that the comparison takes the same time.
    """
    if client is None or client.secret_digest is None:
        return [bytes(32)]
    previous = client.previous_secret_digest
    if previous is not None and client.previous_secret_expires > now():
        return [client.secret_digest, previous]
    return [client.secret_digest]


def is_locked(client: Row, request: TokenRequest) -> bool:
    """Whether too many secrets were tried; a right one needs no statement."""
    limit: int = request.http.setting("login_attempts")
    return client is not None and (client.tries or 0) >= limit


def count_failure(client: Row, request: TokenRequest, *, locked: bool) -> None:
    """Count a wrong secret; raise ClientThrottled after too many."""
    counters = door(request.http, "client", guesser(request))
    wait = count_tries(request.http, counters)
    if wait or locked:
        raise ClientThrottled(wait or 1)
    client_id = client.client_id if client is not None else None
    record(request.http, "client_authentication", FAILURE, client_id=client_id)
    # Commits the count: nothing else is written before the client is known.
    request.http.must_commit = True


def uses_agreed_method(client: Row, request: TokenRequest) -> bool:
    used = "client_secret_basic" if request.basic else "client_secret_post"
    return client.token_endpoint_auth_method in {None, used}


def secret(request: TokenRequest) -> str | None:
    """Return the secret that the client has sent, by any method."""
    if request.basic is not None:
        password: str = request.basic[1]
        return password
    posted: str | None = request.client_secret
    return posted
