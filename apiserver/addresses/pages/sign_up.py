"""The pages ``/account/sign-up`` and ``/account/confirm``."""

from apiserver.addresses import actions
from apiserver.addresses.asking import ask_for_sign_up, prepare_sign_up
from apiserver.addresses.pages.showing import TEMPLATES, failure_page
from apiserver.auth.browser import (
    form_of,
    guest_form,
    guest_page,
    page,
    page_view,
    sentences,
)
from apiserver.core.endpoints import Request
from apiserver.core.http import ApiError, Response
from apiserver.core.schemas import validated
from apiserver.users.preparing import becomes_active, refuse_closed
from apiserver.users.schemas import UserCreate

FIELDS = ("username", "email", "password")
SCHEMA = UserCreate()


@page_view("sign_up")
def get_sign_up(request: Request) -> Response:
    """Show the form."""
    return sign_up_page(request)


def sign_up_page(
    request: Request, error: ApiError | None = None, **values: str
) -> Response:
    """Show the form, bound to the browser, and what was wrong with it."""
    return guest_page(
        request,
        f"{TEMPLATES}sign_up.jinja2",
        *(error.headers if error else ()),
        status=error.status if error else 200,
        closed=closed_because(request),
        failed=sentences(error) if error else [],
        **values,
    )


def closed_because(request: Request) -> str:
    """Return why nobody can sign up on this page; empty if they can."""
    if request.setting("signup") == "closed":
        return "Sign-up is closed; ask an administrator."
    if request.setting("captcha") != "off":
        return "Sign-up needs a captcha: use an application of this server."
    return ""


@page_view("sign_up", "POST")
def post_sign_up(request: Request) -> Response:
    """Sign up; the response is the same for every address."""
    form = guest_form(request)
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
    """Show what the button will confirm; programs that open links change nothing."""
    token = request.GET.get("token", "")
    try:
        refuse_closed(request)
        row = actions.find(request.db, actions.FIND, token)
    except ApiError as error:
        return failure_page(request, error)
    template = f"{TEMPLATES}confirm_sign_up.jinja2"
    return page(request, template, token=token, row=row)


@page_view("confirm_sign_up", "POST")
def post_confirmation(request: Request) -> Response:
    """Create the account. Only the recipient of the mail knows the token."""
    token = form_of(request).get("token", "")
    try:
        refuse_closed(request)
        is_active = becomes_active(request)
        user = actions.confirm_sign_up(request.db, token, is_active=is_active)
    except ApiError as error:
        return failure_page(request, error)
    return page(request, f"{TEMPLATES}signed_up.jinja2", user=user)
