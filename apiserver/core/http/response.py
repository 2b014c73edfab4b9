"""The response class, redirects, problem documents, checks of headers."""

import re
from collections.abc import Callable, Iterable, Mapping
from operator import itemgetter
from urllib.parse import quote
from wsgiref.types import StartResponse, WSGIEnvironment

import orjson
import pyramid.response
from webob.util import status_reasons

from apiserver.core.typing import Fragment, Json, Request

Header = tuple[str, str]
VALUE = itemgetter(1)

# The reason phrases of RFC 9110 section 15; WebOb has older ones.
status_reasons.update(
    {
        413: "Content Too Large",
        414: "URI Too Long",
        416: "Range Not Satisfiable",
        421: "Misdirected Request",
        422: "Unprocessable Content",
    }
)

# The methods of endpoints, in their usual order.
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

NO_STORE: Header = ("Cache-Control", "no-store")
# For an empty body, without a type; without a length some servers send chunks.
NO_CONTENT: Header = ("Content-Length", "0")

PROBLEM = "application/problem+json"

MISTAKE = "An internal error occurred."

# The characters allowed in a URI (RFC 3986 section 2), besides letters and digits.
_IN_URI = "%-._~:/?#[]@!$&'()*+,;="
_NO_ESCAPE = re.compile("%(?![0-9A-Fa-f]{2})")
# What WSGI can't send (PEP 3333): control characters, and all outside of Latin-1.
_UNSENDABLE = re.compile(r"[^\x20-\x7e\xa0-\xff]")

PROBLEM_ERROR: Fragment = {
    "type": "object",
    "description": "An invalid value.",
    "required": ["location", "name", "description"],
    "properties": {
        "location": {
            "type": "string",
            "enum": ["body", "querystring", "header"],
            "example": "body",
        },
        "name": {
            "type": "string",
            "description": "The path of the value, such as `members.0.id`.",
            "example": "title",
        },
        "description": {
            "type": "string",
            "example": "Must be at least 3 characters long.",
        },
    },
}

PROBLEM_SCHEMA: Fragment = {
    "type": "object",
    "description": "A problem document (RFC 9457).",
    "required": ["type", "title", "status", "detail", "request_id"],
    "properties": {
        "type": {"type": "string", "example": "about:blank"},
        "title": {
            "type": "string",
            "description": "The status code in words.",
            "example": "Unprocessable Content",
        },
        "status": {"type": "integer", "example": 422},
        "detail": {
            "type": "string",
            "description": "An explanation for humans.",
            "example": "Some values are invalid.",
        },
        "request_id": {
            "type": "string",
            "description": "Identifies the request in logs; same as `X-Request-Id`.",
            "example": "f83069ea22354339b167c287f35dae27",
        },
        "errors": {
            "type": "array",
            "description": "The invalid values.",
            "items": {"$ref": "#/definitions/ProblemError"},
        },
    },
}


PROBLEMS = {"Problem": PROBLEM_SCHEMA, "ProblemError": PROBLEM_ERROR}


class Response(pyramid.response.Response):
    """A response that keeps a relative ``Location`` (RFC 9110 section 10.2.2).

    WebOb would make it absolute with the request's ``Host``, which the client controls.
    """

    def _abs_headerlist(self, environ: WSGIEnvironment) -> list[Header]:
        return list(self.headerlist)

    def conditional_response_app(
        self, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        """Handle If-None-Match, including an asterisk."""
        if environ.get("HTTP_IF_NONE_MATCH") == "*":
            # It matches any version (RFC 9110 13.1.2); WebOb ignores it.
            environ["HTTP_IF_NONE_MATCH"] = f'"{self.etag}"'
        pieces: Iterable[bytes] = super().conditional_response_app(
            environ, start_response
        )
        return pieces


def to_uri(text: str | bytes) -> str:
    """Percent-encode characters not allowed in a URI (RFC 3986 section 2.1).

    Existing escapes are kept.
    """
    return _NO_ESCAPE.sub("%25", quote(text, safe=_IN_URI))


def redirect(status: int, location: str, *headers: Header) -> Response:
    """Redirect to a URI reference; the response must not be stored."""
    return Response(
        status=status,
        app_iter=[],
        headerlist=[("Location", to_uri(location)), NO_STORE, NO_CONTENT, *headers],
    )


def unsendable_header(response: Response) -> str | None:
    """Return the name of a header that can't be sent, or would split the response.

    Names aren't checked, since they come only from the code.
    """
    headers = response.headerlist
    try:
        text = "".join(map(VALUE, headers))
        if text.isascii() and text.isprintable():
            return None
    except TypeError:  # Its value isn't text.
        pass
    return next((str(n) for n, v in headers if not is_sendable(v)), None)


def is_sendable(value: object) -> bool:
    return isinstance(value, str) and _UNSENDABLE.search(value) is None


def problem_document(
    status: int, detail: str, request_id: str, members: Mapping[str, Json]
) -> Fragment:
    return {
        "type": "about:blank",
        "title": status_reasons[status],
        "status": status,
        "detail": detail,
        "request_id": request_id,
        **members,
    }


def problem(
    status: int,
    detail: str,
    *,
    request_id: str,
    headers: Iterable[Header] = (),
    members: Mapping[str, Json] | None = None,
) -> Response:
    """Make a problem document (RFC 9457)."""
    body = orjson.dumps(problem_document(status, detail, request_id, members or {}))
    header_list = [
        ("Content-Type", PROBLEM),
        ("Content-Length", str(len(body))),
        NO_STORE,
        *headers,
    ]
    return Response(status=status, headerlist=header_list, app_iter=[body])


# A view, or a tween with everything inside of it.
Handler = Callable[[Request], Response]
