"""Requests and responses, below the API itself.

Malformed requests are rejected, CORS is handled, bodies are parsed within limits,
errors become problem documents (RFC 9457)::

    ApiError
    ├── BadRequest                 400  not HTTP, not JSON, not a form
    ├── Unauthenticated            401  no token
    ├── Forbidden                  403  the caller may not do this
    ├── NotFound                   404
    ├── MethodNotAllowed           405
    ├── Conflict                   409  with stored data
    ├── PreconditionFailed         412  If-Match names another version
    ├── ContentTooLarge            413
    ├── UnsupportedMediaType       415
    ├── RangeNotSatisfiable        416
    ├── ValidationFailed           422  names each field
    ├── TooManyRequests            429  says when to try again
    └── ServiceUnavailable         503
        └── NotMigrated            503
"""

from apiserver.core.http.addresses import canonical_address, counted_as, parse_address
from apiserver.core.http.bodies import FORM, JSON, MULTIPART, media_type
from apiserver.core.http.cors import is_preflight
from apiserver.core.http.errors import (
    ApiError,
    BadRequest,
    Conflict,
    ContentTooLarge,
    Forbidden,
    MethodNotAllowed,
    NotFound,
    NotMigrated,
    PreconditionFailed,
    RangeNotSatisfiable,
    ServiceUnavailable,
    TooManyRequests,
    Unauthenticated,
    UnsupportedMediaType,
    ValidationFailed,
    error_response,
)
from apiserver.core.http.forms import read_form
from apiserver.core.http.guard import MALFORMED
from apiserver.core.http.methods import READING, Taking
from apiserver.core.http.response import (
    METHODS,
    NO_CONTENT,
    NO_STORE,
    PROBLEM,
    SAFE_METHODS,
    Handler,
    Header,
    Response,
    redirect,
)
from apiserver.core.http.special import MAX_QUERY

__all__ = [
    "FORM",
    "JSON",
    "MALFORMED",
    "MAX_QUERY",
    "METHODS",
    "MULTIPART",
    "NO_CONTENT",
    "NO_STORE",
    "PROBLEM",
    "READING",
    "SAFE_METHODS",
    "ApiError",
    "BadRequest",
    "Conflict",
    "ContentTooLarge",
    "Forbidden",
    "Handler",
    "Header",
    "MethodNotAllowed",
    "NotFound",
    "NotMigrated",
    "PreconditionFailed",
    "RangeNotSatisfiable",
    "Response",
    "ServiceUnavailable",
    "Taking",
    "TooManyRequests",
    "Unauthenticated",
    "UnsupportedMediaType",
    "ValidationFailed",
    "canonical_address",
    "counted_as",
    "error_response",
    "is_preflight",
    "media_type",
    "parse_address",
    "read_form",
    "redirect",
]
