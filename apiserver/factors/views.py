"""The endpoints of second factors."""

from collections.abc import Iterable
from types import SimpleNamespace

from sqlalchemy import bindparam, select

from apiserver.auth.actions import keep_grant
from apiserver.core.audit import record_call
from apiserver.core.db import commit_so_far
from apiserver.core.endpoints import ApiService, Request
from apiserver.core.http import TooManyRequests
from apiserver.core.lists import Listing
from apiserver.core.typing import Row
from apiserver.factors import actions, guessing, passkeys, proofs, schemas, totp
from apiserver.factors.models import Factor
from apiserver.factors.permissions import FactorPermission
from apiserver.factors.resources import DETAIL, FactorResource
from apiserver.factors.standing import (
    BY_CODE,
    BY_PASSKEY,
    codes_left,
    must_have_one,
    standing,
)
from apiserver.users.models import User
from apiserver.users.resources import UserResource

user_factors = ApiService("user_factors", "/users/{user_id}/factors/")
factors = ApiService("factors", "/users/me/factors/")
factor = ApiService("factor", "/users/me/factors/{factor_id}")
confirmation = ApiService(
    "factor_confirmation", "/users/me/factors/{factor_id}/confirmation"
)
totp_factors = ApiService("totp_factors", "/users/me/factors/totp")
passkey_factors = ApiService("passkey_factors", "/users/me/factors/passkeys")
passkey_options = ApiService("passkey_options", "/users/me/factors/passkey-options")
recovery_codes = ApiService("recovery_codes", "/users/me/factors/recovery-codes")

FACTORS = Listing(
    select(*DETAIL).where(Factor.user_id == bindparam("user_id")), by=Factor.id
)
FRESH = "fresh_sign_in"
CONFIRMATION = "factor_setup"


@user_factors.get(
    permission=FactorPermission.READ, lists=FACTORS, returns=schemas.FactorDetail
)
def list_user_factors(request: Request) -> object:
    """List the second factors of an account."""
    return FACTORS.page_of(request)


@user_factors.delete(permission=FactorPermission.RESET, fresh=FRESH)
def delete_user_factors(request: Request) -> None:
    """Remove all second factors of an account.

    For users who have lost them; make sure who is asking. Recovery codes are removed,
    too, and everything granted in the account's name ends.
    """
    account = request.context.above(UserResource).lock()
    removed = actions.remove_all(request.db, request.registry, account)
    target = actions.about(account, removed)
    record_call(request, "factors_removed", target=target)


@factors.get(
    permission=FactorPermission.READ, lists=FACTORS, returns=schemas.FactorDetail
)
def list_factors(request: Request) -> object:
    """List your own second factors."""
    return FACTORS.page_of(request)


@factor.get(permission=FactorPermission.READ, returns=schemas.FactorDetail)
def get_factor(request: Request) -> object:
    """See one of your second factors."""
    return request.context.factor


@factor.patch(
    permission=FactorPermission.EDIT,
    takes=schemas.FactorPatch,
    returns=schemas.FactorDetail,
)
def patch_factor(request: Request) -> object:
    """Rename one of your second factors."""
    return shown(request.context.patch())


@factor.delete(
    permission=FactorPermission.EDIT, errors=(actions.StillRequired,), fresh=FRESH
)
def delete_factor(request: Request) -> None:
    """Remove one of your second factors.

    The recovery codes go with the last one. If the operator requires a factor, the last
    one can't be removed.
    """
    account = request.context.above(UserResource).lock()
    found = request.context.lock()
    roles = standing(request.db, account.id)
    is_required = must_have_one(request.registry.settings, roles)
    actions.remove_factor(request.db, request.registry, found, is_required=is_required)


@totp_factors.post(
    permission=FactorPermission.EDIT,
    takes=schemas.TotpCreate,
    returns=schemas.TotpCreated,
    errors=(actions.TooManyFactors,),
    status=201,
    fresh=FRESH,
)
def create_totp_factor(request: Request) -> object:
    """Begin to set up an app that shows codes (TOTP, RFC 6238).

    The app reads the secret from a QR code, or the user types it in. Sign-ins don't ask
    for a code until one is confirmed. A new attempt replaces an unfinished one.
    """
    account = request.context.above(UserResource).lock()
    name = request.validated["body"]["name"]
    keys = request.setting("factors_key")
    row, secret = actions.enrol_totp(request.db, keys, user_id=account.id, name=name)
    title = request.setting("title")
    uri = totp.uri_of(secret, username=account.username, title=title)
    return SimpleNamespace(
        **vars(shown(row)), secret=secret, uri=uri, qr_code=totp.data_uri(uri)
    )


def check_code(request: Request) -> None:
    """Compare the code before anything is locked; raise WrongCode, TooManyRequests."""
    user_id, found = request.identity.user_id, request.context.above(FactorResource)
    guessing.count_attempt(request, CONFIRMATION, user_id)
    code = request.validated["body"]["code"]
    request.validated["step"] = proofs.of_new_app(request, found.factor.id, code)
    if request.validated["step"] is None:
        raise actions.WrongCode
    guessing.forget_attempts(request, CONFIRMATION, user_id)
    commit_so_far(request)


@confirmation.post(
    permission=FactorPermission.EDIT,
    prepare=check_code,
    takes=schemas.FactorCode,
    returns=schemas.FactorConfirmed,
    errors=(actions.WrongCode, actions.AlreadyConfirmed, TooManyRequests),
    fresh=FRESH,
)
def confirm_factor(request: Request) -> object:
    """Confirm an app with a code that it shows.

    From then on, sign-ins ask for one. The first factor of an account comes with ten
    recovery codes, and ends all sessions and grants but this one, since they were
    obtained with a password alone.
    """
    account = request.context.above(UserResource).lock()
    found = request.context.above(FactorResource).lock()
    step = request.validated["step"]
    codes = actions.confirm_totp(
        request.db, request.registry, account, found, step=step
    )
    request.db.flush()
    announce(request, account, found, methods=BY_CODE, is_first=bool(codes))
    return SimpleNamespace(factor=shown(found), recovery_codes=codes)


@passkey_options.post(
    permission=FactorPermission.EDIT,
    returns=schemas.PasskeyOptionsCreated,
    fresh=FRESH,
)
def create_passkey_options(request: Request) -> object:
    """Get the options with which a browser creates a passkey (WebAuthn)."""
    user, db = request.identity.user, request.db
    challenge = actions.put_challenge(db, purpose=proofs.REGISTER, user_id=user.id)
    known = actions.passkeys_of(db, user.id)
    options = passkeys.options_to_create(request, user, challenge, known)
    return SimpleNamespace(options=options)


def check_passkey(request: Request) -> None:
    """Check the browser's response before anything is locked; raise PasskeyRefused."""
    credential = request.validated["body"]["credential"]
    user_id = request.identity.user_id
    challenge = proofs.answered_challenge(
        request, credential, purpose=proofs.REGISTER, user_id=user_id
    )
    made = passkeys.new_passkey(request, credential, challenge)
    request.validated["made"] = made


@passkey_factors.post(
    permission=FactorPermission.EDIT,
    prepare=check_passkey,
    takes=schemas.PasskeyCreate,
    returns=schemas.FactorConfirmed,
    errors=(passkeys.PasskeyRefused, actions.PasskeyKnown, actions.TooManyFactors),
    status=201,
    fresh=FRESH,
)
def create_passkey(request: Request) -> object:
    """Register a passkey that the browser has created.

    It can be used at once, even instead of a password. As the first factor it has the
    same effects as confirming an app.
    """
    account = request.context.above(UserResource).lock()
    row, codes = actions.add_passkey(
        request.db,
        request.registry,
        account,
        name=request.validated["body"]["name"],
        made=request.validated["made"],
    )
    request.db.flush()
    announce(request, account, row, methods=BY_PASSKEY, is_first=bool(codes))
    return SimpleNamespace(factor=shown(row), recovery_codes=codes)


@recovery_codes.get(permission=FactorPermission.READ, returns=schemas.RecoveryCodesLeft)
def get_recovery_codes(request: Request) -> object:
    """See how many recovery codes you have left."""
    return SimpleNamespace(left=codes_left(request.db, request.identity.user_id))


@recovery_codes.post(
    permission=FactorPermission.EDIT,
    returns=schemas.RecoveryCodesCreated,
    errors=(actions.NoFactor,),
    status=201,
    fresh=FRESH,
)
def create_recovery_codes(request: Request) -> object:
    """Get ten new recovery codes; the old ones stop working."""
    account = request.context.above(UserResource).lock()
    codes = actions.new_codes(request.db, request.registry, account)
    record_call(request, "recovery_codes_created", target="recovery_code")
    return SimpleNamespace(recovery_codes=codes)


def announce(
    request: Request,
    account: User,
    found: Row,
    *,
    methods: Iterable[str],
    is_first: bool,
) -> None:
    """Record a new factor in the audit log; if it is the first, keep the grant."""
    target = actions.about(account, [found.id])
    record_call(request, "factor_confirmed", target=target)
    if is_first:
        keep_grant(
            request.db,
            grant_id=request.identity.grant_id,
            user_id=account.id,
            epoch=account.epoch,
            amr=[*request.identity.amr, *methods],
        )


def shown(found: Row | Factor) -> SimpleNamespace:
    """Return what a response shows of a factor."""
    return SimpleNamespace(
        id=found.id,
        kind=found.kind,
        name=found.name,
        created=found.created,
        is_confirmed=found.confirmed is not None,
        last_used=found.last_used,
    )
