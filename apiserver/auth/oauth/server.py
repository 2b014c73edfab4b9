"""oauthlib's grants, composed by hand and wrapped: each of its traps is closed here.

It is handed an allow-list of parameters, since it makes attributes of whatever is
posted; every exception becomes the JSON of RFC 6749 section 5.2.
"""

import logging
import re
from collections.abc import Mapping
from typing import Any

from oauthlib.common import Request as OAuthRequest
from oauthlib.oauth2 import BearerToken, RevocationEndpoint
from oauthlib.oauth2.rfc6749 import errors
from oauthlib.oauth2.rfc6749.grant_types import (
    ClientCredentialsGrant,
    RefreshTokenGrant,
    ResourceOwnerPasswordCredentialsGrant,
)

from apiserver.auth.oauth.validator import Validator
from apiserver.auth.tokens import ACCESS, REFRESH, make_token

# Its debug messages hold tokens.
logging.getLogger("oauthlib").setLevel(logging.INFO)

CREDENTIALS = ("client_id", "client_secret")
TOKEN_PARAMETERS = {
    "password": ("grant_type", "username", "password", "scope", *CREDENTIALS),
    "refresh_token": ("grant_type", "refresh_token", "scope", *CREDENTIALS),
    "client_credentials": ("grant_type", "scope", *CREDENTIALS),
}
REVOCATION_PARAMETERS = ("token", "token_type_hint", *CREDENTIALS)

_SCOPE = re.compile(r"[\x21\x23-\x5b\x5d-\x7e ]*")


class AuthorizationServer:
    """Issues and revokes tokens.

    The methods take the parameters of the request; ``context`` has what the Validator
    needs besides. They raise ``errors.OAuth2Error``.
    """

    def __init__(self, settings: dict[str, Any]) -> None:
        self.validator = Validator(settings)
        self.grants = {
            "client_credentials": ClientCredentialsGrant(self.validator),
            "refresh_token": RefreshTokenGrant(self.validator),
        }
        if settings["apiserver.oauth2_password_grant"]:
            self.grants["password"] = ResourceOwnerPasswordCredentialsGrant(
                self.validator
            )
        self.bearer = BearerToken(
            self.validator,
            token_generator=lambda request: make_token(ACCESS),
            refresh_token_generator=lambda request: make_token(REFRESH),
            expires_in=settings["apiserver.oauth2_access_token_lifetime"],
        )
        self.revocation = RevocationEndpoint(self.validator)

    def issue_token(
        self, parameters: Mapping[str, str], **context: Any
    ) -> tuple[int, str]:
        """Answer a token request: status and JSON (RFC 6749 section 5)."""
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

    def revoke_token(self, parameters: Mapping[str, str], **context: Any) -> None:
        """Revoke a token (RFC 7009); nothing happens for an unknown one."""
        request = make_request(parameters, REVOCATION_PARAMETERS, context)
        self.revocation.validate_revocation_request(request)
        self.validator.revoke_token(request.token, request.token_type_hint, request)


def make_request(
    parameters: Mapping[str, str], allowed: tuple[str, ...], context: dict[str, Any]
) -> Any:
    """Make the request that oauthlib sees."""
    values = {name: parameters[name] for name in allowed if name in parameters}
    if "scope" in values:
        values["scope"] = " ".join(values["scope"].split(" ")).strip()
    request = OAuthRequest("/", "POST", body=values)
    request.user = None
    for name, value in context.items():
        setattr(request, name, value)
    if request.basic is not None:
        name = request.basic[0]
        if request.client_secret or request.client_id not in {None, name}:
            raise errors.InvalidRequestError("Two ways of client authentication.")
        request.client_id = name
    return request
