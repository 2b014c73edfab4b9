"""The document's OAuth2 flows, in which a client gets a token."""

from apiserver.core.registry import Registry
from apiserver.core.typing import Fragment

AUTHORIZE_PATH = "/auth/oauth2/authorize"
TOKEN_PATH = "/auth/oauth2/token"  # noqa: S105 (no token, its endpoint)


def flows(registry: Registry, base: str) -> dict[str, Fragment]:
    """Return the Security Definitions of Swagger 2.0, given the base URL."""
    token = {
        "type": "oauth2",
        "tokenUrl": base + TOKEN_PATH,
        "scopes": dict(registry.scopes),
    }
    code = {"flow": "accessCode", "authorizationUrl": base + AUTHORIZE_PATH}
    known = {"oauth2_code": {**token, **code}}
    if registry.settings["apiserver.oauth2_password_grant"]:
        known["oauth2_password"] = {**token, "flow": "password"}
    return {**known, "oauth2_application": {**token, "flow": "application"}}
