"""What the pages of addresses share."""

from apiserver.addresses.actions import GONE, LinkGone
from apiserver.auth.browser import PageError
from apiserver.core.endpoints import Request
from apiserver.core.http import ApiError, Response

TEMPLATES = "apiserver.addresses:templates/"


def failure_page(request: Request, error: ApiError) -> Response:
    """Say why a link does nothing."""
    if isinstance(error, LinkGone):
        raise PageError(GONE, 410)
    raise PageError(error.detail, error.status)
