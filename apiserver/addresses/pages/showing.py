"""What the pages of addresses share."""

from apiserver.auth.browser import PageError
from apiserver.core.endpoints import Request
from apiserver.core.http import ApiError, Response
from apiserver.mail import LinkInvalid

TEMPLATES = "apiserver.addresses:templates/"


def failure_page(request: Request, error: ApiError) -> Response:
    """Say why a link does nothing."""
    if isinstance(error, LinkInvalid):
        raise PageError(error.sentence, 404)
    raise PageError(error.detail, error.status)
