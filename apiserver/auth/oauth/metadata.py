"""The metadata for clients: RFC 8414 and RFC 9728.

oauthlib's own metadata lists grants and methods that aren't supported; this lists those
that are enabled. Made once, since it depends only on settings.
"""

import orjson
from pyramid.config import Configurator
from pyramid.security import NO_PERMISSION_REQUIRED
from pyramid.view import view_config

from apiserver.auth.acr import classes_of
from apiserver.core.endpoints import Request
from apiserver.core.http import READING, Response
from apiserver.core.registry import Registry
from apiserver.core.settings import urls
from apiserver.core.typing import Fragment

AUTH_METHODS = ["client_secret_basic", "client_secret_post"]
SERVER = "/.well-known/oauth-authorization-server"
RESOURCE = "/.well-known/oauth-protected-resource"


def server_metadata(registry: Registry) -> Fragment:
    """Return the metadata of the authorization server (RFC 8414 section 2)."""
    issuer = registry.settings["apiserver.issuer"]
    base = f"{issuer}/auth/oauth2"
    acr = list(classes_of(registry).known)
    return {
        "issuer": issuer,
        "authorization_endpoint": f"{base}/authorize",
        "token_endpoint": f"{base}/token",
        "revocation_endpoint": f"{base}/revoke",
        "introspection_endpoint": f"{base}/introspect",
        "scopes_supported": list(registry.scopes),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": sorted(registry.authorization_server.grants),
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": [*AUTH_METHODS, "none"],
        "revocation_endpoint_auth_methods_supported": [*AUTH_METHODS, "none"],
        "introspection_endpoint_auth_methods_supported": AUTH_METHODS,
        "authorization_response_iss_parameter_supported": True,
        # RFC 9470 section 7.
        **({"acr_values_supported": acr} if acr else {}),
    }


def resource_metadata(registry: Registry) -> Fragment:
    """Return the metadata of the API (RFC 9728 section 2)."""
    issuer = registry.settings["apiserver.issuer"]
    return {
        "resource": issuer,
        "authorization_servers": [issuer],
        "scopes_supported": list(registry.scopes),
        "bearer_methods_supported": ["header"],
    }


@view_config(
    route_name="oauth2_metadata",
    request_method="GET",
    permission=NO_PERMISSION_REQUIRED,
)
def get_server_metadata(request: Request) -> Response:
    """Respond with the metadata of the authorization server."""
    return json_document(server_metadata(request.registry))


@view_config(
    route_name="oauth2_resource_metadata",
    request_method="GET",
    permission=NO_PERMISSION_REQUIRED,
)
def get_resource_metadata(request: Request) -> Response:
    """Respond with the metadata of the API."""
    return json_document(resource_metadata(request.registry))


def json_document(document: Fragment) -> Response:
    body = orjson.dumps(document)
    headers = [
        ("Content-Type", "application/json"),
        ("Content-Length", str(len(body))),
        ("Cache-Control", "public, max-age=3600"),
    ]
    return Response(app_iter=[body], headerlist=headers)


def includeme(config: Configurator) -> None:
    """Add the routes; the path of the issuer comes last (RFC 8414 section 3.1)."""
    path = urls.mount_of(config.registry.settings)
    config.add_route("oauth2_metadata", SERVER + path, factory=READING)
    config.add_route("oauth2_resource_metadata", RESOURCE + path, factory=READING)
