"""The second step of a sign-in: a code or a passkey, or setting up the first factor.

::

    POST /auth/login ── no factor, none required ──> session
                     ── factor ──> /auth/second-factor ── proof ──> session
                     ── none, but required ──> /auth/enrol-factor ── set up ──> session
"""

from collections.abc import Sequence

from apiserver.auth.browser import (
    PageError,
    begin_sign_in,
    csrf_token,
    hold_user,
    lead_to,
    page,
    page_view,
)
from apiserver.core.audit import FAILURE, record
from apiserver.core.db import commit_so_far
from apiserver.core.endpoints import Request
from apiserver.core.http import Header, Response, TooManyRequests
from apiserver.core.typing import Row
from apiserver.factors import actions, guessing, passkeys, proofs
from apiserver.factors.pages import attempts
from apiserver.factors.pages.enrolling import (
    NotEnrolled,
    begin_totp,
    credential_in,
    enrol,
    shown_passkey,
    shown_totp,
)
from apiserver.factors.pages.showing import (
    SCRIPTED,
    SCRIPTED_STAYING,
    TEMPLATES,
    instead_of,
    record_use,
    with_headers,
    written,
)
from apiserver.factors.standing import (
    codes_left,
    has_factor,
    must_have_one,
    standing,
)

GUESSES = "second_factor"
WRONG = "This code is wrong, or was used before. Wait for the next one and try again."
WRONG_PASSKEY = "This passkey is not one of the account, or did not sign. Try again."


def ask_for_factor(
    request: Request, user: Row, *, methods: Sequence[str], target: str
) -> Response | None:
    """Redirect to the further proof that is required, if any."""
    if "mfa" in methods:
        return None
    row = standing(request.db, user.id)
    if has_factor(row):
        route = "second_factor"
    elif must_have_one(request.registry.settings, row):
        route = "enrol_factor"
    else:
        return None
    begun = attempts.begin(request, user, methods=methods, target=target)
    return lead_to(request.route_path(route), begun)


@page_view("second_factor")
def get_second_factor(request: Request) -> Response:
    """Ask for a code or a passkey."""
    attempt = attempts.find(request)
    if attempt is None:
        return lead_to(request.route_path("login"))
    return step_page(request, attempt)


def step_page(
    request: Request,
    attempt: Row,
    *headers: Header,
    status: int = 200,
    failed: str = "",
) -> Response:
    row = standing(request.db, attempt.user_id)
    options = options_of(request, attempt.user_id) if row.has_passkey else ""
    return page(
        request,
        f"{TEMPLATES}second_factor.jinja2",
        *headers,
        status=status,
        policy=policy_of(attempt),
        csrf=csrf_token(attempts.value_of(request) or ""),
        username=attempt.username,
        has_totp=row.has_totp,
        options=options,
        failed=failed,
    )


def options_of(request: Request, user_id: int) -> str:
    """Return the options with the challenge for one of the user's passkeys."""
    challenge = actions.put_challenge(request.db, purpose=proofs.SIGN_IN)
    # It is stored, whatever the status of the page.
    request.must_commit = True
    known = actions.passkeys_of(request.db, user_id)
    return written(passkeys.options_to_use(request, challenge, known))


def policy_of(attempt: Row) -> str:
    return SCRIPTED if attempt.target else SCRIPTED_STAYING


@page_view("second_factor", "POST")
def post_second_factor(request: Request) -> Response:
    """Check the proof, and start the session."""
    attempt, form = attempts.own_form(request)
    try:
        proof = proof_of(request, attempt, form)
    except TooManyRequests as error:
        return step_page(
            request, attempt, *error.headers, status=429, failed=error.detail
        )
    user = hold_user(request, attempt.user_id, attempt.user_epoch)
    if user is None:
        raise PageError(attempts.OVER)
    if proof is None or not proofs.use(request.db, proof):
        record(request, "second_factor", FAILURE, actor_id=user.id)
        request.must_commit = True
        failed = WRONG_PASSKEY if "credential" in form else WRONG
        return step_page(request, attempt, status=403, failed=failed)
    record_use(request, user, proof)
    return go_on(request, attempt, user, proof)


def proof_of(
    request: Request, attempt: Row, form: dict[str, str]
) -> proofs.Proof | None:
    """Return the form's proof, or None. Raises TooManyRequests."""
    user_id, code = attempt.user_id, form.get("code", "")
    if "credential" in form:
        try:
            factor, signed = proofs.by_passkey(request, credential_in(form))
        except passkeys.PasskeyRefused:
            return None
        return signed if factor.user_id == user_id else None
    if not proofs.is_app_code(code):
        return proofs.by_recovery_code(user_id, code)
    guessing.count_attempt(request, GUESSES, user_id)
    proof = proofs.by_code(request, user_id, code)
    if proof is not None:
        guessing.forget_attempts(request, GUESSES, user_id)
        commit_so_far(request)
    return proof


def go_on(request: Request, attempt: Row, user: Row, proof: proofs.Proof) -> Response:
    """Start the session; after a recovery code, show how many are left."""
    methods = (*attempt.methods, *proof.methods)
    over = attempts.end(request, attempt)
    # Other steps may have to follow.
    response = begin_sign_in(request, user, methods=methods, target=attempt.target)
    if response.location is None or proof.statement is not proofs.USE_CODE:
        return with_headers(response, [over])
    left = codes_left(request.db, user.id)
    return instead_of(response, request, "recovery_code_used.jinja2", over, left=left)


@page_view("enrol_factor")
def get_enrol_factor(request: Request) -> Response:
    """Let a user who must have a factor set one up."""
    attempt = attempts.find(request)
    if attempt is None:
        return lead_to(request.route_path("login"))
    if has_factor(standing(request.db, attempt.user_id)):
        return lead_to(request.route_path("second_factor"))
    begin_totp(request, attempt.user_id)
    return enrol_page(request, attempt)


def enrol_page(
    request: Request,
    attempt: Row,
    *headers: Header,
    status: int = 200,
    failed: str = "",
) -> Response:
    user_id, username = attempt.user_id, attempt.username
    # The challenge is stored, whatever the status.
    request.must_commit = True
    return page(
        request,
        f"{TEMPLATES}enrol_factor.jinja2",
        *headers,
        status=status,
        policy=policy_of(attempt),
        csrf=csrf_token(attempts.value_of(request) or ""),
        username=username,
        failed=failed,
        **shown_totp(request, user_id, username),
        **shown_passkey(request, attempts.user_of(attempt)),
    )


@page_view("enrol_factor", "POST")
def post_enrol_factor(request: Request) -> Response:
    """Set the factor up, start the session, and show the recovery codes."""
    attempt, form = attempts.own_form(request)
    if has_factor(standing(request.db, attempt.user_id)):
        raise PageError(attempts.OVER)
    try:
        done = enrol(request, attempt.user_id, attempt.user_epoch, form)
    except NotEnrolled as error:
        return enrol_page(request, attempt, status=error.status, failed=error.sentence)
    except TooManyRequests as error:
        return enrol_page(
            request, attempt, *error.headers, status=429, failed=error.detail
        )
    methods = (*attempt.methods, *done.methods)
    over = attempts.end(request, attempt)
    response = begin_sign_in(request, done.user, methods=methods, target=attempt.target)
    if response.location is None:
        # Another step follows; new codes are available on the account's page.
        return with_headers(response, [over])
    return instead_of(
        response, request, "recovery_codes.jinja2", over, codes=done.codes
    )
