"""Signing up in two steps; views, pages and jobs take them."""

from datetime import timedelta

from sqlalchemy import bindparam, delete, select

from apiserver.addresses.models import SignUp
from apiserver.auth.tokens import LINK, digest, is_token, make_token
from apiserver.core.db import Session, UTCDateTime, now
from apiserver.core.http import ValidationFailed
from apiserver.core.typing import Row
from apiserver.users.actions import create_user, refuse_taken_name
from apiserver.users.models import User
from apiserver.users.names import canonical_address

GONE = "This link has expired, was used, or was replaced by a newer one."

NOW = bindparam("now", type_=UTCDateTime)
FIELDS = (
    SignUp.username,
    SignUp.email,
    SignUp.first_name,
    SignUp.middle_name,
    SignUp.last_name,
    SignUp.password_digest,
)
OPEN = (SignUp.digest == bindparam("digest"), SignUp.expires > NOW)
FIND = select(SignUp.username, SignUp.email).where(*OPEN)
# Of many at once one gets the row.
TAKE = delete(SignUp).where(*OPEN).returning(*FIELDS)
OWNER = select(User.id, User.username, User.email).where(
    User.canonical_email == bindparam("email")
)


class LinkGone(ValidationFailed):
    """Nobody can open this link, or nobody can any more."""

    def __init__(self) -> None:
        super().__init__(("body", "token", GONE))


def add_sign_up(db: Session, *, lifetime: int, **values: object) -> Row:
    """Store what somebody signs up with; raise UsernameTaken.

    Nobody looks whether the address has an account: the worker does.
    """
    refuse_taken_name(db, str(values["username"]))
    expires = now() + timedelta(seconds=lifetime)
    return db.insert(SignUp, **values, expires=expires)


def owner_of(db: Session, email: str) -> Row:
    """Return the account of an address (id, username, email), or None."""
    parameters = {"email": canonical_address(email)}
    return db.execute(OWNER, parameters).one_or_none()


def give_link(row: SignUp) -> str:
    """Make the token of a link, which takes the place of an older one."""
    token = make_token(LINK)
    row.digest = digest(token)
    return token


def parameters_of(token: str) -> dict[str, object]:
    """Return by what a link is found; raise LinkGone for what can't be one."""
    if not is_token(token, LINK):
        raise LinkGone
    return {"digest": digest(token), "now": now()}


def find_sign_up(db: Session, token: str) -> Row:
    """Return username and email that a link confirms; raise LinkGone."""
    row = db.execute(FIND, parameters_of(token)).one_or_none()
    if row is None:
        raise LinkGone
    return row


def confirm_sign_up(db: Session, token: str, *, is_active: bool) -> User:
    """Create the account that a link confirms, once.

    Raises LinkGone, and UsernameTaken or EmailTaken for what somebody has got since.
    """
    row = db.execute(TAKE, parameters_of(token)).one_or_none()
    if row is None:
        raise LinkGone
    return create_user(db, **row._asdict(), is_active=is_active)
