"""The Validator's methods for authorization codes (RFC 6749 section 4.1, RFC 7636).

``request`` is oauthlib's; ``request.granted`` becomes the row of code and grant.
"""

# oauthlib passes the TokenRequest that it gets.
# mypy: disable-error-code="override"

import re
from collections.abc import Mapping
from typing import Any

from oauthlib.oauth2 import RequestValidator
from oauthlib.oauth2.rfc6749 import errors
from oauthlib.oauth2.rfc6749.grant_types.authorization_code import (
    code_challenge_method_s256,
)
from sqlalchemy import bindparam, exists, select, update

from apiserver.auth.browser import (
    is_documentation,
    is_registered,
    may_be_registered,
)
from apiserver.auth.models import OAuth2Code, OAuth2Grant
from apiserver.auth.oauth.statements import NOW, find_client, revoke
from apiserver.auth.oauth.token_request import TokenRequest
from apiserver.auth.policy import live
from apiserver.auth.tokens import digest
from apiserver.core.audit import FAILURE
from apiserver.core.db import now
from apiserver.core.typing import Row
from apiserver.users.models import User

GRANT_ENDED = "The grant has ended."
VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")
CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")

CODE = (
    select(
        OAuth2Code.redirect_uri,
        OAuth2Code.code_challenge,
        OAuth2Code.consumed,
        OAuth2Code.expires,
        OAuth2Grant.id.label("grant_id"),
        OAuth2Grant.client_id,
        OAuth2Grant.granted_scopes,
        OAuth2Grant.absolute_expires,
        User.id.label("user_id"),
        User.epoch,
    )
    .join(OAuth2Grant, OAuth2Grant.id == OAuth2Code.grant_id)
    .join(User, User.id == OAuth2Grant.user_id)
    .where(OAuth2Code.digest == bindparam("code_digest"))
)

# The statement that decides who uses a code: of concurrent requests, one updates.
CONSUME = (
    update(OAuth2Code)
    .where(
        OAuth2Code.digest == bindparam("code_digest"),
        OAuth2Code.consumed.is_(None),
        OAuth2Code.expires > NOW,
        exists(
            live(select(OAuth2Grant.id)).where(OAuth2Grant.id == OAuth2Code.grant_id)
        ),
    )
    .values(consumed=NOW)
    .execution_options(synchronize_session=False)
)


class CodeValidator(RequestValidator):
    """Validates redirect URIs and codes."""

    def validate_client_id(
        self, client_id: str, request: TokenRequest, *args: object
    ) -> bool:
        request.client = find_client(request)
        return request.client is not None

    def validate_redirect_uri(
        self, client_id: str, redirect_uri: str, request: TokenRequest, *args: object
    ) -> bool:
        """Whether the client has registered it; the documentation's own needn't be."""
        client, http = request.client, request.http
        native = client.client_type == "public"
        if is_registered(redirect_uri, client.redirect_uris, native=native):
            return True
        documents = client.client_id == http.setting("documentation_client_id")
        return documents and is_documentation(redirect_uri, http)

    def get_default_redirect_uri(
        self, client_id: str, request: TokenRequest, *args: object
    ) -> str:
        """Return the only registered one, or an empty string."""
        if hasattr(request, "granted"):
            # Without effect at the token endpoint, where confirm_redirect_uri decides.
            return "omitted"
        uris = request.client.redirect_uris
        return uris[0] if len(uris) == 1 and may_be_registered(uris[0]) else ""

    def validate_response_type(
        self,
        client_id: str,
        response_type: str,
        client: Row,
        request: TokenRequest,
        *args: object,
    ) -> bool:
        return "authorization_code" in client.grant_types

    def is_pkce_required(self, client_id: str, request: TokenRequest) -> bool:
        return True

    def validate_code(
        self,
        client_id: str,
        code: str,
        client: Row,
        request: TokenRequest,
        *args: object,
    ) -> bool:
        """Use the code; a second use revokes its grant (RFC 6749 section 4.1.2).

        A wrong verifier uses up the code, too, so that it can't be guessed.
        """
        parameters = {"code_digest": digest(code), "now": now()}
        row = request.db.row(CODE, parameters)
        if row is None or row.client_id != client.id:
            raise errors.InvalidGrantError("The code is unknown.")
        if request.db.run(CONSUME, parameters) != 1:
            raise errors.InvalidGrantError(why_not(request, parameters))
        request.http.must_commit = True
        request.granted = row
        request.user = row
        request.scopes = [s for s in row.granted_scopes if s in client.default_scopes]
        return True

    def confirm_redirect_uri(
        self,
        client_id: str,
        code: str,
        redirect_uri: str,
        client: Row,
        request: TokenRequest,
        *args: object,
    ) -> bool:
        """Compare it with that of the authorization request, if any."""
        given = None if request.using_default_redirect_uri else redirect_uri
        if given != request.granted.redirect_uri:
            raise errors.InvalidGrantError("The redirect_uri does not match.")
        return True

    def get_code_challenge(self, code: str, request: TokenRequest) -> str:
        """Return the challenge of the code, never one from the request.

        A wrong verifier is rejected here: oauthlib would fail on one that RFC 7636
        section 4.1 doesn't allow.
        """
        if request.code_verifier is None:
            raise errors.InvalidGrantError("The code_verifier is missing.")
        if not VERIFIER.fullmatch(request.code_verifier):
            raise errors.InvalidGrantError("The code_verifier is malformed.")
        if not verifies(request, request.granted):
            raise errors.InvalidGrantError("The code_verifier does not match.")
        challenge: str = request.granted.code_challenge
        return challenge

    def get_code_challenge_method(self, code: str, request: TokenRequest) -> str:
        return "S256"

    def invalidate_authorization_code(
        self, client_id: str, code: str, request: TokenRequest, *args: object
    ) -> None:
        """Do nothing: the code was used when it was validated."""


def verifies(request: TokenRequest, row: Row) -> bool:
    verifier = request.code_verifier or ""
    return VERIFIER.fullmatch(verifier) is not None and code_challenge_method_s256(
        verifier, row.code_challenge
    )


def why_not(request: TokenRequest, parameters: Mapping[str, Any]) -> str:
    """Return why a code is invalid; if it was used before, revoke the grant.

    A public client must prove its identity by the verifier; otherwise anyone who has
    seen the code could revoke the grant.
    """
    row = request.db.row(CODE, parameters)
    if row is None:
        return "The code is unknown."
    if row.consumed is not None:
        if request.client.client_type != "public" or verifies(request, row):
            revoke(request, row, "code_reuse", FAILURE)
            request.http.must_commit = True
        return "The code has already been used."
    expired = row.expires <= parameters["now"]
    return "The code has expired." if expired else GRANT_ENDED
