"""How a client gets its token, as the document says.

As the feature says that issues tokens: core itself issues none.
"""

from collections.abc import Callable, Mapping
from urllib.parse import urlsplit, urlunsplit

from pyramid.config import Configurator
from pyramid.interfaces import ISecurityPolicy

from apiserver.core.openapi.operations import Operation
from apiserver.core.registry import Registry
from apiserver.core.typing import Fragment

# What makes the Security Definitions, of the registry and the server's URL.
SignIn = Callable[[Registry, str], dict[str, Fragment]]

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

    There are none where no feature registers any; tokens may come from elsewhere. The
    URLs are absolute, as Swagger 2.0 wants them, on the host that the server is known
    by.
    """
    if registry.sign_in is None:
        takes_token = registry.getUtility(ISecurityPolicy).takes_token
        return {"token": TOKEN} if takes_token else {}
    issuer = urlsplit(registry.settings.get("apiserver.issuer", ""))
    base = urlunsplit((issuer.scheme, issuer.netloc, script_name, "", ""))
    return registry.sign_in(registry, base)


def add_sign_in(config: Configurator, flows: SignIn) -> None:
    """Register what makes the Security Definitions, of registry and base URL."""
    config.registry.sign_in = flows


def includeme(config: Configurator) -> None:
    config.registry.sign_in = None
    config.add_directive("add_sign_in", add_sign_in)
