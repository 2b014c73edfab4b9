"""The parameters of a request to an OAuth2 endpoint: its form, and HTTP Basic."""

import base64
import binascii
from typing import Any
from urllib.parse import unquote_plus

from oauthlib.oauth2.rfc6749 import errors

from apiserver.core.endpoints import Request
from apiserver.core.http import (
    FORM,
    MULTIPART,
    BadRequest,
    MethodNotAllowed,
    Response,
    media_type,
    read_form,
)

Basic = tuple[str, str] | None
Pairs = list[tuple[str, Any]]

NO_BASIC = "The Authorization header is malformed."
NO_STORE = (("Cache-Control", "no-store"), ("Pragma", "no-cache"))


def read(request: Request) -> dict[str, str]:
    """Return the parameters of the form, without empty ones.

    Raises MethodNotAllowed, and InvalidRequestError for repeated parameters, or in the
    query.
    """
    check_method(request, "POST")
    return parameters(body_alone(request, FORM))


def read_token_request(request: Request) -> dict[str, str]:
    """Return the parameters like ``read``, with what the settings allow besides.

    For demonstrations: multipart forms, and parameters in the query, even with GET.
    """
    accepted = (FORM, MULTIPART) if request.setting("oauth2_multipart") else (FORM,)
    if not request.setting("oauth2_query_parameters"):
        check_method(request, "POST")
        return parameters(body_alone(request, *accepted))
    check_method(request, "GET", "POST")
    pairs: Pairs = list(request.GET.items())
    if request.method == "POST":
        pairs += posted(request, *accepted)
    return parameters(pairs)


def check_method(request: Request, *methods: str) -> None:
    """Raise MethodNotAllowed for another method.

    Responses must not be stored (RFC 6749 section 5.1).
    """
    request.add_response_callback(forbid_caching)
    if request.method not in methods:
        raise MethodNotAllowed(methods)


def forbid_caching(request: Request, response: Response) -> None:
    others = [h for h in response.headerlist if h[0] not in dict(NO_STORE)]
    response.headerlist = [*others, *NO_STORE]


def body_alone(request: Request, *accepted: str) -> Pairs:
    """Return the fields of the form; raise for parameters in the query."""
    if request.query_string:
        raise errors.InvalidRequestError("Send parameters in the body.")
    return posted(request, *accepted)


def posted(request: Request, *accepted: str) -> Pairs:
    """Return the fields of the form in the body.

    An empty body needs no ``Content-Type``.
    """
    if not request.content_type and not request.body:
        return []
    media_type(request, accepted)
    try:
        return list(read_form(request).items())
    except BadRequest as error:
        raise errors.InvalidRequestError(error.detail) from None


def parameters(pairs: Pairs) -> dict[str, str]:
    """Return the parameters that have a value; raise for repeated ones."""
    given = dict(pairs)
    if len(given) < len(pairs):
        raise errors.InvalidRequestError("A parameter is given more than once.")
    if any(not isinstance(value, str) or "\0" in value for _, value in pairs):
        raise errors.InvalidRequestError("A parameter is not text.")
    return {name: value for name, value in given.items() if value}


def basic(request: Request) -> Basic:
    """Return client_id and secret of HTTP Basic, form-decoded (RFC 6749 2.3.1)."""
    scheme, _, encoded = request.environ.get("HTTP_AUTHORIZATION", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        decoded = base64.b64decode(encoded.strip(), validate=True).decode()
    except (binascii.Error, ValueError):
        raise errors.InvalidClientError(NO_BASIC) from None
    name, separator, secret = map(unquote_plus, decoded.partition(":"))
    if not separator or "\0" in name + secret:
        raise errors.InvalidClientError(NO_BASIC)
    return name, secret
