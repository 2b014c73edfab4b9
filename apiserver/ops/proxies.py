"""Where the server is mounted, and what trusted proxies say of a request.

``X-Forwarded-For``, ``-Proto``, ``-Host`` and ``-Port`` say who called what, and
``X-Forwarded-Prefix`` below which path the proxy has put the server: ``/prefix``, which
it has cut from the URL. ``X-Request-Id`` is how its own log calls the request. It is
the same under every web server, none of which agrees with another about these headers.
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
# In the environ of what came by a trusted proxy.
FROM_PROXY = "apiserver.from_proxy"
_REQUEST_ID = re.compile(r"[0-9a-f]{32}")
_PREFIX = re.compile(r"(/[A-Za-z0-9._~-]+)*")


def proxies_tween(handler: Handler, registry: Registry) -> Handler:
    """Believe the nearest proxy, and nobody else."""
    trusted = registry.settings["apiserver.trusted_proxies"]

    def forwarded(request: Request) -> Response:
        environ = request.environ
        # A request that is tried again has the environ that was made of its headers.
        if FROM_PROXY not in environ and is_in(request.address, trusted):
            environ[FROM_PROXY] = True
            try:
                spell_address(environ)
                parse_proxy_headers(environ, 1, HEADERS)
                take_prefix(environ)
            except MalformedProxyHeader as error:
                # Refused where the response gets the headers of every response.
                environ[MALFORMED] = f"The header {error.header} is malformed."
        if FROM_PROXY in environ:
            take_request_id(request)
        return handler(request)

    return forwarded


def spell_address(environ: WSGIEnvironment) -> None:
    """Spell the caller's address as waitress reads all of them.

    Of several the last one: the others are a caller's word. Raises MalformedProxyHeader
    where it is none, which would be everyone's.
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
    """Where neither web server nor proxy says where the server is, the issuer does."""
    mount = urls.mount_of(registry.settings)

    def mounted(request: Request) -> Response:
        if not request.environ.get("SCRIPT_NAME"):
            request.environ["SCRIPT_NAME"] = mount
        return handler(request)

    return mounted


def take_prefix(environ: WSGIEnvironment) -> None:
    """Set where the application is mounted (PEP 3333); raise MalformedProxyHeader."""
    prefix = environ.get("HTTP_X_FORWARDED_PREFIX", "").rstrip("/")
    if not _PREFIX.fullmatch(prefix):
        raise MalformedProxyHeader("X-Forwarded-Prefix", "no plain path", prefix)
    environ["SCRIPT_NAME"] = prefix + environ.get("SCRIPT_NAME", "")


def take_request_id(request: Request) -> None:
    """Call the request as the proxy does; one that has no name for it sends none."""
    request_id = request.environ.get("HTTP_X_REQUEST_ID", "")
    if _REQUEST_ID.fullmatch(request_id):
        request.request_id = request_id


def includeme(config: Configurator) -> None:
    config.add_setting("trusted_proxies", networks)
    if urls.mount_of(config.registry.settings):
        config.add_tween("apiserver.ops.proxies.mount_tween", under=INGRESS)
    if config.registry.settings["apiserver.trusted_proxies"]:
        config.add_tween("apiserver.ops.proxies.proxies_tween", under=INGRESS)
