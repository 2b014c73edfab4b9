"""The page ``/account/tokens``."""

from apiserver.auth.browser import (
    account_page,
    fresh_to_change,
    is_fresh,
    lead_to,
    own_form,
    page_view,
    sentences,
    signed_in,
    signed_in_to_change,
)
from apiserver.core.audit import record
from apiserver.core.endpoints import Request
from apiserver.core.http import Response, ValidationFailed
from apiserver.core.schemas import validated
from apiserver.core.tree import parse_id
from apiserver.core.typing import Row
from apiserver.personal_tokens import actions
from apiserver.personal_tokens.schemas import PersonalTokenCreate

TEMPLATE = "apiserver.personal_tokens:templates/tokens.jinja2"
DAYS = (7, 30, 90, 366)
FOREVER = "forever"
SCHEMA = PersonalTokenCreate()


def tokens_page(
    request: Request, session: Row, *, status: int = 200, **values: object
) -> Response:
    """Show the tokens, with the form for a new one if the sign-in is recent."""
    most = request.setting("personal_token_days")
    return account_page(
        request,
        session,
        TEMPLATE,
        status=status,
        tokens=actions.tokens_of(request.db, user_id=session.user.id),
        sentences=request.registry.scopes,
        is_fresh=is_fresh(request, session),
        days=[each for each in DAYS if each < most] + [most],
        may_be_forever=request.setting("personal_token_forever"),
        **values,
    )


@page_view("account_tokens")
def get_tokens(request: Request) -> Response:
    """Show the tokens."""
    return tokens_page(request, signed_in(request))


@page_view("account_tokens", "POST")
def post_tokens(request: Request) -> Response:
    """Create a token, and show it once; or revoke one."""
    form = own_form(request)
    if "revoke" in form:
        revoke(request, signed_in_to_change(request).user, form["revoke"])
        return lead_to(request.path)
    session = fresh_to_change(request)
    try:
        token = create(request, session, form)
    except (ValidationFailed, actions.TooManyTokens) as error:
        failed = sentences(error)
        return tokens_page(request, session, status=error.status, failed=failed)
    return tokens_page(request, session, created=token)


def create(request: Request, session: Row, form: dict[str, str]) -> Row:
    """Create the token that the form describes.

    Raises ValidationFailed, TooManyTokens.
    """
    document = {
        "name": form.get("name", ""),
        "scopes": [s for s in request.registry.scopes if f"scope.{s}" in form],
        "days": days_of(form.get("days", "")),
    }
    values = validated(SCHEMA, "body", document)
    actions.check_days(values["days"], request.registry.settings)
    token = actions.create_token(
        request.db, user=session.user, amr=session.amr, **values
    )
    target = f"personal_token:{token.id} of:{session.user.id}"
    record(request, "personal_token_created", actor_id=session.user.id, target=target)
    return token


def days_of(text: str) -> int | None:
    """Return the form's lifetime in days, None for no end; 0 if it isn't a number."""
    if text == FOREVER:
        return None
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0


def revoke(request: Request, user: Row, number: str) -> None:
    """Revoke a token of the user; do nothing if there is none."""
    try:
        token_id = parse_id(number)
    except KeyError:
        return
    if actions.revoke_token(request.db, user_id=user.id, token_id=token_id):
        target = f"personal_token:{token_id} of:{user.id}"
        record(request, "personal_token_revoked", actor_id=user.id, target=target)
