"""Changes of accounts, which views and commands share."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import bindparam, or_, select
from sqlalchemy.orm import Session

from apiserver.core.audit import record_call
from apiserver.core.db import constraints
from apiserver.core.endpoints import Request
from apiserver.core.http import Conflict, ValidationFailed
from apiserver.core.schemas import Patch
from apiserver.users.events import PasswordChanged
from apiserver.users.models import User
from apiserver.users.names import canonical, skeleton
from apiserver.users.password_rules import check_personal
from apiserver.users.passwords import NewPassword
from apiserver.users.resources import ADMINISTRATORS

ROLE_FIELDS = frozenset({"is_active", "is_regular_user", "is_admin"})
# What a new password changes.
PASSWORD = ("password_digest", "epoch")


class UsernameTaken(Conflict):
    name = "username"
    sentence = "This username, or one that looks like it, is already taken."


class EmailTaken(Conflict):
    name = "email"
    sentence = "A user with this email address already exists."


class AddressUnconfirmed(ValidationFailed):
    """Users change their own address where it is confirmed: ``addresses``."""

    def __init__(self) -> None:
        where = "Change it at /users/me/address-changes/: a mail with a link follows."
        super().__init__(("body", "email", where))


class LastAdministrator(Conflict):
    """The system keeps at least one active administrator."""

    sentence = "This is the last active administrator."


class StillNeeded(Conflict):
    """Something needs the account able to act; features say what, as teams do."""

    sentence = (
        "These teams would be left without a leader who can act: 3, 7. First appoint "
        "other leaders, or delete the teams."
    )


class Overtaken(Conflict):
    """The patch copies a name into the password, and the name has just changed."""

    sentence = "The account has changed in the meantime."


TAKEN = {
    "uq_user_canonical_username": UsernameTaken,
    "ix_user_username_skeleton": UsernameTaken,
    "uq_user_canonical_email": EmailTaken,
}


SAME_NAME = select(User.id).where(
    or_(
        User.canonical_username == bindparam("canonical"),
        User.username_skeleton == bindparam("skeleton"),
    )
)


def refuse_taken_name(db: Session, username: str) -> None:
    """Raise UsernameTaken for a name that somebody has, or one that looks like it."""
    forms = {"canonical": canonical(username), "skeleton": skeleton(username)}
    if db.execute(SAME_NAME, forms).first() is not None:
        raise UsernameTaken


def create_user(db: Session, *, username: str, email: str, **more: object) -> User:
    """Create an account; raise UsernameTaken or EmailTaken.

    ``more`` are further columns: the hash of the password, names and roles.
    """
    user = User(username=username, email=email, **more)
    with constraints(db, **TAKEN):
        db.add(user)
    return user


def change_address(db: Session, user: User, email: str) -> None:
    """Give an account, which is locked, another address; raise EmailTaken."""
    with constraints(db, **TAKEN):
        user.email = email


def patch_user(
    db: Session,
    user: User,
    patch: Patch,
    *,
    new_password: NewPassword | None,
    keeps_address: bool = False,
) -> set[str]:
    """Change an account as ``change_user`` does; raise what the patch raises, too.

    ``new_password`` is what the patch makes of the account as it was when there was
    time to hash. Raises AddressUnconfirmed for another address where the account
    ``keeps_address``.
    """
    changes = changes_of(user, patch, keeps_address=keeps_address)
    return change_user(db, user, changes, new_password=new_password)


def change_user(
    db: Session,
    user: User,
    changes: Mapping[str, Any],
    *,
    new_password: NewPassword | None = None,
) -> set[str]:
    """Change an account; return the names of the fields that have new values.

    Whoever loses a role loses their tokens with it: what these were granted under is
    gone. Raises EmailTaken, LastAdministrator, StillNeeded, PasswordIsPersonal,
    Overtaken.
    """
    administrates = user.is_admin and user.is_active
    rights = rights_of(user)
    changes, changed = dict(changes), set(changes)
    password = changes.pop("password", None)
    with constraints(db, **TAKEN):
        for name, value in changes.items():
            setattr(user, name, value)
        if not rights <= rights_of(user):
            user.end_grants()
        if password is not None:
            set_password(user, password, new_password)
    if administrates and not (user.is_admin and user.is_active):
        keep_an_administrator(db)
    return changed


def changes_of(user: User, patch: Patch, *, keeps_address: bool) -> dict[str, Any]:
    """Return the new values of a patch; raise AddressUnconfirmed."""
    changes = patch.apply(user)
    if keeps_address and "email" in changes:
        raise AddressUnconfirmed
    return changes


def set_password(user: User, password: str, hashed: NewPassword | None) -> None:
    """Set a password that was hashed. Raises Overtaken, PasswordIsPersonal."""
    if hashed is None or hashed.password != password:
        raise Overtaken
    check_personal(password, user)
    user.set_password(hashed.digest)


def rights_of(user: User) -> set[str]:
    """Return the names of the role fields that the account has."""
    return {name for name in ROLE_FIELDS if getattr(user, name)}


def keep_an_administrator(db: Session) -> None:
    """Raise LastAdministrator if none is left, of those who are locked."""
    if db.execute(ADMINISTRATORS).first() is None:
        raise LastAdministrator


def announce(request: Request, account: User, changed: set[str]) -> None:
    """Tell the audit log and other features what they want to know of a change."""
    roles = sorted(changed & ROLE_FIELDS)
    if roles:
        values = ",".join(f"{name}={getattr(account, name)}" for name in roles)
        target = f"user:{account.id} {values}"
        record_call(request, "role_change", target=target, fields=(*roles, "epoch"))
    if "password" in changed:
        target = f"user:{account.id}"
        record_call(request, "password_change", target=target, fields=PASSWORD)
        request.registry.notify(PasswordChanged(request, account))
