"""What all pages share: rendering, their headers, whose form this is.

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

# No script, nothing from elsewhere, no other page around it. It says nothing of where
# forms lead: browsers hold that against each hop of the redirects that follow, of which
# the client has chosen the first, and nobody here knows the others (docs/adr/0012).
LEADING_ON = (
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
STAYING = f"{LEADING_ON}; form-action 'self'"


class PageError(Exception):
    """A page can't be shown; the sentence is for the person in front of it."""

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
    """Render a page, from which a form leads as far as the policy lets it.

    ``template`` is an asset, as ``apiserver.mail:templates/sent.jinja2``. What it is
    given besides the values is ``moment(…)``, which writes a datetime.
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
    """Write a time for a person, of whose place nothing is known."""
    utc = time.astimezone(UTC)
    text = f"{utc.day} {utc:%B %Y, %H:%M} UTC"
    return Markup('<time datetime="{}">{}</time>').format(utc.isoformat(), text)


def lead_to(location: str, *headers: Header) -> Response:
    """Lead on, by GET whatever this request was (RFC 9700 section 4.12)."""
    return redirect(303, location, NO_CACHE, *headers)


def form_of(request: Request) -> dict[str, str]:
    """Return the fields of a form that a page of this server has sent.

    Raises PageError for a form from elsewhere, as far as the browser says so; the CSRF
    token is for the caller to check.
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

    Under the referrer policy of these pages it sends "Origin: null" with the form.
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
    """Return what a page says of an error of the API: of each field what is wrong.

    Fields are called by their ``labels``, where the form has others than their names.
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
