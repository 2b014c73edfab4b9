"""Passwords: who proves to be a user, at every door alike."""

from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from apiserver.users.models import User, canonical, hash_password, password_matches

ACCOUNT = select(
    User.id, User.username, User.password_digest, User.is_active, User.epoch
).where(User.canonical_username == bindparam("username"))

# An unknown user costs the time of a hash, too.
NOBODY = hash_password("")


def authenticate(db: Session, *, username: str, password: str) -> Any:
    """Return the account's row (id, username, epoch), or None.

    Unknown user, inactive user and wrong password look and last the same.
    """
    parameters = {"username": canonical(username)}
    account = db.execute(ACCOUNT, parameters).one_or_none()
    stored = account.password_digest if account is not None else NOBODY
    right = password_matches(stored, password)
    if right and account is not None and account.is_active:
        return account
    return None
