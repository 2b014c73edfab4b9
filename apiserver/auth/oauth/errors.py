"""Errors of the OAuth2 endpoints, in OAuth2's format (RFC 6749 section 5.2).

OAuth2 clients expect it for all errors, including those raised before or around the
endpoint: they never get a problem document.
"""

import re

import orjson
from oauthlib.oauth2.rfc6749 import errors

from apiserver.core.endpoints import Request
from apiserver.core.http import PROBLEM, Handler, Response, TooManyRequests
from apiserver.core.registry import Registry
from apiserver.core.typing import Fragment

JSON = ("Content-Type", "application/json")
CHALLENGE = ("WWW-Authenticate", 'Basic realm="apiserver"')

# Descriptions of errors for which oauthlib has none.
SENTENCES = {
    "invalid_client": "The client is unknown or disabled, or its secret is incorrect.",
    "invalid_grant": "The grant is invalid.",
    "invalid_scope": "The client may not be granted all of this scope.",
    "unauthorized_client": "The client may not use this grant type.",
    "unsupported_grant_type": "The grant type is unknown or disabled.",
}
# The last two are those of the authorization endpoint (RFC 6749 section 4.1.2.1).
OF_STATUS = {429: "temporarily_unavailable", 503: "temporarily_unavailable"}
SERVER_ERROR = "server_error"

_UNSAYABLE = re.compile(r"[^\x20-\x21\x23-\x5b\x5d-\x7e]")


def oauth_errors_tween(handler: Handler, registry: Registry) -> Handler:
    """Convert problem documents into OAuth2 errors, at its endpoints."""
    endpoints = registry.oauth2_endpoints

    def answer(request: Request) -> Response:
        response = handler(request)
        if request.environ["PATH_INFO"] in endpoints and is_problem(response):
            turn(response)
        return response

    return answer


def is_problem(response: Response) -> bool:
    return bool(response.status_int >= 400 and response.content_type == PROBLEM)


def turn(response: Response) -> None:
    """Convert a problem document into an OAuth2 error; keep status and headers."""
    status = response.status_int
    otherwise = SERVER_ERROR if status >= 500 else "invalid_request"
    document = {
        "error": OF_STATUS.get(status, otherwise),
        "error_description": _UNSAYABLE.sub("'", response.json["detail"]),
    }
    response.body = orjson.dumps(document)
    response.content_type = JSON[1]


def oauth_error(error: errors.OAuth2Error | TooManyRequests) -> Response:
    """Respond with a raised error."""
    if isinstance(error, TooManyRequests):
        return too_many(error)
    document = {"error": str(error.error), "error_description": error.description}
    return oauth_error_body(error.status_code, document)


def too_many(error: TooManyRequests) -> Response:
    """Return 429, as the error that the request would have had otherwise."""
    document = {
        "error": getattr(error, "error", "invalid_grant"),
        "error_description": error.detail,
    }
    return json_response(error.status, orjson.dumps(document), *error.headers)


def oauth_error_body(status: int, document: Fragment) -> Response:
    """Return the body of oauthlib's error, without ``state``."""
    error = document["error"]
    description = document.get("error_description") or SENTENCES[error]
    body = orjson.dumps({"error": error, "error_description": description})
    return json_response(status, body, *((CHALLENGE,) if status == 401 else ()))


def json_response(status: int, body: bytes, *headers: tuple[str, str]) -> Response:
    length = ("Content-Length", str(len(body)))
    header_list = [JSON, length, *headers]
    return Response(status=status, app_iter=[body], headerlist=header_list)
