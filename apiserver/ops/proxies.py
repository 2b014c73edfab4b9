"""The headers of trusted proxies, and the path at which the server is mounted.

``X-Forwarded-For``, ``-Proto``, ``-Host`` and ``-Port`` are the caller's address and
URL; ``X-Forwarded-Prefix`` is the path below which the proxy serves this server, and
which it has removed from the URL. ``X-Request-Id`` is the request's id in the proxy's
log. All web servers behave the same, although each handles these headers differently.
"""

import re
from wsgiref.types import WSGIEnvironment

from pyramid.config import Configurator
from pyramid.tweens import INGRESS
from waitress.proxy_headers import MalformedProxyHeader, parse_proxy_headers

from apiserver.core.endpoints import Request
from apiserver.core.http import MALFORMED, Handler, Response, parse_address
from apiserver.core.registry import Registry
from apiserver.core.settings import urls
from apiserver.ops.addresses import is_in, networks

HEADERS = {f"x-forwarded-{name}" for name in ("for", "proto", "host", "port")}
# The environ key of requests from a trusted proxy.
FROM_PROXY = "apiserver.from_proxy"
_REQUEST_ID = re.compile(r"[0-9a-f]{32}")
_PREFIX = re.compile(r"(/[A-Za-z0-9._~-]+)*")


def proxies_tween(handler: Handler, registry: Registry) -> Handler:
    """Apply the headers of the nearest proxy, if it is trusted."""
    trusted = registry.settings["apiserver.trusted_proxies"]

    def forwarded(request: Request) -> Response:
        environ = request.environ
        # A retried request has the headers applied to its environ already.
        if FROM_PROXY not in environ and is_in(request.address, trusted):
            environ[FROM_PROXY] = True
            try:
                spell_address(environ)
                parse_proxy_headers(environ, 1, HEADERS)
                take_prefix(environ)
            except MalformedProxyHeader as error:
                # Rejected where the response gets the common headers.
                environ[MALFORMED] = f"The header {error.header} is malformed."
        if FROM_PROXY in environ:
            take_request_id(request)
        return handler(request)

    return forwarded


def spell_address(environ: WSGIEnvironment) -> None:
    """Write the caller's address in waitress's format.

    Of several the last one counts, since the caller may have sent the others. Raises
    MalformedProxyHeader if it is invalid: it would be the same for everyone.
    """
    header: str = environ.get("HTTP_X_FORWARDED_FOR", "")
    if not header.strip():
        return
    last = header.rpartition(",")[2].strip()
    address = parse_address(last.removeprefix('"').removesuffix('"'))
    if address is None:
        raise MalformedProxyHeader("X-Forwarded-For", "no address", header)
    spelled = f"[{address}]" if address.version == 6 else str(address)
    environ["HTTP_X_FORWARDED_FOR"] = spelled


def mount_tween(handler: Handler, registry: Registry) -> Handler:
    """Mount the server at the issuer's path, unless web server or proxy set one."""
    mount = urls.mount_of(registry.settings)

    def mounted(request: Request) -> Response:
        if not request.environ.get("SCRIPT_NAME"):
            request.environ["SCRIPT_NAME"] = mount
        return handler(request)

    return mounted


def take_prefix(environ: WSGIEnvironment) -> None:
    """Set SCRIPT_NAME (PEP 3333); raise MalformedProxyHeader."""
    prefix = environ.get("HTTP_X_FORWARDED_PREFIX", "").rstrip("/")
    if not _PREFIX.fullmatch(prefix):
        raise MalformedProxyHeader("X-Forwarded-Prefix", "no plain path", prefix)
    environ["SCRIPT_NAME"] = prefix + environ.get("SCRIPT_NAME", "")


def take_request_id(request: Request) -> None:
    """Take the proxy's request id, if it sends one."""
    request_id = request.environ.get("HTTP_X_REQUEST_ID", "")
    if _REQUEST_ID.fullmatch(request_id):
        request.request_id = request_id


def includeme(config: Configurator) -> None:
    config.add_setting("trusted_proxies", networks)
    if urls.mount_of(config.registry.settings):
        config.add_tween("apiserver.ops.proxies.mount_tween", under=INGRESS)
    if config.registry.settings["apiserver.trusted_proxies"]:
        config.add_tween("apiserver.ops.proxies.proxies_tween", under=INGRESS)
