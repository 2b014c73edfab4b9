"""Sign in with only a passkey: a device that verifies its user is two factors."""

from apiserver.auth.browser import (
    begin_sign_in,
    guest_form,
    guest_page,
    hold_user,
    next_of,
    page_view,
)
from apiserver.core.audit import FAILURE, record
from apiserver.core.db import counter_key
from apiserver.core.endpoints import Request
from apiserver.core.http import Header, Response, TooManyRequests
from apiserver.factors import actions, passkeys, proofs
from apiserver.factors.pages.enrolling import credential_in
from apiserver.factors.pages.showing import (
    SCRIPTED,
    SCRIPTED_STAYING,
    TEMPLATES,
    record_use,
)
from apiserver.users.throttle import Counter, count_or_refuse

FAILED = "This passkey is unknown here, or did not sign. Try again, or use a password."


@page_view("passkey")
def get_passkey(request: Request) -> Response:
    """Show the button that asks for a passkey."""
    return passkey_page(request, target=next_of(request, request.GET.get("next")))


def passkey_page(
    request: Request, *headers: Header, target: str, status: int = 200, failed: str = ""
) -> Response:
    return guest_page(
        request,
        f"{TEMPLATES}passkey.jinja2",
        *headers,
        status=status,
        policy=SCRIPTED if target else SCRIPTED_STAYING,
        next=target,
        failed=failed,
    )


@page_view("passkey", "POST")
def post_passkey(request: Request) -> Response:
    """Check what the passkey has signed, and start the session.

    Without a signature the response is a challenge to sign, for the page's script.
    """
    form = guest_form(request)
    target = next_of(request, form.get("next"))
    try:
        count_or_refuse(request, [by_address(request)])
        if "credential" not in form:
            return challenge(request, target)
        factor, proof = proofs.by_passkey(request, credential_in(form))
    except TooManyRequests as error:
        return passkey_page(
            request, *error.headers, target=target, status=429, failed=error.detail
        )
    except passkeys.PasskeyRefused:
        return refused(request, target)
    user = hold_user(request, factor.user_id, factor.epoch)
    if user is None or not proofs.use(request.db, proof):
        return refused(request, target)
    record_use(request, user, proof)
    return begin_sign_in(request, user, methods=proof.methods, target=target)


def by_address(request: Request) -> Counter:
    """Return the address's counter of attempts, as for passwords."""
    limit = request.setting("login_attempts_per_address")
    return Counter(counter_key("passkey", request.network), limit)


def refused(request: Request, target: str) -> Response:
    record(request, "sign_in", FAILURE)
    request.must_commit = True
    return passkey_page(request, target=target, status=403, failed=FAILED)


def challenge(request: Request, target: str) -> Response:
    """Return the page with a challenge that any passkey of this server may sign."""
    value = actions.put_challenge(request.db, purpose=proofs.SIGN_IN)
    options = passkeys.options_to_use(request, value)
    return Response(json_body=options)
