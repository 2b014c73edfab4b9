"""Composes and wraps oauthlib's grants, to avoid its pitfalls.

oauthlib gets only allowed parameters, since it would turn every parameter into an
attribute; every exception becomes the JSON of RFC 6749 section 5.2.
"""

import logging
import re
from collections.abc import Mapping, Set
from datetime import timedelta
from typing import Any, Unpack

from oauthlib.oauth2 import BearerToken, RevocationEndpoint
from oauthlib.oauth2.rfc6749 import errors
from oauthlib.oauth2.rfc6749.grant_types import (
    AuthorizationCodeGrant,
    ClientCredentialsGrant,
    RefreshTokenGrant,
    ResourceOwnerPasswordCredentialsGrant,
)

from apiserver.auth.oauth.authorization import (
    PARAMETERS,
    check_strictly,
    repeated,
)
from apiserver.auth.oauth.introspection import introspect
from apiserver.auth.oauth.statements import INSERT_CODE, insert_grant
from apiserver.auth.oauth.token_request import Context, SignIn, TokenRequest
from apiserver.auth.oauth.validator import Validator
from apiserver.auth.tokens import ACCESS, CODE, REFRESH, digest, make_token
from apiserver.core.db import now
from apiserver.core.endpoints import Request
from apiserver.core.typing import Fragment, Row

# Its debug messages contain tokens.
logging.getLogger("oauthlib").setLevel(logging.INFO)

CREDENTIALS = ("client_id", "client_secret")
TOKEN_PARAMETERS = {
    "authorization_code": (
        "grant_type",
        "code",
        "redirect_uri",
        "code_verifier",
        *CREDENTIALS,
    ),
    "password": ("grant_type", "username", "password", "scope", *CREDENTIALS),
    "refresh_token": ("grant_type", "refresh_token", "scope", *CREDENTIALS),
    "client_credentials": ("grant_type", "scope", *CREDENTIALS),
}
PRESENTED_TOKEN = ("token", "token_type_hint", *CREDENTIALS)

_SCOPE = re.compile(r"[\x21\x23-\x5b\x5d-\x7e ]*")


class AuthorizationServer:
    """Issues and revokes tokens.

    The methods take the parameters of the request, and in ``context`` what else the
    Validator needs. They raise ``errors.OAuth2Error``.
    """

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self.validator = Validator(settings)
        self.grants: dict[str, Any] = {
            "authorization_code": AuthorizationCodeGrant(
                self.validator, pre_auth=[check_strictly]
            ),
            "client_credentials": ClientCredentialsGrant(self.validator),
            "refresh_token": RefreshTokenGrant(self.validator),
        }
        if settings["apiserver.oauth2_password_grant"]:
            self.grants["password"] = ResourceOwnerPasswordCredentialsGrant(
                self.validator
            )
        self.code_lifetime = timedelta(
            seconds=settings["apiserver.oauth2_code_lifetime"]
        )
        self.bearer = BearerToken(
            self.validator,
            token_generator=lambda request: make_token(ACCESS),
            refresh_token_generator=lambda request: make_token(REFRESH),
            expires_in=settings["apiserver.oauth2_access_token_lifetime"],
        )
        self.revocation = RevocationEndpoint(self.validator)
        self.issuer = settings["apiserver.issuer"]

    def issue_token(
        self, parameters: Mapping[str, str], **context: Unpack[Context]
    ) -> tuple[int, str]:
        """Handle a token request: status and JSON (RFC 6749 section 5)."""
        grant_type = parameters.get("grant_type")
        if grant_type is None:
            raise errors.InvalidRequestError("Missing grant_type parameter.")
        grant = self.grants.get(grant_type)
        if grant is None:
            raise errors.UnsupportedGrantTypeError
        request = make_request(parameters, TOKEN_PARAMETERS[grant_type], context)
        if not _SCOPE.fullmatch(request.scope or ""):
            raise errors.InvalidScopeError
        _, body, status = grant.create_token_response(request, self.bearer)
        return int(status or 500), str(body)

    def revoke_token(
        self, parameters: Mapping[str, str], **context: Unpack[Context]
    ) -> None:
        """Revoke a token (RFC 7009); ignore an unknown one."""
        request = make_request(parameters, PRESENTED_TOKEN, context)
        self.revocation.validate_revocation_request(request)
        self.validator.revoke_token(request.token, request.token_type_hint, request)

    def introspect_token(
        self, parameters: Mapping[str, str], **context: Unpack[Context]
    ) -> Fragment:
        """Introspect a token (RFC 7662)."""
        request = make_request(parameters, PRESENTED_TOKEN, context)
        self.revocation.validate_revocation_request(request)
        return introspect(request, issuer=self.issuer)

    def authorization_request(
        self, http: Request, pairs: list[tuple[str, str]]
    ) -> TokenRequest:
        """Make the request from the query of an authorization request.

        Raises InvalidClientIdError if the client can't be identified.
        """
        again = repeated(pairs)
        if again & {"client_id", "redirect_uri"}:
            raise errors.InvalidClientIdError
        context = Context(db=http.db, basic=None, http=http)
        return make_request(dict(pairs), PARAMETERS, context, again)

    def validate_authorization(self, request: TokenRequest) -> None:
        """Validate an authorization request, and set its client and scopes.

        Raises FatalClientError if client or redirect URI is invalid.
        """
        self.grants["authorization_code"].validate_authorization_request(request)

    def issue_code(self, request: TokenRequest, session: Row) -> str:
        """Store the user's grant, and return its code.

        The grant records when and how they have signed in to the browser session.
        """
        request.user, request.grant_type = session.user, "authorization_code"
        request.sign_in = SignIn(session.auth_time, session.amr)
        granted = insert_grant(request, now() + self.validator.absolute)
        code = make_token(CODE)
        values = {
            "digest": digest(code),
            "grant_id": granted.grant_id,
            "redirect_uri": request.parameters.get("redirect_uri"),
            "code_challenge": request.code_challenge,
            "expires": now() + self.code_lifetime,
        }
        request.db.run(INSERT_CODE, values)
        return code


def make_request(
    parameters: Mapping[str, str],
    allowed: tuple[str, ...],
    context: Context,
    repeated: Set[str] = frozenset(),
) -> TokenRequest:
    """Make oauthlib's request, from allowed parameters."""
    values = {name: parameters[name] for name in allowed if name in parameters}
    return TokenRequest(values, context, repeated)
