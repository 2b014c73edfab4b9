"""The exception views, which turn every exception into a problem document.

They never use the database: errors of the commit are handled outside of the
transaction.
"""

import logging

from pyramid.config import Configurator
from pyramid.httpexceptions import HTTPException, HTTPForbidden, HTTPNotFound
from pyramid.interfaces import IRoutesMapper
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from webob.request import DisconnectionError

from apiserver.core.db.engines import READ_ONLY
from apiserver.core.endpoints.request import Request
from apiserver.core.http.errors import (
    ApiError,
    BadRequest,
    Conflict,
    Forbidden,
    NotFound,
    NotMigrated,
    ServiceUnavailable,
    error_response,
)
from apiserver.core.http.response import (
    MISTAKE,
    Response,
    problem,
    redirect,
    to_uri,
)
from apiserver.core.settings import databases

log = logging.getLogger(__name__)

CUT_SHORT = "The body is shorter than Content-Length."


def api_error(error: ApiError, request: Request) -> Response:
    return error_response(error, request.request_id)


def not_found(error: NotFound | HTTPNotFound, request: Request) -> Response:
    """Return 404, or redirect to the same path with a trailing slash."""
    if request.matched_route is None and is_route(request, request.path_info + "/"):
        # WSGI has bytes in a string (PEP 3333).
        query = to_uri(request.query_string.encode("latin-1"))
        return redirect(308, f"{request.path}/{query and '?'}{query}")
    detail = getattr(error, "detail", None) if isinstance(error, ApiError) else None
    return api_error(NotFound(detail or ""), request)


def is_route(request: Request, path: str) -> bool:
    """Whether a route matches the path."""
    mapper = request.registry.getUtility(IRoutesMapper)
    return any(route.match(path) is not None for route in mapper.get_routes())


def forbidden(error: HTTPForbidden, request: Request) -> Response:
    """Respond with the reason of the security policy.

    The error's own message contains the whole ACL, and is only logged.
    """
    log.info("%s", error.message, extra={"request_id": request.request_id})
    reason = getattr(error.result, "error", None)
    return api_error(reason or Forbidden(), request)


def http_exception(error: HTTPException, request: Request) -> Response:
    """Pyramid's own errors and redirects."""
    if error.location is not None:
        return redirect(error.status_int, error.location)
    if error.status_int < 400:
        answer: Response = error
        return answer
    return problem(
        error.status_int, error.explanation or "", request_id=request.request_id
    )


def disconnected(error: DisconnectionError, request: Request) -> Response:
    return api_error(BadRequest(CUT_SHORT), request)


def integrity_error(error: IntegrityError, request: Request) -> Response:
    """A violated constraint that no action handles: a concurrent change won."""
    log.info("%s", error.orig, extra={"request_id": request.request_id})
    return api_error(Conflict("This conflicts with a concurrent change."), request)


def database_error(error: Exception, request: Request) -> Response:
    if isinstance(error, DBAPIError) and databases.is_not_migrated(error):
        return not_migrated(error, request)
    said: object = error
    if isinstance(error, DBAPIError) and databases.is_pooled(error):
        said = databases.reason(error)
    log.error("%s", said, extra={"request_id": request.request_id})
    return api_error(ServiceUnavailable(), request)


def not_migrated(error: DBAPIError, request: Request) -> Response:
    reason = databases.reason(error)
    log.error("%s", reason, extra={"request_id": request.request_id})
    return api_error(NotMigrated(), request)


def other_database_error(error: DBAPIError, request: Request) -> Response:
    """A bug, unless the database isn't migrated, or accepts no writes."""
    sqlstate = getattr(error.orig, "sqlstate", None)
    if sqlstate == READ_ONLY or databases.is_not_migrated(error):
        return database_error(error, request)
    return unexpected(error, request)


def unexpected(error: Exception, request: Request) -> Response:
    log.error("Request %s failed", request.request_id, exc_info=error)
    return problem(500, MISTAKE, request_id=request.request_id)


def includeme(config: Configurator) -> None:
    for context, view in (
        (ApiError, api_error),
        (NotFound, not_found),
        (HTTPNotFound, not_found),
        (HTTPForbidden, forbidden),
        (HTTPException, http_exception),
        (DisconnectionError, disconnected),
        (IntegrityError, integrity_error),
        (OperationalError, database_error),
        (PoolTimeout, database_error),
        (DBAPIError, other_database_error),
        (Exception, unexpected),
    ):
        config.add_exception_view(view, context=context)
