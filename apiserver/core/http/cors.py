"""Pages of other origins: which may call the API, and what they may read (Fetch).

Every response of the API says so, errors of any kind as well. Pages for people, whose
routes are declared ``same_origin``, are for no other page (RFC 9700 section 2.6).
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
    """Let the pages of allowed origins call the API, and read its responses."""
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
    """Handle a preflight request: it comes without a token, before anything else."""
    # Browsers keep it by Access-Control-Max-Age, nobody else needs it.
    return Response(status=204, headerlist=[NO_STORE])


def is_preflight(request: Request) -> bool:
    """Whether a browser asks what a page may do, outside of the pages for people."""
    return (
        request.method == "OPTIONS"
        and "HTTP_ACCESS_CONTROL_REQUEST_METHOD" in request.environ
        and not special_at(request).same_origin
    )


def cors_headers(request: Request, response: Response) -> list[Header]:
    """Return what an allowed page is told, besides that it is allowed."""
    if not is_preflight(request) or response.status_int >= 400:
        return [("Access-Control-Expose-Headers", request.registry.exposed_headers)]
    return [
        ("Access-Control-Allow-Methods", ", ".join(methods_at(request))),
        ("Access-Control-Allow-Headers", request.registry.taken_headers),
        ("Access-Control-Max-Age", "600"),
    ]


def methods_at(request: Request) -> Iterable[str]:
    """Return the methods that there are at the path of a request.

    Where there is nothing, all: so that the page gets to know just that.
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
    """Name headers that pages of other origins may send, and that they may read."""
    config.registry.cors_headers["taken"].update(taken)
    config.registry.cors_headers["exposed"].update(exposed)


def includeme(config: Configurator) -> None:
    config.add_setting("cors_origins", settings.origins)
    registry: Registry = config.registry
    registry.cors_headers = {"taken": set(TAKEN), "exposed": set(EXPOSED)}
    config.add_directive("add_cors_headers", add_cors_headers)
    # Of routes whose factory doesn't know them.
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
