"""Protects forms against CSRF, with and without a browser session.

A form repeats a value that only the browser has, in a cookie. A page of another site
can send a form here, but doesn't know this value.
"""

from apiserver.auth.browser.pages import STAYING, PageError, form_of, page
from apiserver.auth.browser.sessions import (
    cookie,
    cookie_value,
    csrf_matches,
    csrf_token,
    random_value,
    session_cookie,
)
from apiserver.core.endpoints import Request
from apiserver.core.http import Header, Response

LOGIN_LIFETIME = 600
EXPIRED = "This form has expired. Go back, reload the page and retry."


def tied_form(
    request: Request, secret: str | None, *, otherwise: str = EXPIRED
) -> dict[str, str]:
    """Return the fields of a form that is tied to the secret.

    Raises PageError with the message ``otherwise`` for any other form.
    """
    form = form_of(request)
    if not csrf_matches(secret, form.get("csrf")):
        raise PageError(otherwise)
    return form


def own_form(request: Request) -> dict[str, str]:
    """Return the fields of a form of a signed-in user.

    Raises PageError unless its CSRF token is that of the browser's session.
    """
    return tied_form(request, session_cookie(request))


def guest_form(request: Request) -> dict[str, str]:
    """Return the fields of a form that ``guest_page`` has shown in this browser.

    Raises PageError for any other.
    """
    return tied_form(request, login_secret(request))


def guest_page(
    request: Request,
    template: str,
    *headers: Header,
    status: int = 200,
    policy: str = STAYING,
    **values: object,
) -> Response:
    """Render a page with a form for anonymous visitors, as ``page`` does.

    ``csrf`` is for the form, which is tied to this browser by a cookie.
    """
    secret, kept = login_secret_cookie(request)
    return page(
        request,
        template,
        kept,
        *headers,
        status=status,
        policy=policy,
        csrf=csrf_token(secret),
        **values,
    )


def login_secret(request: Request) -> str | None:
    """Return the browser's secret, if this server may have set it."""
    return cookie_value(request, "login")


def login_secret_cookie(request: Request) -> tuple[str, Header]:
    """Return the browser's secret, or a new one, and the cookie for it."""
    secret = login_secret(request) or random_value()
    return secret, cookie(request, "login", secret, lifetime=LOGIN_LIFETIME)
