"""The pages ``/account/lost-password`` and ``/account/new-password``."""

from apiserver.auth.browser import (
    PageError,
    guest_form,
    guest_page,
    page,
    page_view,
)
from apiserver.core.endpoints import Request
from apiserver.core.http import Response, TooManyRequests, ValidationFailed
from apiserver.core.jobs import put
from apiserver.core.schemas import validated
from apiserver.mail import LinkInvalid, limit_mails
from apiserver.password_resets import actions, jobs
from apiserver.password_resets.schemas import PasswordResetConfirm, PasswordResetCreate
from apiserver.users.resources import lock_account

TEMPLATES = "apiserver.password_resets:templates/"
ASKED = PasswordResetCreate()
CONFIRMED = PasswordResetConfirm()


@page_view("lost_password")
def get_lost_password(request: Request) -> Response:
    """Ask for the address."""
    return guest_page(request, f"{TEMPLATES}lost_password.jinja2")


@page_view("lost_password", "POST")
def post_lost_password(request: Request) -> Response:
    """Ask for a link; the response is the same for each address."""
    email = guest_form(request).get("email", "")
    try:
        values = validated(ASKED, "body", {"email": email})
        limit_mails(request)
    except (ValidationFailed, TooManyRequests) as error:
        return guest_page(
            request,
            f"{TEMPLATES}lost_password.jinja2",
            *error.headers,
            status=error.status,
            email=email,
            failed=sentence(error),
        )
    put(request.db, jobs.find_account_of_address, values)
    return page(request, f"{TEMPLATES}link_asked.jinja2")


@page_view("new_password")
def get_new_password(request: Request) -> Response:
    """Show the form for a new password; only submitting it uses the link."""
    token = request.GET.get("token", "")
    try:
        found = actions.show_link(request, token)
    except LinkInvalid:
        return link_over(request)
    except TooManyRequests as error:
        raise PageError(error.detail, error.status) from error
    username = found.username
    template = f"{TEMPLATES}new_password.jinja2"
    return guest_page(request, template, token=token, username=username)


@page_view("new_password", "POST")
def post_new_password(request: Request) -> Response:
    """Set the password, once."""
    form = guest_form(request)
    given = {name: form.get(name, "") for name in ("token", "password")}
    try:
        values = validated(CONFIRMED, "body", given)
        link = actions.prepare_link(request, **values)
        lock_account(request, link.user_id)
        jobs.tell(request, actions.use_link(request, link))
    except LinkInvalid:
        return link_over(request)
    except (ValidationFailed, TooManyRequests) as error:
        return guest_page(
            request,
            f"{TEMPLATES}new_password.jinja2",
            *error.headers,
            status=error.status,
            token=given["token"],
            username=form.get("username", ""),
            failed=sentence(error),
        )
    return page(request, f"{TEMPLATES}password_set.jinja2")


def link_over(request: Request) -> Response:
    """Say that the link no longer works, and how to get another."""
    sentence = LinkInvalid.sentence
    return page(request, f"{TEMPLATES}link_over.jinja2", status=404, sentence=sentence)


def sentence(error: ValidationFailed | TooManyRequests) -> str:
    """Return the form's sentence about an error."""
    if isinstance(error, TooManyRequests):
        return error.detail
    return " ".join(description for _, _, description in error.errors)
