"""The access log, a line for each request: the logger ``apiserver.access``.

It omits query, body and headers, which may contain secrets.
"""

import logging
import time

from pyramid.config import Configurator
from pyramid.tweens import INGRESS

from apiserver.core import settings
from apiserver.core.endpoints import Request
from apiserver.core.http import Handler, Response
from apiserver.core.registry import Registry

log = logging.getLogger("apiserver.access")


def access_log_tween(handler: Handler, registry: Registry) -> Handler:
    """Log the response, the caller, and the duration."""

    def logged(request: Request) -> Response:
        start = time.perf_counter()
        response = handler(request)
        fields = describe(request, response.status_int)
        trace_id = vars(request).get("trace_id")
        if trace_id is not None:
            fields["trace_id"] = trace_id
        fields["duration_ms"] = round((time.perf_counter() - start) * 1000, 1)
        log.info("%(method)s %(path)s %(status)s %(duration_ms)s", fields, extra=fields)
        return response

    return logged


def describe(request: Request, status: int) -> dict[str, object]:
    """Return the caller and the operation, without looking anything up."""
    identity = vars(request).get("identity")
    return {
        "request_id": request.request_id,
        "method": request.method,
        "path": request.environ.get("SCRIPT_NAME", "") + request.environ["PATH_INFO"],
        "route": route_of(request),
        "status": status,
        "address": request.address,
        "user_id": identity.user_id if identity else None,
        "client_id": identity.client_id if identity else None,
    }


def route_of(request: Request) -> str | None:
    """Return the pattern of the matched route, of which there are few."""
    route = getattr(request, "matched_route", None)
    return f"/{route.pattern.lstrip('/')}" if route is not None else None


def includeme(config: Configurator) -> None:
    config.add_setting("access_log", settings.boolean, "false")
    if config.registry.settings["apiserver.access_log"]:
        config.add_tween("apiserver.ops.access_log.access_log_tween", under=INGRESS)
