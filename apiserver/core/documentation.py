"""The documentation over HTTP: the document, made once at start, and Swagger UI.

It is for anyone, and lies outside of the tree.
"""

import gzip
from importlib import metadata
from typing import Any

import orjson
from pyramid.config import Configurator
from pyramid.events import ApplicationCreated
from pyramid.traversal import DefaultRootFactory

from apiserver.core import settings
from apiserver.core.answers import etag_of
from apiserver.core.descriptions import flowing
from apiserver.core.errors import MethodNotAllowed, NotFound
from apiserver.core.openapi import generate
from apiserver.core.openapi31 import to_openapi31
from apiserver.core.request import Request
from apiserver.core.response import Response

READING = ("GET", "HEAD")

DESCRIPTION = """
Bodies are JSON; `PATCH` takes a JSON Patch (RFC 6902). Lists come by pages: `limit` and
`offset` choose one, the headers `X-Total-Count` and `Link` say how many objects there
are, and where the other pages. A single object has an `ETag`, for `If-None-Match` and
`If-Match`. Every error is a problem document (RFC 9457).

Each operation says who may call it, and which OAuth2 scope the access token needs.
`OPTIONS` answers what you yourself may do.
"""

DOCUMENTS = {"swagger_json": "/swagger.json", "openapi_json": "/openapi.json"}

PAGES = {"documentation": "/", "oauth2_redirect": "/oauth2-redirect"}

# Of the files of Swagger UI those that the page needs.
SWAGGER_UI = {"swagger-ui-bundle.js", "swagger-ui.css", "favicon-32x32.png"}

# Nothing from elsewhere, no script inside of the page, no page around it.
PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


class Document:
    """A document as it is sent: plain or compressed, each with its own entity tag."""

    def __init__(self, document: dict[str, Any]) -> None:
        plain = orjson.dumps(document)
        bodies = {"identity": plain, "gzip": gzip.compress(plain, mtime=0)}
        self.variants = {
            encoding: (body, etag_of(body)) for encoding, body in bodies.items()
        }

    def respond(self, request: Request) -> Response:
        """Answer with the variant that the client prefers, or 304."""
        encoding = preferred_encoding(request, "gzip")
        body, etag = self.variants[encoding]
        response = Response(
            status=200,
            headerlist=[
                ("Content-Type", "application/json"),
                ("Content-Length", str(len(body))),
                ("Cache-Control", "no-cache"),
                ("Vary", "Accept-Encoding"),
                ("ETag", f'"{etag}"'),
            ],
            app_iter=[body],
        )
        if encoding != "identity":
            response.headerlist.append(("Content-Encoding", encoding))
        response.conditional_response = True
        return response


def preferred_encoding(request: Request, encoding: str) -> str:
    """Return the encoding, or ``identity`` where the client didn't ask for it."""
    if "HTTP_ACCEPT_ENCODING" not in request.environ:
        return "identity"
    offers = request.accept_encoding.acceptable_offers([encoding, "identity"])
    return offers[0][0] if offers else "identity"


def reading(request: Request) -> DefaultRootFactory:
    """Refuse methods that could change something; a root factory of routes."""
    if request.method not in READING:
        raise MethodNotAllowed(READING)
    return DefaultRootFactory(request)


def reading_swagger_ui(request: Request) -> DefaultRootFactory:
    """Refuse also the files that the page doesn't need, an editor among them."""
    if "/".join(request.matchdict["subpath"]) not in SWAGGER_UI:
        raise NotFound
    return reading(request)


def document(request: Request) -> Response:
    """Send the document whose name is that of the route."""
    found: Document = request.registry.documents[request.matched_route.name]
    return found.respond(request)


def page(request: Request) -> dict[str, str]:
    """Show Swagger UI, or the page that takes the answer to its sign-in."""
    request.response.headers["Content-Security-Policy"] = PAGE_POLICY
    request.response.headers["Cache-Control"] = "no-cache"
    return {
        "title": request.setting("title"),
        "client_id": request.setting("documentation_client_id"),
    }


def home(request: Request) -> Response:
    """Lead to the documentation."""
    return Response(
        status=303, headerlist=[("Location", request.route_path("documentation"))]
    )


def make_documents(event: ApplicationCreated) -> None:
    """Make the documents, once everything is configured."""
    registry = event.app.registry
    info = {
        "title": registry.settings["apiserver.title"],
        "version": metadata.version("apiserver"),
        "description": flowing(DESCRIPTION),
    }
    registry.swagger = generate(registry, info)
    registry.documents = {
        "swagger_json": Document(registry.swagger),
        "openapi_json": Document(to_openapi31(registry.swagger)),
    }


def includeme(config: Configurator) -> None:
    config.add_setting("title", settings.text, "apiserver")
    # The OAuth2 client that Swagger UI's dialog has filled in.
    config.add_setting("documentation_client_id", settings.text)
    config.include("pyramid_jinja2")

    prefix = config.registry.api_prefix
    config.add_route("home", "/", factory=reading)
    config.add_view(home, route_name="home")
    for name, path in PAGES.items():
        config.add_route(name, prefix + path, factory=reading)
        template = f"apiserver.core:templates/{name}.jinja2"
        config.add_view(page, route_name=name, renderer=template)
    for name, path in DOCUMENTS.items():
        config.add_route(name, prefix + path, factory=reading)
        config.add_view(document, route_name=name)
    for name, path, factory in (
        ("swagger-ui", "swagger_ui:static", reading_swagger_ui),
        ("documentation", "apiserver.core:static", reading),
    ):
        config.add_static_view(name, path, cache_max_age=3600, factory=factory)
    config.add_subscriber(make_documents, ApplicationCreated)
