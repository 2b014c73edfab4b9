"""The token and revocation endpoints: HTTP around the AuthorizationServer."""

from typing import Any

import orjson
from oauthlib.oauth2.rfc6749 import errors
from pyramid.view import view_config

from apiserver.auth.oauth.parameters import basic, read, read_token_request
from apiserver.core.errors import TooManyRequests
from apiserver.core.request import Request
from apiserver.core.response import Response

ERRORS = (errors.OAuth2Error, TooManyRequests)


@view_config(route_name="oauth2_token")
def token(request: Request) -> Response:
    """The token endpoint (RFC 6749 section 3.2)."""
    server = request.registry.authorization_server
    try:
        status, body = server.issue_token(
            read_token_request(request), **context(request)
        )
    except ERRORS as error:
        return oauth_error(error)
    if status >= 400:
        return oauth_error_body(status, orjson.loads(body))
    return answer(status, body.encode())


@view_config(route_name="oauth2_revoke")
def revoke(request: Request) -> Response:
    """The revocation endpoint (RFC 7009)."""
    try:
        request.registry.authorization_server.revoke_token(
            read(request), **context(request)
        )
    except ERRORS as error:
        return oauth_error(error)
    return answer(200, b"")


@view_config(route_name="oauth2_introspect")
def introspect(request: Request) -> Response:
    """The introspection endpoint (RFC 7662)."""
    server = request.registry.authorization_server
    try:
        document = server.introspect_token(read(request), **context(request))
    except ERRORS as error:
        return oauth_error(error)
    return answer(200, orjson.dumps(document))


def context(request: Request) -> dict[str, Any]:
    """Return what the Validator needs besides the parameters."""
    return {"db": request.db, "basic": basic(request), "http": request}


def oauth_error(error: errors.OAuth2Error | TooManyRequests) -> Response:
    if isinstance(error, TooManyRequests):
        return too_many(error)
    document = {"error": str(error.error)}
    if error.description:
        document["error_description"] = error.description
    return oauth_error_body(error.status_code, document)


def too_many(error: TooManyRequests) -> Response:
    """Answer 429 as the error that the request would have had otherwise."""
    document = {
        "error": getattr(error, "error", "invalid_grant"),
        "error_description": error.detail,
    }
    return answer(error.status, orjson.dumps(document), *error.headers)


def oauth_error_body(status: int, document: dict[str, str]) -> Response:
    """Answer an error (RFC 6749 section 5.2); a posted ``state`` is not echoed."""
    document.pop("state", None)
    challenge = (
        (("WWW-Authenticate", 'Basic realm="apiserver"'),) if status == 401 else ()
    )
    return answer(status, orjson.dumps(document), *challenge)


def answer(status: int, body: bytes, *headers: tuple[str, str]) -> Response:
    return Response(
        status=status,
        app_iter=[body],
        headerlist=[
            ("Content-Type", "application/json"),
            ("Content-Length", str(len(body))),
            *headers,
        ],
    )
