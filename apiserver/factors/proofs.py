"""Proofs of a second factor: codes and passkeys, each of which works once.

What was typed is compared while nothing is locked; then one statement decides which of
any concurrent requests has used it.
"""

import re
from collections.abc import Mapping
from hashlib import sha256
from typing import NamedTuple

from sqlalchemy import Update, bindparam, delete, or_, select, update

from apiserver.core.db import Session, UTCDateTime, commit_so_far, now
from apiserver.core.endpoints import Request
from apiserver.core.typing import Json, Row
from apiserver.factors import passkeys, recovery, sealing, totp
from apiserver.factors.models import TOTP, Factor, FactorChallenge, RecoveryCode
from apiserver.factors.standing import BY_CODE, BY_PASSKEY
from apiserver.users.models import User

# What a challenge is for.
REGISTER, SIGN_IN = "register", "sign_in"

NOW = bindparam("now", type_=UTCDateTime)
_CODE = re.compile("[0-9]{6}")
_SPACES = re.compile(r"\s+")

SECRETS = select(Factor.id, Factor.user_id, Factor.secret).where(
    Factor.user_id == bindparam("user_id"),
    Factor.kind == TOTP,
    Factor.confirmed.is_not(None),
)
SECRET = select(Factor.user_id, Factor.secret).where(
    Factor.id == bindparam("factor_id"), Factor.kind == TOTP
)
BY_CREDENTIAL = (
    select(
        Factor.id,
        Factor.user_id,
        Factor.public_key,
        Factor.sign_count,
        User.username,
        User.epoch,
    )
    .join(User, User.id == Factor.user_id)
    .where(Factor.credential_id == bindparam("credential"), User.is_active)
)
# These decide which request uses a code or a signature: only one of many updates.
USE_STEP = (
    update(Factor)
    .where(
        Factor.id == bindparam("factor_id"),
        or_(Factor.last_step.is_(None), Factor.last_step < bindparam("step")),
    )
    .values(last_step=bindparam("step"), last_used=NOW)
    .execution_options(synchronize_session=False)
)
# Synced passkeys don't count: their counter is always 0 (WebAuthn section 6.1.1).
USE_COUNT = (
    update(Factor)
    .where(
        Factor.id == bindparam("factor_id"),
        or_(Factor.sign_count < bindparam("count"), Factor.sign_count == 0),
    )
    .values(sign_count=bindparam("count"), last_used=NOW)
    .execution_options(synchronize_session=False)
)
USE_CODE = (
    update(RecoveryCode)
    .where(
        RecoveryCode.digest == bindparam("code_digest"),
        RecoveryCode.user_id == bindparam("owner_id"),
        RecoveryCode.used.is_(None),
    )
    .values(used=NOW)
    .execution_options(synchronize_session=False)
)
ANSWER_CHALLENGE = (
    delete(FactorChallenge)
    .where(
        FactorChallenge.digest == bindparam("challenge_digest"),
        FactorChallenge.purpose == bindparam("purpose"),
        FactorChallenge.expires > NOW,
    )
    .returning(FactorChallenge.user_id)
)


class Proof(NamedTuple):
    """A proof that was correct when compared, and the statement that uses it up."""

    statement: Update
    parameters: Mapping[str, object]
    methods: tuple[str, ...]
    target: str
    fields: tuple[str, ...] = ()


def use(db: Session, proof: Proof) -> bool:
    """Use a proof up; return False if it was used before."""
    return db.run(proof.statement, {**proof.parameters, "now": now()}) == 1


def is_app_code(code: str) -> bool:
    """Whether this looks like an app's code, ignoring spaces."""
    return _CODE.fullmatch(_SPACES.sub("", code)) is not None


def by_code(request: Request, user_id: int, code: str) -> Proof | None:
    """Return the proof for an app's code; None if it is wrong."""
    keys: tuple[str, ...] = request.setting("factors_key")
    typed = _SPACES.sub("", code)
    for factor in request.db.rows(SECRETS, {"user_id": user_id}):
        step = step_of(keys, factor, typed)
        if step is not None:
            used = {"factor_id": factor.id, "step": step}
            fields = ("last_step", "last_used")
            return Proof(USE_STEP, used, BY_CODE, f"factor:{factor.id}", fields)
    return None


def of_new_app(request: Request, factor_id: int, code: str) -> int | None:
    """Return the time step of an app's code, confirmed or not; None if it is wrong."""
    keys: tuple[str, ...] = request.setting("factors_key")
    factor = request.db.row(SECRET, {"factor_id": factor_id})
    typed = _SPACES.sub("", code)
    return step_of(keys, factor, typed) if factor is not None else None


def by_recovery_code(user_id: int, code: str) -> Proof:
    """Return the proof for a recovery code; using it shows whether it is valid."""
    digest = recovery.digest_of(code, user_id=user_id)
    used = {"code_digest": digest, "owner_id": user_id}
    return Proof(USE_CODE, used, BY_CODE, "recovery_code")


def by_passkey(request: Request, credential: Json) -> tuple[Row, Proof]:
    """Return a passkey with its user, and the proof for it. Raises PasskeyRefused.

    Commits what the request has written: the challenge is used up in any case.
    """
    challenge = answered_challenge(request, credential, purpose=SIGN_IN)
    credential_id = passkeys.credential_id(credential)
    factor = request.db.row(BY_CREDENTIAL, {"credential": credential_id})
    if factor is None or passkeys.is_of_another(request, credential, factor.user_id):
        raise passkeys.PasskeyRefused
    count = passkeys.sign_count(request, credential, challenge, factor)
    used = {"factor_id": factor.id, "count": count}
    fields = ("last_used", "sign_count")
    return factor, Proof(USE_COUNT, used, BY_PASSKEY, f"factor:{factor.id}", fields)


def answered_challenge(
    request: Request, credential: Json, *, purpose: str, user_id: int | None = None
) -> bytes:
    """Use up the challenge that a browser answers, and return it.

    Raises PasskeyRefused if it wasn't given to this user, or was answered before.
    """
    challenge = passkeys.challenge_of(credential)
    found = request.db.row(
        ANSWER_CHALLENGE,
        {
            "challenge_digest": sha256(challenge).digest(),
            "purpose": purpose,
            "now": now(),
        },
    )
    commit_so_far(request)
    if found is None or found.user_id not in {None, user_id}:
        raise passkeys.PasskeyRefused
    return challenge


def step_of(keys: tuple[str, ...], factor: Row, code: str) -> int | None:
    """Return the time step of an app's code; None if it is wrong."""
    secret = sealing.unseal(keys, factor.secret, user_id=factor.user_id)
    if secret is None:
        return None
    return totp.matching_step(secret, code, now())
