"""The errors of the API, with their status and format.

Each is a problem document (RFC 9457): ``type``, ``title``, ``status``, ``detail``,
``request_id``, and ``errors`` if fields are invalid.
"""

import math
from collections.abc import Iterable, Mapping
from typing import Self

from apiserver.core.http.response import Header, Response, problem
from apiserver.core.typing import Json

BEARER = 'Bearer realm="apiserver"'


class ApiError(Exception):
    """An error that is returned to the client.

    ``detail`` is a sentence for people, without secrets or internals. If it is always
    the same, the class has it in ``sentence``.
    """

    status = 500
    sentence = ""
    headers: Iterable[Header] = ()

    def __init__(self, detail: str = "") -> None:
        self.detail = detail or self.sentence
        super().__init__(self.detail)

    @classmethod
    def example(cls) -> Self:
        """Return an example for the documentation."""
        return cls()

    @property
    def members(self) -> Mapping[str, Json]:
        """Further members of the problem document."""
        return {}


def error_response(error: ApiError, request_id: str) -> Response:
    """Make the response for an ApiError: a problem document, with headers."""
    return problem(
        error.status,
        error.detail,
        request_id=request_id,
        headers=error.headers,
        members=error.members,
    )


class BadRequest(ApiError):
    """The request is malformed."""

    status = 400


class Unauthenticated(ApiError):
    """There is no token (RFC 6750 section 3)."""

    status = 401
    sentence = "This requires an access token."
    headers = (("WWW-Authenticate", BEARER),)


class Forbidden(ApiError):
    """The caller is authenticated, but may not do this."""

    status = 403
    sentence = "You are not allowed to do this."


class NotFound(ApiError):
    """There is no such object, or no such path."""

    status = 404
    sentence = "There is nothing at this URL."


class MethodNotAllowed(ApiError):
    """The resource has no such method (RFC 9110 section 15.5.6)."""

    status = 405

    def __init__(self, allowed: Iterable[str]) -> None:
        names = ", ".join(sorted(allowed))
        super().__init__(f"Allowed methods: {names}.")
        self.headers = [("Allow", names)]


class Conflict(ApiError):
    """The change conflicts with stored data; ``name`` is the field at fault."""

    status = 409
    name = ""

    @property
    def members(self) -> Mapping[str, Json]:
        if not self.name:
            return {}
        error = {"location": "body", "name": self.name, "description": self.detail}
        return {"errors": [error]}


class PreconditionFailed(ApiError):
    """The object's version isn't the one in ``If-Match``."""

    status = 412
    sentence = "The object has changed since it was read."


class ContentTooLarge(ApiError):
    """The body is longer than ``most`` bytes."""

    status = 413

    def __init__(self, most: int) -> None:
        super().__init__(f"The body is longer than {most} bytes.")


class UnsupportedMediaType(ApiError):
    """The operation doesn't accept the body's media type.

    ``Accept-Post`` or ``Accept-Patch`` (RFC 5789 section 3.1) list the accepted ones.
    """

    status = 415

    def __init__(self, method: str, accepted: Iterable[str]) -> None:
        types = ", ".join(accepted)
        super().__init__(f"The media type must be one of: {types}.")
        self.headers = [("Accept-Patch" if method == "PATCH" else "Accept-Post", types)]


class RangeNotSatisfiable(ApiError):
    """A file of ``size`` bytes has nothing of the requested range."""

    status = 416

    def __init__(self, size: int) -> None:
        super().__init__(f"The file has {size} bytes, and none in this range.")
        self.headers = [("Content-Range", f"bytes */{size}")]

    @classmethod
    def example(cls) -> Self:
        return cls(1024)


class ValidationFailed(ApiError):
    """The request is well-formed, but has invalid values.

    ``errors`` holds ``(location, name, description)``; the location is ``body``,
    ``querystring`` or ``header``.
    """

    status = 422

    def __init__(self, *errors: tuple[str, str, str]) -> None:
        super().__init__("Some values are invalid.")
        self.errors = errors

    @property
    def members(self) -> Mapping[str, Json]:
        keys = ("location", "name", "description")
        return {
            "errors": [dict(zip(keys, error, strict=True)) for error in self.errors]
        }


class TooManyRequests(ApiError):
    """No further attempts for a number of seconds (RFC 6585 section 4)."""

    status = 429

    def __init__(self, seconds: int) -> None:
        minutes = math.ceil(seconds / 60)
        super().__init__(f"Too many attempts. Try again in {minutes} min.")
        self.headers = [("Retry-After", str(seconds))]

    @classmethod
    def example(cls) -> Self:
        return cls(540)


class ServiceUnavailable(ApiError):
    """The request can't be served right now."""

    status = 503
    sentence = "The database is currently unavailable."
    headers = (("Retry-After", "5"),)


class NotMigrated(ServiceUnavailable):
    """A table or column is missing: the database isn't migrated."""

    sentence = "The database is not migrated."
