"""Set up a factor on a page: with an app's code, or with a passkey's signature."""

from typing import NamedTuple

import orjson

from apiserver.auth.browser import PageError
from apiserver.core.audit import record
from apiserver.core.db import commit_so_far
from apiserver.core.endpoints import Request
from apiserver.core.typing import Json, Row
from apiserver.factors import actions, guessing, passkeys, proofs, sealing, totp
from apiserver.factors.models import Factor
from apiserver.factors.pages.showing import written
from apiserver.factors.standing import BY_CODE, BY_PASSKEY
from apiserver.users.models import User
from apiserver.users.resources import lock_account

CONFIRMATION = "factor_setup"
NAMES = {"totp": "Authenticator app", "passkey": "Passkey"}
LONGEST_NAME = 80
CHANGED = "The account has changed in the meantime. Sign in again."


class NotEnrolled(Exception):
    """The proof of a new factor is refused; the sentence is for the page."""

    def __init__(self, sentence: str, status: int = 422) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.status = status


class Enrolled(NamedTuple):
    """The account with its new factor, the proof, and codes if it is the first."""

    user: User
    methods: tuple[str, ...]
    codes: list[str]


def begin_totp(request: Request, user_id: int) -> None:
    """Begin to set up an app, unless one already waits for its first code."""
    lock_account(request, user_id)
    if waiting(request, user_id) is None:
        db, keys = request.db, request.setting("factors_key")
        row, _ = actions.enrol_totp(db, keys, user_id=user_id, name=NAMES["totp"])
        target = f"factor:{row.id}"
        record(request, "factor_created", actor_id=user_id, target=target)


def waiting(request: Request, user_id: int) -> Row:
    """Return the app that waits for its first code, or None."""
    return request.db.row(actions.WAITING, {"user_id": user_id})


def shown_totp(request: Request, user_id: int, username: str) -> dict[str, object]:
    """Return the waiting app's image and secret for a page, or nothing."""
    found = waiting(request, user_id)
    keys = request.setting("factors_key")
    secret = found and sealing.unseal(keys, found.secret, user_id=user_id)
    if not secret:
        return {"qr_code": None}
    uri = totp.uri_of(secret, username=username, title=request.setting("title"))
    return {
        "qr_code": totp.inline_svg(uri),
        "secret": totp.grouped(secret),
        "uri": uri,
    }


def shown_passkey(request: Request, user: Row) -> dict[str, object]:
    """Return what a page needs to create a passkey; ``user`` has id and username."""
    db = request.db
    challenge = actions.put_challenge(db, purpose=proofs.REGISTER, user_id=user.id)
    known = actions.passkeys_of(db, user.id)
    options = passkeys.options_to_create(request, user, challenge, known)
    return {"options": written(options)}


def enrol(request: Request, user_id: int, epoch: int, form: dict[str, str]) -> Enrolled:
    """Set up the factor whose code or credential the form contains.

    First commits what the request has written. Raises NotEnrolled; PageError if the
    account isn't at this epoch any more.
    """
    if "credential" in form:
        return enrol_passkey(request, user_id, epoch, form)
    found = waiting(request, user_id)
    if found is None:
        raise PageError(CHANGED)
    guessing.count_attempt(request, CONFIRMATION, user_id)
    step = proofs.of_new_app(request, found.id, form.get("code", ""))
    if step is None:
        raise NotEnrolled("This is not the code that the app shows now. Try again.")
    guessing.forget_attempts(request, CONFIRMATION, user_id)
    commit_so_far(request)
    account = locked(request, user_id, epoch)
    factor = request.db.lock(Factor, found.id)
    if factor is None:
        raise PageError(CHANGED)
    factor.name = name_in(form, "totp")
    codes = actions.confirm_totp(
        request.db, request.registry, account, factor, step=step
    )
    return announced(request, account, factor.id, BY_CODE, codes)


def enrol_passkey(
    request: Request, user_id: int, epoch: int, form: dict[str, str]
) -> Enrolled:
    """Register a passkey; raise as ``enrol`` does."""
    try:
        credential = credential_in(form)
        challenge = proofs.answered_challenge(
            request, credential, purpose=proofs.REGISTER, user_id=user_id
        )
        made = passkeys.new_passkey(request, credential, challenge)
    except passkeys.PasskeyRefused:
        raise NotEnrolled(
            "The passkey was not made for this page. Try again."
        ) from None
    account = locked(request, user_id, epoch)
    try:
        factor, codes = actions.add_passkey(
            request.db,
            request.registry,
            account,
            name=name_in(form, "passkey"),
            made=made,
        )
    except (actions.PasskeyKnown, actions.TooManyFactors) as error:
        raise NotEnrolled(error.detail, error.status) from None
    return announced(request, account, factor.id, BY_PASSKEY, codes)


def locked(request: Request, user_id: int, epoch: int) -> User:
    """Lock the account; raise PageError if its epoch has changed."""
    lock_account(request, user_id)
    account: User | None = request.db.lock(User, user_id)
    if account is None or account.epoch != epoch or not account.is_active:
        raise PageError(CHANGED)
    return account


def announced(
    request: Request,
    account: User,
    factor_id: int,
    methods: tuple[str, ...],
    codes: list[str],
) -> Enrolled:
    request.db.flush()
    record(
        request,
        "factor_confirmed",
        actor_id=account.id,
        target=actions.about(account, [factor_id]),
    )
    return Enrolled(account, methods, codes)


def name_in(form: dict[str, str], kind: str) -> str:
    """Return the form's name for the factor, or the name of its kind."""
    typed = "".join(char for char in form.get("name", "") if char.isprintable())
    return typed.strip()[:LONGEST_NAME].strip() or NAMES[kind]


def credential_in(form: dict[str, str]) -> Json:
    """Return the credential of a form. Raises PasskeyRefused if it isn't JSON."""
    try:
        return orjson.loads(form["credential"])
    except (orjson.JSONDecodeError, KeyError):
        raise passkeys.PasskeyRefused from None
