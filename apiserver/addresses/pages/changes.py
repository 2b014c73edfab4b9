"""The pages of changes: ``/account/address``, and those that links lead to."""

from collections.abc import Callable

from sqlalchemy import Executable, bindparam, select

from apiserver.addresses import actions, asking
from apiserver.addresses.pages.showing import TEMPLATES, failure_page
from apiserver.addresses.schemas import AddressChangeCreate
from apiserver.auth.browser import (
    account_page,
    form_of,
    fresh_to_change,
    is_fresh,
    own_form,
    page,
    page_view,
    sentences,
    signed_in,
)
from apiserver.core.endpoints import Request
from apiserver.core.http import ApiError, Response
from apiserver.core.schemas import validated
from apiserver.core.typing import Row
from apiserver.users.models import User

SCHEMA = AddressChangeCreate()
ADDRESS = select(User.email).where(User.id == bindparam("user_id"))


@page_view("account_address")
def get_address(request: Request) -> Response:
    """Show the address, with a form for another one if the sign-in is recent."""
    return address_page(request, signed_in(request))


def address_page(
    request: Request, session: Row, error: ApiError | None = None, **values: str
) -> Response:
    address = request.db.execute(ADDRESS, {"user_id": session.user.id}).scalar_one()
    return account_page(
        request,
        session,
        f"{TEMPLATES}address.jinja2",
        *(error.headers if error else ()),
        status=error.status if error else 200,
        address=address,
        is_fresh=is_fresh(request, session),
        failed=sentences(error) if error else [],
        **values,
    )


@page_view("account_address", "POST")
def post_address(request: Request) -> Response:
    """Ask for a change; the response is the same for every address."""
    form = own_form(request)
    signed_in(request)
    email = form.get("email", "")
    session = None
    try:
        asking.prepare_change(request)
        session = fresh_to_change(request)
        values = validated(SCHEMA, "body", {"email": email})
        asking.ask_for_change(request, session.user, values["email"])
    except ApiError as error:
        return address_page(request, session or signed_in(request), error, email=email)
    return address_page(request, session, mailed=email)


@page_view("confirm_address")
@page_view("take_address_back")
def get_link(request: Request) -> Response:
    """Show what the button will do; programs that open links change nothing."""
    statement, _, template = link_of(request)
    token = request.GET.get("token", "")
    try:
        row = actions.find(request.db, statement, token)
    except ApiError as error:
        return failure_page(request, error)
    return page(request, f"{TEMPLATES}{template}.jinja2", token=token, row=row)


@page_view("confirm_address", "POST")
@page_view("take_address_back", "POST")
def post_link(request: Request) -> Response:
    """Change the address. Only the recipient of the mail knows the token."""
    token = form_of(request).get("token", "")
    statement, act, template = link_of(request)
    try:
        asking.lock_owner(request, statement, token)
        user = act(request, token)
    except ApiError as error:
        return failure_page(request, error)
    return page(request, f"{TEMPLATES}{template}.jinja2", done=user)


def link_of(request: Request) -> tuple[Executable, Callable[[Request, str], User], str]:
    """Return the statement that finds a link, its action, and its template."""
    if request.matched_route.name == "confirm_address":
        return actions.FIND_CHANGE, asking.confirm_change, "confirm_address"
    return actions.FIND_TAKE_BACK, asking.take_back, "take_address_back"
