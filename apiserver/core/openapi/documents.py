"""Serves the documents, Swagger 2.0 and OpenAPI 3.1, which are made at start-up.

They are public, and outside of the tree.
"""

from functools import lru_cache
from importlib import metadata

import orjson
from pyramid.config import Configurator
from pyramid.events import ApplicationCreated
from pyramid.security import NO_PERMISSION_REQUIRED

from apiserver.core import settings
from apiserver.core.endpoints.request import Request
from apiserver.core.http.methods import READING
from apiserver.core.http.response import Response
from apiserver.core.openapi.descriptions import flowing
from apiserver.core.openapi.generator import generate
from apiserver.core.openapi.openapi31 import to_openapi31
from apiserver.core.openapi.variants import Variants
from apiserver.core.registry import Registry
from apiserver.core.settings import urls
from apiserver.core.typing import Fragment

DESCRIPTION = """
Bodies are JSON; `PATCH` takes a JSON Patch (RFC 6902). Lists are paginated: `limit` and
`offset` select a page, and the headers `X-Total-Count` and `Link` give the number of
objects and the URLs of the other pages. To read a whole list, start without `offset`
and follow the `next` links: they hold cursors, so every page is as fast as the first.
Single objects have an `ETag`, for `If-None-Match` and `If-Match`. Every error is a
problem document (RFC 9457).

Unknown fields and query parameters are rejected (422); only `OPTIONS` accepts any
query. A JSON Patch may have no operations: nothing changes.

Datetimes follow RFC 3339, with any UTC offset, whose colon is optional; in a query,
write `+` as `%2B`. They are kept to the microsecond, further digits are dropped, and
answered in UTC; there are no leap seconds. Integers may be written as `2.0`.

Strings must not contain control or other invisible characters (joiners in words and
emoji are allowed), and must not be only whitespace. Names and addresses must not begin
or end with whitespace.

Each operation says who may call it, and which OAuth2 scope the access token needs.
`OPTIONS` tells what you yourself may do.
"""

DOCUMENTS = {"swagger_json": "/swagger.json", "openapi_json": "/openapi.json"}

# An application is mounted at one or a few paths.
MOST_MOUNTS = 8


def variants_of(document: Fragment) -> Variants:
    return Variants(orjson.dumps(document), "application/json")


def document(request: Request) -> Response:
    """Send the document with the route's name."""
    documents = request.registry.documents_at(request.script_name)
    found: Variants = documents[request.matched_route.name]
    return found.respond(request)


def make_documents(event: ApplicationCreated) -> None:
    """Make the documents when the configuration is complete."""
    registry = event.app.registry
    info = {
        "title": registry.settings["apiserver.title"],
        "version": metadata.version("apiserver"),
        "description": flowing(DESCRIPTION),
    }

    @lru_cache(MOST_MOUNTS)
    def swagger_at(script_name: str) -> Fragment:
        """Return the document of the application mounted at a path."""
        return generate(registry, info, script_name)

    @lru_cache(MOST_MOUNTS)
    def documents_at(script_name: str) -> dict[str, Variants]:
        swagger = swagger_at(script_name)
        return {
            "swagger_json": variants_of(swagger),
            "openapi_json": variants_of(to_openapi31(swagger)),
        }

    registry.swagger_at, registry.documents_at = swagger_at, documents_at
    # Commands don't serve it; the few that need it call own_document.
    if registry.at_start:
        documents_at(urls.mount_of(registry.settings))


def own_document(registry: Registry) -> Fragment:
    """Return the Swagger 2.0 document of the application, with its issuer's URL."""
    return registry.swagger_at(urls.mount_of(registry.settings))


def includeme(config: Configurator) -> None:
    # Whether a command runs is set later.
    config.registry.is_command, config.registry.at_start = False, True
    config.include(".sign_in")
    config.add_setting("title", settings.name, "apiserver")
    for name, path in DOCUMENTS.items():
        config.add_route(name, config.registry.api_prefix + path, factory=READING)
        config.add_view(document, route_name=name, permission=NO_PERMISSION_REQUIRED)
    config.add_subscriber(make_documents, ApplicationCreated)
