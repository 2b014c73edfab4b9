"""Changes of second factors, shared by endpoints, pages and commands.

Changing an account's factors locks it exclusively; a sign-in takes a shared lock.
"""

import secrets
from collections.abc import Iterable
from datetime import timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import bindparam, delete, insert, select

from apiserver.core.db import Session, constraints, now
from apiserver.core.http import Conflict, ValidationFailed
from apiserver.core.registry import Registry
from apiserver.core.typing import Row
from apiserver.factors import recovery, sealing, totp
from apiserver.factors.models import (
    PASSKEY,
    TOTP,
    Factor,
    FactorChallenge,
    RecoveryCode,
    SignInAttempt,
)
from apiserver.users.events import SecurityChanged
from apiserver.users.models import User

PAGE = "/account/factors"
# Of all kinds, confirmed or not.
MOST_FACTORS = 20
CHALLENGE_LIFETIME = timedelta(minutes=5)

FACTORS = select(Factor.id, Factor.kind, Factor.confirmed).where(
    Factor.user_id == bindparam("user_id")
)
WAITING = select(Factor.id, Factor.secret).where(
    Factor.user_id == bindparam("user_id"),
    Factor.kind == TOTP,
    Factor.confirmed.is_(None),
)
PASSKEYS = select(Factor.credential_id).where(
    Factor.user_id == bindparam("user_id"), Factor.kind == PASSKEY
)
FORGET_UNCONFIRMED = delete(Factor).where(
    Factor.user_id == bindparam("user_id"), Factor.confirmed.is_(None)
)
INSERT_CODES = insert(RecoveryCode)
INSERT_CHALLENGE = insert(FactorChallenge)
REMOVE_ALL = (
    delete(Factor).where(Factor.user_id == bindparam("user_id")).returning(Factor.id)
)
FORGET_CODES = delete(RecoveryCode).where(RecoveryCode.user_id == bindparam("user_id"))
FORGET_ATTEMPTS = delete(SignInAttempt).where(
    SignInAttempt.user_id == bindparam("user_id")
)


class WrongCode(ValidationFailed):
    """The app doesn't show this code now."""

    def __init__(self) -> None:
        super().__init__(("body", "code", "Is not the current code."))


class AlreadyConfirmed(Conflict):
    sentence = "The factor is already confirmed."


class TooManyFactors(Conflict):
    sentence = f"An account can have at most {MOST_FACTORS} factors. Remove one first."


class PasskeyKnown(Conflict):
    """This passkey is already stored: authenticators create each only once."""

    sentence = "This passkey is already registered."


class StillRequired(Conflict):
    """The operator requires a factor of the account (``factors_required``)."""

    sentence = "Your account must have a second factor. Add another one first."


class NoFactor(Conflict):
    """Recovery codes stand in for a factor, so the account needs one first."""

    sentence = "The account has no second factor."


def enrol_totp(
    db: Session, keys: tuple[str, ...], *, user_id: int, name: str
) -> tuple[Row, str]:
    """Add an app that isn't confirmed yet; return its row and its secret.

    It replaces one that was never confirmed. Raises TooManyFactors.
    """
    db.run(FORGET_UNCONFIRMED, {"user_id": user_id})
    check_number(db, user_id)
    secret = totp.new_secret()
    sealed = sealing.seal(keys, secret, user_id=user_id)
    row = db.insert(Factor, user_id=user_id, kind=TOTP, name=name, secret=sealed)
    return row, secret


def check_number(db: Session, user_id: int) -> None:
    """Raise TooManyFactors if the account can't have another one."""
    if len(db.rows(FACTORS, {"user_id": user_id})) >= MOST_FACTORS:
        raise TooManyFactors


def confirm_totp(
    db: Session, registry: Registry, user: User, factor: Factor, *, step: int
) -> list[str]:
    """Confirm a factor; return recovery codes if it is the account's first.

    User and factor are locked. Raises AlreadyConfirmed, and WrongCode for a code that
    was used.
    """
    if factor.confirmed is not None:
        raise AlreadyConfirmed
    codes = protect(db, user)
    factor.confirmed = factor.last_used = now()
    factor.last_step = step
    tell(db, registry, user.id, "factor_added", factor.kind)
    return codes


def protect(db: Session, user: User) -> list[str]:
    """End what was granted for a password alone, and return recovery codes.

    Does so only if the account, which is locked, has no factor yet.
    """
    if is_protected(db, user.id):
        return []
    user.end_grants()
    return replace_codes(db, user.id)


def replace_codes(db: Session, user_id: int) -> list[str]:
    """Replace an account's recovery codes, and return the new ones."""
    db.run(FORGET_CODES, {"user_id": user_id})
    codes = recovery.new_codes()
    digests = [recovery.digest_of(code, user_id=user_id) for code in codes]
    moment = now()
    rows = [{"digest": each, "user_id": user_id, "created": moment} for each in digests]
    db.run(INSERT_CODES, rows)
    return codes


def new_codes(db: Session, registry: Registry, user: User) -> list[str]:
    """Replace the recovery codes of a locked account. Raises NoFactor."""
    if not is_protected(db, user.id):
        raise NoFactor
    tell(db, registry, user.id, "recovery_codes_replaced")
    return replace_codes(db, user.id)


def is_protected(db: Session, user_id: int) -> bool:
    """Whether the account has a confirmed factor."""
    factors = db.rows(FACTORS, {"user_id": user_id})
    return any(factor.confirmed is not None for factor in factors)


def add_passkey(
    db: Session, registry: Registry, user: User, *, name: str, made: Any
) -> tuple[Row, list[str]]:
    """Add a passkey that has signed a challenge; it needs no confirmation.

    ``made`` is what ``passkeys.new_passkey`` returns. Returns its row, and recovery
    codes if it is the first factor of the account, which is locked. Raises
    TooManyFactors, PasskeyKnown.
    """
    check_number(db, user.id)
    codes = protect(db, user)
    with constraints(db, uq_factor_credential_id=PasskeyKnown):
        row = db.insert(
            Factor,
            user_id=user.id,
            kind=PASSKEY,
            name=name,
            confirmed=now(),
            credential_id=made.credential_id,
            public_key=made.credential_public_key,
            sign_count=made.sign_count,
        )
    tell(db, registry, user.id, "factor_added", PASSKEY)
    return row, codes


def passkeys_of(db: Session, user_id: int) -> list[bytes]:
    """Return the credential ids of an account's passkeys."""
    return [row.credential_id for row in db.rows(PASSKEYS, {"user_id": user_id})]


def remove_factor(
    db: Session, registry: Registry, factor: Factor, *, is_required: bool
) -> None:
    """Remove a factor of a locked account, and with the last one its recovery codes.

    Raises StillRequired if the account must keep one.
    """
    user_id, was_confirmed = factor.user_id, factor.confirmed is not None
    db.delete(factor)
    db.flush()
    if not was_confirmed:
        return
    if not is_protected(db, user_id):
        if is_required:
            raise StillRequired
        db.run(FORGET_CODES, {"user_id": user_id})
    tell(db, registry, user_id, "factor_removed", factor.kind)


def remove_all(db: Session, registry: Registry, user: User) -> list[int]:
    """Remove all factors and codes of a locked account; return the factors' ids.

    Someone who has found a lost phone may have used it, so everything granted ends,
    too.
    """
    user.end_grants()
    removed = db.rows(REMOVE_ALL, {"user_id": user.id})
    for statement in (FORGET_CODES, FORGET_ATTEMPTS):
        db.run(statement, {"user_id": user.id})
    if removed:
        tell(db, registry, user.id, "factors_removed")
    return [row.id for row in removed]


def tell(
    db: Session, registry: Registry, user_id: int, mail: str, about: str = ""
) -> None:
    """Let a user be told by mail, which leads to the page of their factors."""
    registry.notify(SecurityChanged(db, user_id, mail, PAGE, about))


def about(user: User, factor_ids: Iterable[int] = ()) -> str:
    """Return an event's target: the account, and its factors."""
    return " ".join([f"user:{user.id}", *(f"factor:{id_}" for id_ in factor_ids)])


def put_challenge(db: Session, *, purpose: str, user_id: int | None = None) -> bytes:
    """Return a new challenge for a passkey, valid once; only its digest is stored."""
    challenge = secrets.token_bytes(32)
    values = {
        "digest": sha256(challenge).digest(),
        "user_id": user_id,
        "purpose": purpose,
        "expires": now() + CHALLENGE_LIFETIME,
    }
    db.run(INSERT_CHALLENGE, values)
    return challenge
