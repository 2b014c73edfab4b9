"""Rendering, headers and forms of all pages.

A feature's page has a template that extends the layout, ``{% extends
"apiserver.auth.browser:templates/layout.jinja2" %}``, and fills ``title`` and ``main``.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from urllib.parse import urlsplit

from markupsafe import Markup
from pyramid.renderers import render

from apiserver.core.endpoints import Request
from apiserver.core.http import (
    FORM,
    NO_STORE,
    ApiError,
    Header,
    Response,
    ValidationFailed,
    media_type,
    read_form,
    redirect,
)

TEMPLATES = "apiserver.auth.browser:templates/"

NO_CACHE = ("Pragma", "no-cache")

# No scripts, nothing from other hosts, no framing. It has no form-action, since
# browsers apply that to each redirect after a form: the client chooses the first, and
# the others are unknown here (docs/adr/0012).
LEADING_ON = (
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
STAYING = f"{LEADING_ON}; form-action 'self'"


class PageError(Exception):
    """A page can't be shown; the message is for the user."""

    def __init__(self, sentence: str, status: int = 400) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.status = status


def page(
    request: Request,
    template: str,
    *headers: Header,
    status: int = 200,
    policy: str = STAYING,
    **values: object,
) -> Response:
    """Render a page, with the headers of all pages.

    ``template`` is an asset specification, such as
    ``apiserver.mail:templates/sent.jinja2``. Besides the values it gets ``moment(…)``,
    which formats a datetime.
    """
    body = render(template, {"moment": moment, **values}, request)
    return Response(
        status=status,
        app_iter=[body.encode()],
        headerlist=[
            ("Content-Type", "text/html; charset=UTF-8"),
            ("Content-Security-Policy", policy),
            ("X-Frame-Options", "DENY"),
            NO_STORE,
            NO_CACHE,
            *headers,
        ],
    )


def moment(time: datetime) -> Markup:
    """Format a time for a user whose time zone is unknown."""
    utc = time.astimezone(UTC)
    text = f"{utc.day} {utc:%B %Y, %H:%M} UTC"
    return Markup('<time datetime="{}">{}</time>').format(utc.isoformat(), text)


def lead_to(location: str, *headers: Header) -> Response:
    """Redirect with 303, so that browsers use GET (RFC 9700 section 4.12)."""
    return redirect(303, location, NO_CACHE, *headers)


def form_of(request: Request) -> dict[str, str]:
    """Return the fields of a form that a page of this server has sent.

    Raises PageError if the browser says that it is from another site; the caller must
    check the CSRF token.
    """
    media_type(request, (FORM,))
    if not from_here(request):
        raise PageError("This form was sent from another site.", 403)
    form = {name: str(value) for name, value in read_form(request).items()}
    if any("\0" in value for value in form.values()):
        raise PageError("The form contains a NUL character.")
    return form


def from_here(request: Request) -> bool:
    """Whether the browser says that a page of this server sends the request.

    With the referrer policy of these pages it sends "Origin: null".
    """
    site = request.environ.get("HTTP_SEC_FETCH_SITE")
    if site is not None:
        return site in {"same-origin", "none"}
    issuer = urlsplit(request.setting("issuer"))
    origin = request.environ.get("HTTP_ORIGIN")
    return origin in {None, "null", f"{issuer.scheme}://{issuer.netloc}"}


def sentences(
    error: ApiError, labels: Mapping[str, str] = MappingProxyType({})
) -> list[str]:
    """Return the messages for an error of the API, one for each field.

    ``labels`` are the fields' labels in the form, if they aren't their names.
    """
    if not isinstance(error, ValidationFailed):
        return [error.detail]
    return [
        f"{labels.get(name) or name.capitalize()}: {said}"
        for _, name, said in error.errors
    ]


def error_page(error: PageError, request: Request) -> Response:
    template = f"{TEMPLATES}error.jinja2"
    return page(request, template, status=error.status, sentence=error.sentence)
