"""Errors of OAuth2, as tests expect them whole (RFC 6749 section 5.2)."""


def oauth_error(error: str, description: str) -> dict[str, str]:
    return {"error": error, "error_description": description}


def invalid_request(description: str) -> dict[str, str]:
    return oauth_error("invalid_request", description)


def invalid_grant(description: str) -> dict[str, str]:
    return oauth_error("invalid_grant", description)


INVALID_CLIENT = oauth_error(
    "invalid_client", "The client is unknown or disabled, or its secret is incorrect."
)
MALFORMED_BASIC = oauth_error(
    "invalid_client", "The Authorization header is malformed."
)
INVALID_SCOPE = oauth_error(
    "invalid_scope", "The client may not be granted all of this scope."
)
NO_SCOPE = oauth_error("invalid_scope", "The client may not be granted any scope.")
UNAUTHORIZED_CLIENT = oauth_error(
    "unauthorized_client", "The client may not use this grant type."
)
UNSUPPORTED_GRANT = oauth_error(
    "unsupported_grant_type", "The grant type is unknown or disabled."
)
OTHERS_TOKEN = oauth_error(
    "unauthorized_client", "The token belongs to another client."
)

UNKNOWN_REFRESH = invalid_grant("The refresh token is unknown.")
USED_REFRESH = invalid_grant(
    "The refresh token has already been used; its grant is revoked."
)
EXPIRED_REFRESH = invalid_grant("The refresh token has expired.")
ENDED_GRANT = invalid_grant("The grant has ended.")
