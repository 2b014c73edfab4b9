"""Rate limits for each address, or IPv6 network, counted in Redis for all processes.

While Redis is unreachable each process counts on its own, so that the limit is higher,
but no request fails. ``/healthz``, ``/readyz``, ``/metrics`` and preflight requests are
not counted.
"""

import logging
import math
import re
import time
from urllib.parse import urlsplit

from limits import RateLimitItem, parse
from limits.errors import ConfigurationError as LimitsConfigurationError
from limits.errors import StorageError
from limits.storage import MemoryStorage, storage_from_string
from limits.strategies import FixedWindowRateLimiter, RateLimiter
from pyramid.config import Configurator
from pyramid.exceptions import ConfigurationError

from apiserver.core import settings
from apiserver.core.endpoints import Request
from apiserver.core.http import (
    Handler,
    Response,
    TooManyRequests,
    error_response,
    is_preflight,
)
from apiserver.core.registry import Registry

log = logging.getLogger(__name__)

EXEMPT = frozenset({"/healthz", "/readyz", "/metrics"})
REDIS = {"redis", "rediss", "redis+unix", "redis+cluster", "redis+sentinel"}
# Redis is expected to be near.
PATIENCE = {"socket_connect_timeout": 0.2, "socket_timeout": 0.2}
# Seconds until Redis is tried again after a failure.
PAUSE = 5


_RATE = re.compile(r"0*[1-9]\d{0,8}\s*(/|per)\s*(0*[1-9]\d{0,8}\s*)?[a-z]+", re.ASCII)
_DATABASE = re.compile(r"(/\d*)?", re.ASCII)

# Inside of the tween that adds common headers and CORS, outside of the one that rejects
# malformed requests, which are counted.
CORS = "apiserver.core.http.cors.cors_tween"
INTAKE = "apiserver.core.http.guard.intake_tween"

HEADERS = {
    "RateLimit-Policy": "The limit as `600;w=60`: requests, window in seconds.",
    "RateLimit-Limit": "How many requests an address may send per window.",
    "RateLimit-Remaining": "How many requests are left.",
    "RateLimit-Reset": "How many seconds until the window ends.",
}


class RateExceeded(TooManyRequests):
    """An address has reached its limit."""

    def __init__(self, seconds: int) -> None:
        super().__init__(seconds)
        self.detail = f"Too many requests. Try again in {seconds} s."

    @classmethod
    def example(cls) -> "RateExceeded":
        return cls(42)


class Limiter:
    """Counts the requests of each address in windows of fixed length."""

    def __init__(self, limit: RateLimitItem, url: str) -> None:
        self.limit = limit
        self.policy = f"{limit.amount};w={limit.get_expiry()}"
        self.own = FixedWindowRateLimiter(MemoryStorage())
        self.shared = self.own
        self.paused_until = 0.0
        if url:
            options = PATIENCE if url.startswith("redis") else {}
            storage = storage_from_string(url, wrap_exceptions=True, **options)
            self.shared = FixedWindowRateLimiter(storage)

    def count(self, caller: str) -> tuple[bool, int, int]:
        """Count a request; return whether it may pass, what remains, seconds left."""
        if time.monotonic() >= self.paused_until:
            try:
                return self.ask(self.shared, caller)
            except StorageError as error:
                self.paused_until = time.monotonic() + PAUSE
                log.warning("Each process counts requests on its own: %s", error)
        return self.ask(self.own, caller)

    def ask(self, limiter: RateLimiter, caller: str) -> tuple[bool, int, int]:
        passes = limiter.hit(self.limit, caller)
        window = limiter.get_window_stats(self.limit, caller)
        left = max(1, math.ceil(window.reset_time - time.time()))
        return passes, window.remaining, left


def rate_limit_tween(handler: Handler, registry: Registry) -> Handler:
    """Return 429 for an address that sends too many requests (RFC 6585 section 4)."""
    limiter = registry.limiter

    def limited(request: Request) -> Response:
        if request.environ["PATH_INFO"] in EXEMPT or is_preflight(request):
            return handler(request)
        passes, remaining, left = limiter.count(request.network)
        if passes:
            response = handler(request)
        else:
            response = error_response(RateExceeded(left), request.request_id)
        values = (limiter.policy, limiter.limit.amount, remaining, left)
        told = zip(HEADERS, map(str, values), strict=True)
        response.headerlist.extend(told)
        return response

    return limited


def rate(value: str) -> RateLimitItem | None:
    """A number of requests per time, such as ``600/minute``, or empty for no limit."""
    if not value.strip():
        return None
    try:
        if _RATE.fullmatch(value.strip()):
            return parse(value.strip())
    except ValueError:  # An unknown unit of time.
        pass
    raise ValueError(
        "must be one positive number of requests per time, such as 600/minute"
    )


def storage(value: str) -> str:
    """The URL of a shared storage; if empty, each process counts on its own."""
    scheme, found, _ = settings.word(value).partition("://")
    path = urlsplit(settings.word(value)).path
    if scheme and not (
        found
        and scheme in REDIS
        and (scheme not in {"redis", "rediss"} or _DATABASE.fullmatch(path))
    ):
        raise ValueError("must be a Redis URL, such as redis://127.0.0.1:6379/0")
    return settings.word(value)


def limiter(limit: RateLimitItem, url: str) -> Limiter:
    """Make the limiter; raise ConfigurationError if its storage is invalid."""
    try:
        return Limiter(limit, url)
    except (LimitsConfigurationError, ValueError) as error:
        # The message may repeat the URL, with its password.
        reason = "it needs the extra redis" if "prerequisite" in str(error) else ""
        raise ConfigurationError(
            "apiserver.rate_limit_storage can't be used: "
            f"{reason or 'its host, port or database is wrong'}."
        ) from None


def includeme(config: Configurator) -> None:
    config.add_setting("rate_limit", rate)
    config.add_setting("rate_limit_storage", storage)
    limit = config.registry.settings["apiserver.rate_limit"]
    if limit is not None:
        url = config.registry.settings["apiserver.rate_limit_storage"]
        config.registry.limiter = limiter(limit, url)
        config.add_tween(
            "apiserver.ops.rate_limit.rate_limit_tween", under=CORS, over=INTAKE
        )
        config.document_everywhere(RateExceeded.example(), HEADERS)
