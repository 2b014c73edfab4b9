"""The document's security definitions: how a client gets a token.

The feature that issues tokens registers them; core itself issues none.
"""

from collections.abc import Callable, Mapping
from urllib.parse import urlsplit, urlunsplit

from pyramid.config import Configurator
from pyramid.interfaces import ISecurityPolicy

from apiserver.core.openapi.operations import Operation
from apiserver.core.registry import Registry
from apiserver.core.typing import Fragment

# Makes the Security Definitions, given the registry and the server's URL.
SignIn = Callable[[Registry, str], dict[str, Fragment]]

# A token from elsewhere.
TOKEN = {
    "type": "apiKey",
    "name": "Authorization",
    "in": "header",
    "description": "`Bearer`, a space and the token.",
}


def security(
    operation: Operation, flows: Mapping[str, Fragment]
) -> list[dict[str, list[str]]]:
    """Return the alternative security requirements, each with the scope."""
    if operation.is_public:
        return []
    return [
        {name: operation.scopes if flow["type"] == "oauth2" else []}
        for name, flow in flows.items()
    ]


def flows_of(registry: Registry, script_name: str) -> Fragment:
    """Return the Security Definitions: the ways in which a client can get a token.

    There are none unless a feature registers some; tokens may come from elsewhere. The
    URLs are absolute, as Swagger 2.0 requires, on the server's public host.
    """
    if registry.sign_in is None:
        takes_token = registry.getUtility(ISecurityPolicy).takes_token
        return {"token": TOKEN} if takes_token else {}
    issuer = urlsplit(registry.settings.get("apiserver.issuer", ""))
    base = urlunsplit((issuer.scheme, issuer.netloc, script_name, "", ""))
    return registry.sign_in(registry, base)


def add_sign_in(config: Configurator, flows: SignIn) -> None:
    """Register the function that makes the Security Definitions."""
    config.registry.sign_in = flows


def includeme(config: Configurator) -> None:
    config.registry.sign_in = None
    config.add_directive("add_sign_in", add_sign_in)
