"""The Validator's answers about clients: who they are, what they may be given."""

# oauthlib hands on the TokenRequest that it was given.
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
    """Answers about clients: secrets, grant types, scopes."""

    def client_authentication_required(
        self, request: TokenRequest, *args: object
    ) -> bool:
        """Whether the client has to prove who it is; and then it must succeed."""
        client = find_client(request)
        return client is None or client.client_type != "public" or bool(secret(request))

    def authenticate_client(self, request: TokenRequest, *args: object) -> bool:
        """Check the secret, sent as it is agreed on (RFC 6749 section 2.3.1).

        Raises ClientThrottled after too many wrong ones, InvalidClientError for the
        right one that is sent otherwise.
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
        """Take a public client only by its name."""
        request.client = find_client(request)
        return request.client is not None

    def authenticate_again(self, request: TokenRequest) -> None:
        """Raise InvalidClientError if the client isn't any more what it was.

        For what comes after a hash, which takes long: the client may be disabled
        meanwhile, its secret replaced.
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
        """Whether the client may get tokens in this way."""
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
        """Whether the client may be given all of these.

        Raises InvalidScopeError for none.
        """
        refuse_no_scopes(scopes)
        return set(scopes) <= set(client.default_scopes)

    def get_original_scopes(
        self, refresh_token: str, request: TokenRequest, *args: object
    ) -> list[str]:
        """Return what was granted, without what the client has lost since."""
        granted = request.granted.granted_scopes
        return [s for s in granted if s in request.client.default_scopes]


def refuse_no_scopes(scopes: list[str]) -> None:
    """Raise InvalidScopeError where there is nothing to give (RFC 6749 section 3.3)."""
    if not scopes:
        raise errors.InvalidScopeError("The client may not be granted any scope.")


def secrets_of(client: Row) -> list[bytes]:
    """Return the digests that are right: during a rotation two.

    An unknown client is compared as well, so that it takes the same time.
    """
    if client is None or client.secret_digest is None:
        return [bytes(32)]
    previous = client.previous_secret_digest
    if previous is not None and client.previous_secret_expires > now():
        return [client.secret_digest, previous]
    return [client.secret_digest]


def is_locked(client: Row, request: TokenRequest) -> bool:
    """Whether too many secrets were tried; for a right one it costs no statement."""
    limit: int = request.http.setting("login_attempts")
    return client is not None and (client.tries or 0) >= limit


def count_failure(client: Row, request: TokenRequest, *, locked: bool) -> None:
    """Count a wrong secret; raise ClientThrottled if there were too many."""
    counters = door(request.http, "client", guesser(request))
    wait = count_tries(request.http, counters)
    if wait or locked:
        raise ClientThrottled(wait or 1)
    client_id = client.client_id if client is not None else None
    record(request.http, "client_authentication", FAILURE, client_id=client_id)
    # The attempt was counted; nothing else is written before the client is known.
    request.http.must_commit = True


def uses_agreed_method(client: Row, request: TokenRequest) -> bool:
    used = "client_secret_basic" if request.basic else "client_secret_post"
    return client.token_endpoint_auth_method in {None, used}


def secret(request: TokenRequest) -> str | None:
    """Return the secret that the client has sent, in whichever way."""
    if request.basic is not None:
        password: str = request.basic[1]
        return password
    posted: str | None = request.client_secret
    return posted
