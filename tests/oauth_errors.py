"""Errors of OAuth2, as tests expect them whole (RFC 6749 section 5.2)."""


def oauth_error(error: str, description: str) -> dict[str, str]:
    return {"error": error, "error_description": description}


def invalid_request(description: str) -> dict[str, str]:
    return oauth_error("invalid_request", description)


def invalid_grant(description: str) -> dict[str, str]:
    return oauth_error("invalid_grant", description)


INVALID_CLIENT = oauth_error(
    "invalid_client", "The client is unknown or disabled, or its secret is wrong."
)
MALFORMED_BASIC = oauth_error(
    "invalid_client", "The Authorization header is malformed."
)
INVALID_SCOPE = oauth_error(
    "invalid_scope", "The client may not be given all of this scope."
)
NO_SCOPE = oauth_error("invalid_scope", "The client may not be given any scope.")
UNAUTHORIZED_CLIENT = oauth_error(
    "unauthorized_client", "The client may not use this grant."
)
UNSUPPORTED_GRANT = oauth_error(
    "unsupported_grant_type", "There is no such grant, or it is switched off."
)
OTHERS_TOKEN = oauth_error("unauthorized_client", "The token is another client's.")

UNKNOWN_REFRESH = invalid_grant("There is no such refresh token.")
USED_REFRESH = invalid_grant(
    "The refresh token was used before; all of its grant has ended."
)
EXPIRED_REFRESH = invalid_grant("The refresh token has expired.")
ENDED_GRANT = invalid_grant("The grant has ended.")
