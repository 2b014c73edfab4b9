"""Tweens around every request: reject malformed ones, add the common headers."""

import re
from io import BytesIO

from pyramid.config import Configurator
from pyramid.interfaces import IRoutesMapper
from pyramid.tweens import INGRESS

from apiserver.core.http.bodies import MULTIPART
from apiserver.core.http.cors import answer_preflight, is_preflight
from apiserver.core.http.errors import (
    ApiError,
    BadRequest,
    ContentTooLarge,
    error_response,
)
from apiserver.core.http.response import Handler, Response
from apiserver.core.http.special import special_at
from apiserver.core.registry import Registry
from apiserver.core.typing import Request

_LENGTH = re.compile(r"[0-9]{1,18}")
_CHARSET = re.compile(r';\s*charset\s*=\s*"?([^\s;"]*)')

# The environ key of the Range header, for views that send files. It is hidden from
# WebOb, which would apply it to JSON, too.
WANTED_RANGE = "apiserver.range"

# The environ key of what is malformed in a request's head, as a sentence.
MALFORMED = "apiserver.malformed"

# The size of a form around its file: two boundaries, and the headers of the part.
ENVELOPE = 64 * 1024

# The environ key of requests that were found to be well-formed.
CHECKED = "apiserver.checked"

# The response may have an error for each.
MAX_PARAMETERS = 1000

# For every response; pages have their own Content-Security-Policy.
SECURITY_HEADERS = {
    name.lower(): (name, value)
    for name, value in (
        ("X-Content-Type-Options", "nosniff"),
        ("Referrer-Policy", "no-referrer"),
        ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
    )
}


def check(request: Request) -> None:
    """Raise BadRequest where Pyramid and WebOb would fail; check only once."""
    if CHECKED not in request.environ:
        check_head(request)
        check_body(request, special_at(request).most_body)
        request.environ[CHECKED] = True


def check_head(request: Request) -> None:
    environ = request.environ
    if MALFORMED in environ:
        raise BadRequest(environ[MALFORMED])
    query = environ.get("QUERY_STRING", "")
    most = special_at(request).most_query
    if len(query) > most:
        raise BadRequest(f"The query is longer than {most} bytes.")
    if query.count("&") >= MAX_PARAMETERS:
        raise BadRequest(f"The query has more than {MAX_PARAMETERS} parameters.")
    try:
        path = request.path_info
        if "%" in query or not query.isascii():
            request.GET.items()
    except UnicodeDecodeError:
        raise BadRequest("The URL is not UTF-8.") from None
    if "\0" in path or "%00" in query:
        raise BadRequest("The URL contains a NUL character.")


def check_body(request: Request, most: int) -> None:
    """Raise for an invalid or too large length, and for unknown charsets."""
    environ = request.environ
    length = environ.get("CONTENT_LENGTH") or received(request, most)
    if not _LENGTH.fullmatch(length):
        raise BadRequest("Content-Length is not a number.")
    if int(length) > most and int(length) > (most := limit_of_files(request) or most):
        raise ContentTooLarge(most)
    charset = _CHARSET.search(environ.get("CONTENT_TYPE", "").lower())
    if charset is not None and charset[1] not in {"utf-8", "utf8"}:
        raise BadRequest("The charset must be UTF-8.")


def received(request: Request, most: int) -> str:
    """Read a body without Content-Length, up to its limit.

    Some servers pass on its chunks as they arrive; WebOb would copy them without end.
    Files are read by their views, which count the bytes.
    """
    environ = request.environ
    if not environ.get("wsgi.input_terminated") or limit_of_files(request):
        return "0"
    content = environ["wsgi.input"].read(most + 1)
    environ["wsgi.input"] = BytesIO(content)
    environ["CONTENT_LENGTH"] = str(len(content))
    return str(len(content))


def limit_of_files(request: Request) -> int | None:
    """Return the limit for a body where files are accepted."""
    limits: dict[tuple[str, str], int] = request.registry.body_limits
    if not limits:
        return None
    route = request.registry.getUtility(IRoutesMapper)(request)["route"]
    most = limits.get((request.method, route.name)) if route else None
    if most is None or request.content_type.lower() != MULTIPART:
        return most
    return most + ENVELOPE


def guard_tween(handler: Handler, registry: Registry) -> Handler:
    """Add the common headers to every response, whatever made it."""

    def guard(request: Request) -> Response:
        response = handler(request)
        add_headers(response, request.request_id)
        return response

    return guard


def intake_tween(handler: Handler, registry: Registry) -> Handler:
    """Reject malformed requests, and handle preflight requests."""

    def intake(request: Request) -> Response:
        try:
            check(request)
            if "HTTP_RANGE" in request.environ:
                request.environ[WANTED_RANGE] = request.environ.pop("HTTP_RANGE")
            return answer_preflight() if is_preflight(request) else handler(request)
        except ApiError as error:
            return error_response(error, request.request_id)

    return intake


def add_headers(response: Response, request_id: str) -> None:
    """Add the common headers."""
    headers = response.headerlist
    present = {name.lower() for name, _ in headers}
    headers.append(("X-Request-Id", request_id))
    for name, header in SECURITY_HEADERS.items():
        if name not in present:
            headers.append(header)


def includeme(config: Configurator) -> None:
    config.include(".routes")
    # From the inside out: the tween that adds headers is outermost.
    config.add_tween("apiserver.core.http.guard.intake_tween", under=INGRESS)
    config.include(".special")
    config.include(".cors")
    config.add_tween("apiserver.core.http.guard.guard_tween", under=INGRESS)
    config.include(".sending")
