"""How a client gets its token, as the document says.

From the routes that are there: core itself issues none.
"""

from collections.abc import Mapping
from urllib.parse import urlsplit, urlunsplit

from pyramid.interfaces import IRoutesMapper, ISecurityPolicy

from apiserver.core.openapi.operations import Operation
from apiserver.core.registry import Registry
from apiserver.core.typing import Fragment

AUTHORIZE_PATH = "/auth/oauth2/authorize"
TOKEN_PATH = "/auth/oauth2/token"  # noqa: S105 (no token, its endpoint)

# A token that the caller has already.
TOKEN = {
    "type": "apiKey",
    "name": "Authorization",
    "in": "header",
    "description": "`Bearer`, a space and the token.",
}


def security(
    operation: Operation, flows: Mapping[str, Fragment]
) -> list[dict[str, list[str]]]:
    """Return the ways of signing in, any of which will do, each with the scope."""
    if operation.is_public:
        return []
    return [
        {name: operation.scopes if flow["type"] == "oauth2" else []}
        for name, flow in flows.items()
    ]


def flows_of(registry: Registry, script_name: str) -> Fragment:
    """Return the Security Definitions: the ways in which a client can get a token.

    There are none where no feature serves the token endpoint; tokens may come from
    elsewhere. The URLs are absolute, as Swagger 2.0 wants them, on the host that the
    server is known by.
    """
    if not is_served(registry, TOKEN_PATH):
        takes_token = registry.getUtility(ISecurityPolicy).takes_token
        return {"token": TOKEN} if takes_token else {}
    issuer = urlsplit(registry.settings.get("apiserver.issuer", ""))
    base = urlunsplit((issuer.scheme, issuer.netloc, script_name, "", ""))
    token = {
        "type": "oauth2",
        "tokenUrl": base + TOKEN_PATH,
        "scopes": dict(registry.scopes),
    }
    flows = {}
    if registry.settings.get("apiserver.oauth2_password_grant"):
        flows["oauth2_password"] = {**token, "flow": "password"}
    if is_served(registry, AUTHORIZE_PATH):
        code = {"flow": "accessCode", "authorizationUrl": base + AUTHORIZE_PATH}
        flows["oauth2_code"] = {**token, **code}
    flows["oauth2_application"] = {**token, "flow": "application"}
    return flows


def is_served(registry: Registry, path: str) -> bool:
    """Whether there is a route to the path."""
    routes = registry.getUtility(IRoutesMapper).get_routes()
    return any(route.match(path) is not None for route in routes)
