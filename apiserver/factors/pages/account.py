"""The account's pages of second factors: ``/account/factors``, and setting one up."""

from sqlalchemy import bindparam, select

from apiserver.auth.browser import (
    PageError,
    account_page,
    finish_sign_in,
    fresh,
    lead_to,
    own_form,
    page,
    page_view,
    signed_in,
)
from apiserver.core.audit import About, record
from apiserver.core.endpoints import Request
from apiserver.core.http import Header, Response, TooManyRequests
from apiserver.core.tree import parse_id
from apiserver.core.typing import Row
from apiserver.factors import actions
from apiserver.factors.models import Factor
from apiserver.factors.pages.enrolling import (
    NotEnrolled,
    begin_totp,
    enrol,
    locked,
    shown_passkey,
    shown_totp,
)
from apiserver.factors.pages.showing import (
    SCRIPTED_STAYING,
    TEMPLATES,
    cookies_of,
)
from apiserver.factors.resources import DETAIL
from apiserver.factors.standing import codes_left, must_have_one, standing

OWN = (
    select(*DETAIL)
    .where(Factor.user_id == bindparam("user_id"), Factor.confirmed.is_not(None))
    .order_by(Factor.id)
)
GONE = "There is no such factor any more. Go back and reload the page."


@page_view("account_factors")
def get_factors(request: Request) -> Response:
    """Show which factors there are, and how many codes are left."""
    return factors_page(request, signed_in(request))


def factors_page(
    request: Request, session: Row, *, status: int = 200, failed: str = ""
) -> Response:
    db, user_id = request.db, session.user.id
    roles = standing(db, user_id)
    return account_page(
        request,
        session,
        f"{TEMPLATES}factors.jinja2",
        status=status,
        factors=db.rows(OWN, {"user_id": user_id}),
        left=codes_left(db, user_id),
        is_required=must_have_one(request.registry.settings, roles),
        failed=failed,
    )


@page_view("account_factors", "POST")
def post_factors(request: Request) -> Response:
    """Remove a factor, or generate new recovery codes."""
    form = own_form(request)
    session = fresh(request)
    account = locked(request, session.user.id, session.user.epoch)
    try:
        if "remove" in form:
            remove(request, session.user, form["remove"])
            return lead_to(request.route_path("account_factors"))
        codes = actions.new_codes(request.db, request.registry, account)
    except (actions.StillRequired, actions.NoFactor) as error:
        return factors_page(request, session, status=error.status, failed=error.detail)
    about = About(actor_id=account.id, target="recovery_code")
    record(request, "recovery_codes_created", **about)
    return codes_page(request, codes)


def remove(request: Request, user: Row, segment: str) -> None:
    """Remove a factor of a locked user. Raises PageError, StillRequired."""
    try:
        factor = request.db.lock(Factor, parse_id(segment))
    except KeyError:
        factor = None
    if factor is None or factor.user_id != user.id:
        raise PageError(GONE, 404)
    is_required = must_have_one(request.registry.settings, user)
    target = f"factor:{factor.id}"
    actions.remove_factor(request.db, request.registry, factor, is_required=is_required)
    record(request, "factor_deleted", actor_id=user.id, target=target)


def codes_page(request: Request, codes: list[str], *headers: Header) -> Response:
    """Show recovery codes, which are never shown again."""
    return page(
        request,
        f"{TEMPLATES}recovery_codes.jinja2",
        *headers,
        codes=codes,
        next=request.route_path("account_factors"),
    )


@page_view("account_totp")
def get_totp(request: Request) -> Response:
    """Show the QR code for setting up an app."""
    session = fresh(request)
    begin_totp(request, session.user.id)
    return totp_page(request, session)


def totp_page(
    request: Request,
    session: Row,
    *headers: Header,
    status: int = 200,
    failed: str = "",
) -> Response:
    user = session.user
    return account_page(
        request,
        session,
        f"{TEMPLATES}totp.jinja2",
        *headers,
        status=status,
        failed=failed,
        **shown_totp(request, user.id, user.username),
    )


@page_view("account_passkey")
def get_new_passkey(request: Request) -> Response:
    """Show the button that creates a passkey."""
    return passkey_page(request, fresh(request))


def passkey_page(
    request: Request,
    session: Row,
    *headers: Header,
    status: int = 200,
    failed: str = "",
) -> Response:
    # The challenge is stored, whatever the status.
    request.must_commit = True
    return account_page(
        request,
        session,
        f"{TEMPLATES}new_passkey.jinja2",
        *headers,
        status=status,
        policy=SCRIPTED_STAYING,
        failed=failed,
        **shown_passkey(request, session.user),
    )


@page_view("account_totp", "POST")
@page_view("account_passkey", "POST")
def post_new_factor(request: Request) -> Response:
    """Set up the factor; the first one comes with recovery codes and a new session."""
    form = own_form(request)
    session = fresh(request)
    show = totp_page if request.matched_route.name == "account_totp" else passkey_page
    try:
        done = enrol(request, session.user.id, session.user.epoch, form)
    except NotEnrolled as error:
        return show(request, session, status=error.status, failed=error.sentence)
    except TooManyRequests as error:
        headers = error.headers
        return show(request, session, *headers, status=429, failed=error.detail)
    here = request.route_path("account_factors")
    if not done.codes:
        return lead_to(here)
    # All sessions have ended, since they were obtained with a password alone.
    methods = (*session.amr, *done.methods)
    renewed = finish_sign_in(request, done.user, methods=methods, target=here)
    return codes_page(request, done.codes, *cookies_of(renewed))
