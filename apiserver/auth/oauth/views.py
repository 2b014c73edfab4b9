"""The token and revocation endpoints: HTTP around the AuthorizationServer."""

import base64
import binascii
from typing import Any
from urllib.parse import unquote_plus

import orjson
from oauthlib.oauth2.rfc6749 import errors
from pyramid.view import view_config

from apiserver.core.bodies import FORM, MULTIPART, media_type, read_form
from apiserver.core.errors import BadRequest, MethodNotAllowed, TooManyRequests
from apiserver.core.request import Request
from apiserver.core.response import Response

Basic = tuple[str, str] | None

ERRORS = (errors.OAuth2Error, TooManyRequests)

NO_STORE = (("Cache-Control", "no-store"), ("Pragma", "no-cache"))


@view_config(route_name="oauth2_token")
def token(request: Request) -> Response:
    """The token endpoint (RFC 6749 section 3.2)."""
    server = request.registry.authorization_server
    try:
        status, body = server.issue_token(read(request), **context(request))
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


def read(request: Request) -> dict[str, str]:
    """Return the parameters of the form; empty ones count as absent.

    Nobody is to keep the answer, whatever it will be (RFC 6749 section 5.1).

    Raises InvalidRequestError for parameters in the query or given twice, unless the
    operator has allowed those in the query.
    """
    request.add_response_callback(forbid_caching)
    in_query = request.setting("oauth2_query_parameters")
    methods = ("GET", "POST") if in_query else ("POST",)
    if request.method not in methods:
        raise MethodNotAllowed(methods)
    if request.query_string and not in_query:
        raise errors.InvalidRequestError("Parameters belong in the body.")
    pairs = list(request.GET.items())
    if request.method == "POST":
        pairs += posted(request)
    parameters = dict(pairs)
    if len(parameters) < len(pairs):
        raise errors.InvalidRequestError("A parameter is given twice.")
    if any(not isinstance(value, str) or "\0" in value for _, value in pairs):
        raise errors.InvalidRequestError("A parameter is no text.")
    return {name: value for name, value in pairs if value}


def forbid_caching(request: Request, response: Response) -> None:
    others = [h for h in response.headerlist if h[0] not in dict(NO_STORE)]
    response.headerlist = [*others, *NO_STORE]


def posted(request: Request) -> list[tuple[str, str]]:
    """Return the fields of the form that is the body."""
    accepted = (FORM, MULTIPART) if request.setting("oauth2_multipart") else (FORM,)
    media_type(request, accepted)
    try:
        return list(read_form(request).items())
    except BadRequest as error:
        raise errors.InvalidRequestError(error.detail) from None


def basic(request: Request) -> Basic:
    """Return client id and secret of HTTP Basic, both form-decoded (RFC 6749 2.3.1)."""
    scheme, _, encoded = request.environ.get("HTTP_AUTHORIZATION", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        decoded = base64.b64decode(encoded.strip(), validate=True).decode()
    except (binascii.Error, ValueError):
        raise errors.InvalidClientError from None
    name, separator, secret = map(unquote_plus, decoded.partition(":"))
    if not separator or "\0" in name + secret:
        raise errors.InvalidClientError
    return name, secret


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
