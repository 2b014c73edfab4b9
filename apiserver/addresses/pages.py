"""The pages ``/account/sign-up`` and ``/account/confirm``."""

from apiserver.addresses import actions
from apiserver.addresses.asking import ask_for_sign_up, prepare_sign_up
from apiserver.auth.browser import (
    PageError,
    csrf_matches,
    csrf_token,
    form_of,
    login_secret,
    login_secret_cookie,
    page,
    page_view,
)
from apiserver.core.endpoints import Request
from apiserver.core.http import ApiError, Response, ValidationFailed
from apiserver.core.schemas import validated
from apiserver.users.preparing import becomes_active, refuse_closed
from apiserver.users.schemas import UserCreate

TEMPLATES = "apiserver.addresses:templates/"
FIELDS = ("username", "email", "password")
SCHEMA = UserCreate()
EXPIRED = "This form has expired. Go back, reload the page and retry."


@page_view("sign_up")
def get_sign_up(request: Request) -> Response:
    """Show the form."""
    return sign_up_page(request)


def sign_up_page(
    request: Request, error: ApiError | None = None, **values: str
) -> Response:
    """Show the form, which belongs to the browser, and what was wrong with it."""
    secret, kept = login_secret_cookie(request)
    return page(
        request,
        f"{TEMPLATES}sign_up.jinja2",
        kept,
        *(error.headers if error else ()),
        status=error.status if error else 200,
        csrf=csrf_token(secret),
        closed=closed_because(request),
        failed=sentences(error) if error else [],
        **values,
    )


def closed_because(request: Request) -> str:
    """Return why nobody can sign up on this page, or nothing."""
    if request.setting("signup") == "closed":
        return "Sign-up is closed; ask an administrator."
    if request.setting("captcha") != "off":
        return "Sign-up needs a captcha: use an application of this server."
    return ""


def sentences(error: ApiError) -> list[str]:
    """Return what a page says of an error, each with the name of its field."""
    if not isinstance(error, ValidationFailed):
        return [error.detail]
    return [f"{name.capitalize()}: {said}" for _, name, said in error.errors]


@page_view("sign_up", "POST")
def post_sign_up(request: Request) -> Response:
    """Sign up; what is shown next doesn't depend on the address."""
    form = form_of(request)
    if not csrf_matches(login_secret(request), form.get("csrf")):
        raise PageError(EXPIRED)
    if closed_because(request):
        return sign_up_page(request)
    document = {name: form.get(name, "") for name in FIELDS}
    try:
        values = validated(SCHEMA, "body", document)
        prepare_sign_up(request, values)
        ask_for_sign_up(request, values)
    except ApiError as error:
        known = {name: document[name] for name in ("username", "email")}
        return sign_up_page(request, error, **known)
    return page(request, f"{TEMPLATES}mailed.jinja2", email=document["email"])


@page_view("confirm_sign_up")
def get_confirmation(request: Request) -> Response:
    """Show what a button would confirm; programs that open links change nothing."""
    token = request.GET.get("token", "")
    try:
        refuse_closed(request)
        row = actions.find_sign_up(request.db, token)
    except ApiError as error:
        return failure_page(request, error)
    template = f"{TEMPLATES}confirm_sign_up.jinja2"
    return page(request, template, token=token, row=row)


@page_view("confirm_sign_up", "POST")
def post_confirmation(request: Request) -> Response:
    """Create the account. The token is known to whoever has got the mail alone."""
    token = form_of(request).get("token", "")
    try:
        refuse_closed(request)
        is_active = becomes_active(request)
        user = actions.confirm_sign_up(request.db, token, is_active=is_active)
    except ApiError as error:
        return failure_page(request, error)
    return page(request, f"{TEMPLATES}signed_up.jinja2", user=user)


def failure_page(request: Request, error: ApiError) -> Response:
    """Say why a link does nothing."""
    if isinstance(error, actions.LinkGone):
        raise PageError(actions.GONE, 410)
    raise PageError(error.detail, error.status)
