"""Which factors an account has, and whether it must have one."""

from collections.abc import Collection, Mapping

from sqlalchemy import Exists, bindparam, exists, func, select

from apiserver.auth.strength import Strength
from apiserver.core.db import Session
from apiserver.core.endpoints import Request
from apiserver.core.tree import ADMIN, INTERNAL, SIGNED_IN, USER
from apiserver.core.typing import Row
from apiserver.factors.models import PASSKEY, TOTP, Factor, RecoveryCode
from apiserver.users.models import User

# How strongly users have authenticated, as the REFEDS profiles define it: with one
# factor, or with two independent ones.
SINGLE = "https://refeds.org/profile/sfa"
MULTI = "https://refeds.org/profile/mfa"
# Methods of sign-ins besides "pwd" (RFC 8176): a one-time password; possession of a
# key, with user presence. "mfa" means two factors.
BY_CODE = ("otp", "mfa")
BY_PASSKEY = ("pop", "user", "mfa")

NOT_ALONE = (
    "The account needs a second factor, which this way to sign in doesn't ask for. Use "
    "the authorization code grant, or the login page."
)

NOBODY = "nobody"
ADMINISTRATORS = "administrators"
EVERYBODY = "everybody"


def confirmed(kind: str) -> Exists:
    """Return the SQL condition that the user has a confirmed factor of the kind."""
    return exists().where(
        Factor.user_id == User.id, Factor.kind == kind, Factor.confirmed.is_not(None)
    )


STANDING = select(
    User.is_admin,
    User.is_internal,
    confirmed(TOTP).label("has_totp"),
    confirmed(PASSKEY).label("has_passkey"),
).where(User.id == bindparam("user_id"))
CODES_LEFT = select(func.count(RecoveryCode.digest)).where(
    RecoveryCode.user_id == bindparam("user_id"), RecoveryCode.used.is_(None)
)


def standing(db: Session, user_id: int) -> Row:
    """Return the roles of an account, and the kinds of its factors."""
    return db.row(STANDING, {"user_id": user_id})


def has_factor(row: Row) -> bool:
    """Whether the account has a factor, given the row from ``standing``."""
    return bool(row.has_totp or row.has_passkey)


def name_factors(request: Request, user_id: int) -> str:
    """Return which kinds of factors a user has, for administrators."""
    row = standing(request.db, user_id)
    kinds = {"passkeys": row.has_passkey, "authenticator apps": row.has_totp}
    return ", ".join(name for name, has in kinds.items() if has) or "none"


def codes_left(db: Session, user_id: int) -> int:
    """Return how many recovery codes a user has left."""
    count: int = db.row(CODES_LEFT, {"user_id": user_id})[0]
    return count


def is_strong(amr: Collection[str]) -> bool:
    """Whether a sign-in used two factors (RFC 8176)."""
    return "mfa" in amr


def must_have_one(settings: Mapping[str, object], user: Row) -> bool:
    """Whether the account's roles require a second factor.

    Internal accounts count as administrators, since they may do as much.
    """
    required = settings["apiserver.factors_required"]
    if required == ADMINISTRATORS:
        return bool(user.is_admin or user.is_internal)
    return bool(required == EVERYBODY)


class Required(Strength):
    """Accounts with a factor, and those that must have one, need more than a password.

    Users who must have one but have signed in without it lose the roles that require
    it: administrators become ordinary users, and those get no role at all.
    """

    lacking = MULTI

    def __init__(self, settings: Mapping[str, object]) -> None:
        self.settings = settings
        everybody = settings["apiserver.factors_required"] == EVERYBODY
        roles = {ADMIN, INTERNAL, *((SIGNED_IN, USER) if everybody else ())}
        self.roles: frozenset[str] = frozenset(roles)

    def withheld(self, user: Row, amr: Collection[str]) -> frozenset[str]:
        if is_strong(amr) or not must_have_one(self.settings, user):
            return frozenset()
        return self.roles

    def refusal(
        self, request: Request, user_id: int, amr: Collection[str]
    ) -> str | None:
        if is_strong(amr):
            return None
        row = standing(request.db, user_id)
        if has_factor(row) or must_have_one(self.settings, row):
            return NOT_ALONE
        return None
