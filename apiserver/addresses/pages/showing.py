"""What the pages of addresses share."""

from apiserver.addresses.actions import GONE, LinkGone
from apiserver.auth.browser import PageError
from apiserver.core.endpoints import Request
from apiserver.core.http import ApiError, Response, ValidationFailed

TEMPLATES = "apiserver.addresses:templates/"


def sentences(error: ApiError) -> list[str]:
    """Return what a page says of an error, each with the name of its field."""
    if not isinstance(error, ValidationFailed):
        return [error.detail]
    return [f"{name.capitalize()}: {said}" for _, name, said in error.errors]


def failure_page(request: Request, error: ApiError) -> Response:
    """Say why a link does nothing."""
    if isinstance(error, LinkGone):
        raise PageError(GONE, 410)
    raise PageError(error.detail, error.status)
