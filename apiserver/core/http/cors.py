"""CORS: which other origins may call the API, and what they may read (Fetch).

Every response of the API has the headers, including errors. Pages for people, whose
routes are declared ``same_origin``, don't allow any (RFC 9700 section 2.6).
"""

import re
from collections.abc import Iterable

from pyramid.config import Configurator
from pyramid.interfaces import IRoutesMapper
from pyramid.tweens import INGRESS

from apiserver.core import settings
from apiserver.core.http.response import METHODS, NO_STORE, Handler, Header, Response
from apiserver.core.http.special import special_at
from apiserver.core.registry import Registry
from apiserver.core.typing import Request

# What browsers send as Origin (RFC 6454 section 7).
_ORIGIN = re.compile(r"null|[a-z][a-z0-9+.-]*://[!-~]+")

# Headers that this package reads or sends; other packages add theirs. Those that
# every page may read are left out.
TAKEN = ("Content-Type", "X-Request-Id")
EXPOSED = (
    "Accept-Encoding",
    "Accept-Patch",
    "Accept-Post",
    "Allow",
    "Location",
    "Retry-After",
    "X-Request-Id",
)


def cors_tween(handler: Handler, registry: Registry) -> Handler:
    """Let pages of allowed origins call the API, and read its responses."""
    allowed = frozenset(registry.settings["apiserver.cors_origins"])

    def cors(request: Request) -> Response:
        response = handler(request)
        if not allowed or special_at(request).same_origin:
            return response
        response.headerlist.append(("Vary", "Origin"))
        origin = request.environ.get("HTTP_ORIGIN")
        if origin is not None and (
            origin in allowed or ("*" in allowed and _ORIGIN.fullmatch(origin))
        ):
            response.headerlist.append(("Access-Control-Allow-Origin", origin))
            response.headerlist += cors_headers(request, response)
        return response

    return cors


def answer_preflight() -> Response:
    """Handle a preflight request, which has no token, before anything else."""
    # Browsers cache it by Access-Control-Max-Age, and nothing else needs to.
    return Response(status=204, headerlist=[NO_STORE])


def is_preflight(request: Request) -> bool:
    """Whether this is a preflight request, outside of the pages for people."""
    return (
        request.method == "OPTIONS"
        and "HTTP_ACCESS_CONTROL_REQUEST_METHOD" in request.environ
        and not special_at(request).same_origin
    )


def cors_headers(request: Request, response: Response) -> list[Header]:
    """Return the headers for an allowed page, besides the allowed origin."""
    if not is_preflight(request) or response.status_int >= 400:
        return [("Access-Control-Expose-Headers", request.registry.exposed_headers)]
    return [
        ("Access-Control-Allow-Methods", ", ".join(methods_at(request))),
        ("Access-Control-Allow-Headers", request.registry.taken_headers),
        ("Access-Control-Max-Age", "600"),
    ]


def methods_at(request: Request) -> Iterable[str]:
    """Return the methods at the path of a request.

    All methods if there is no such path, so that the page can read the 404.
    """
    registry = request.registry
    route = registry.getUtility(IRoutesMapper)(request)["route"]
    if route is None:
        return METHODS
    known = registry.route_methods.get(route.name)
    taken: Iterable[str] = getattr(route.factory, "methods", METHODS)
    return sorted(known or taken, key=METHODS.index)


def add_cors_headers(
    config: Configurator, *, taken: Iterable[str] = (), exposed: Iterable[str] = ()
) -> None:
    """Register headers that pages of other origins may send, or read."""
    config.registry.cors_headers["taken"].update(taken)
    config.registry.cors_headers["exposed"].update(exposed)


def includeme(config: Configurator) -> None:
    config.add_setting("cors_origins", settings.origins)
    registry: Registry = config.registry
    registry.cors_headers = {"taken": set(TAKEN), "exposed": set(EXPOSED)}
    config.add_directive("add_cors_headers", add_cors_headers)
    # The methods of routes whose factory declares none.
    registry.route_methods = {}

    def expose() -> None:
        declared = {
            name
            for service in registry.cornice_services.values()
            for _, _, arguments in service.definitions
            for schema in arguments.get("response_schemas", {}).values()
            for name in schema.headers
        }
        more = {*declared, *registry.common_headers, *registry.occasional_headers}
        exposed, taken = (registry.cors_headers[each] for each in ("exposed", "taken"))
        registry.exposed_headers = ", ".join(sorted(exposed | more))
        registry.taken_headers = ", ".join(sorted(taken))

    config.action("apiserver.cors", expose, order=9998)
    config.add_tween("apiserver.core.http.cors.cors_tween", under=INGRESS)
