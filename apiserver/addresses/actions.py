"""Sign up and change an address, each in two steps, for views, pages and jobs."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import ColumnElement, Executable, and_, bindparam, delete, select

from apiserver.addresses.models import AddressChange, AddressTakeBack, SignUp
from apiserver.auth.tokens import LINK, digest, is_token, make_token
from apiserver.core.db import Session, UTCDateTime, now
from apiserver.core.http import Conflict
from apiserver.core.typing import Row
from apiserver.mail import LinkInvalid
from apiserver.users.actions import change_address, create_user, refuse_taken_name
from apiserver.users.events import AccountDeleting
from apiserver.users.models import User, may_write
from apiserver.users.names import canonical_address

NOW = bindparam("now", type_=UTCDateTime)
FIELDS = (
    SignUp.username,
    SignUp.email,
    SignUp.first_name,
    SignUp.middle_name,
    SignUp.last_name,
    SignUp.password_digest,
)


def is_open(
    model: type[SignUp | AddressChange | AddressTakeBack],
) -> ColumnElement[bool]:
    """Return the SQL condition that the link of a row still works."""
    return and_(model.digest == bindparam("digest"), model.expires > NOW)


FIND = select(SignUp.username, SignUp.email).where(is_open(SignUp))
# Only one of several concurrent requests gets the row.
TAKE = delete(SignUp).where(is_open(SignUp)).returning(*FIELDS)
FIND_CHANGE = (
    select(User.id, User.username, AddressChange.email)
    .join(
        User,
        and_(
            User.id == AddressChange.user_id,
            User.epoch == AddressChange.user_epoch,
            User.is_active,
            may_write(User),
        ),
    )
    .where(is_open(AddressChange))
)
FIND_TAKE_BACK = (
    select(User.id, User.username, AddressTakeBack.email)
    .join(User, User.id == AddressTakeBack.user_id)
    .where(is_open(AddressTakeBack))
)
FORGET = delete(AddressChange).where(AddressChange.user_id == bindparam("owner_id"))
END_TAKE_BACKS = delete(AddressTakeBack).where(
    AddressTakeBack.user_id == bindparam("owner_id"),
    AddressTakeBack.id >= bindparam("first"),
)
END_OPEN_TAKE_BACKS = (
    delete(AddressTakeBack)
    .where(
        AddressTakeBack.user_id == bindparam("owner_id"), AddressTakeBack.expires > NOW
    )
    .returning(AddressTakeBack.email)
)
TAKE_BACK_ID = select(AddressTakeBack.id).where(is_open(AddressTakeBack))
ADDRESS = select(User.email).where(User.id == bindparam("user_id"))
OWNER = select(User.id, User.username, User.email).where(
    User.canonical_email == bindparam("email")
)


class SameAddress(Conflict):
    name = "email"
    sentence = "This is your address already."


def add_sign_up(db: Session, *, lifetime: int, **values: object) -> Row:
    """Store what somebody signs up with; raise UsernameTaken.

    This doesn't check whether the address has an account: the worker does.
    """
    refuse_taken_name(db, str(values["username"]))
    expires = now() + timedelta(seconds=lifetime)
    return db.insert(SignUp, **values, expires=expires)


def owner_of(db: Session, email: str) -> Row:
    """Return id, username and email of the account with an address, or None."""
    parameters = {"email": canonical_address(email)}
    return db.execute(OWNER, parameters).one_or_none()


def give_link(row: SignUp | AddressChange | AddressTakeBack) -> str:
    """Return a new token for a row's link, which replaces the older one."""
    token = make_token(LINK)
    row.digest = digest(token)
    return token


def parameters_of(token: str) -> dict[str, object]:
    """Return the parameters that find a link; raise LinkInvalid if malformed."""
    if not is_token(token, LINK):
        raise LinkInvalid
    return {"digest": digest(token), "now": now()}


def find(db: Session, statement: Executable, token: str) -> Row:
    """Return the row that a statement finds for a link; raise LinkInvalid.

    It has the username and email in question, and the account's id if there is one.
    """
    row = db.execute(statement, parameters_of(token)).one_or_none()
    if row is None:
        raise LinkInvalid
    return row


def confirm_sign_up(db: Session, token: str, *, is_active: bool) -> User:
    """Create the account that a link confirms, once.

    Raises LinkInvalid, and UsernameTaken or EmailTaken if somebody has got them since.
    """
    row = find(db, TAKE, token)
    return create_user(db, **row._asdict(), is_active=is_active)


def add_change(
    db: Session, *, user_id: int, epoch: int, email: str, lifetime: int
) -> Row:
    """Store the address that a user, who is locked, wants to change to.

    It replaces an earlier one. Raises SameAddress. This doesn't check whether the
    address has an account: the worker does.
    """
    if db.execute(ADDRESS, {"user_id": user_id}).scalar_one() == email:
        raise SameAddress
    db.execute(FORGET, {"owner_id": user_id})
    values = {"user_id": user_id, "user_epoch": epoch, "email": email}
    expires = now() + timedelta(seconds=lifetime)
    return db.insert(AddressChange, **values, expires=expires)


def confirm_change(db: Session, token: str) -> tuple[User, str]:
    """Change the address that a link confirms; return the account and the old address.

    The account is locked. Raises LinkInvalid, EmailTaken.
    """
    row = find(db, FIND_CHANGE, token)
    db.execute(FORGET, {"owner_id": row.id})
    user = lock(db, row.id)
    old = user.email
    change_address(db, user, row.email)
    return user, old


def lock(db: Session, user_id: int) -> User:
    """Return the entity of an account whose row is already locked."""
    user = db.lock(User, user_id)
    if user is None:
        raise LinkInvalid
    return user


def add_take_back(db: Session, *, user_id: int, email: str, lifetime: int) -> Row:
    """Store an account's former address, for ``lifetime`` seconds."""
    expires = now() + timedelta(seconds=lifetime)
    return db.insert(AddressTakeBack, user_id=user_id, email=email, expires=expires)


def take_back(db: Session, token: str) -> tuple[User, str]:
    """Give an account its former address; return it and the address that it loses.

    Everything granted in its name ends, and so do the links of later addresses for
    taking a change back. The account is locked. Raises LinkInvalid, EmailTaken.
    """
    row = find(db, FIND_TAKE_BACK, token)
    first = db.execute(TAKE_BACK_ID, parameters_of(token)).scalar_one()
    db.execute(END_TAKE_BACKS, {"owner_id": row.id, "first": first})
    db.execute(FORGET, {"owner_id": row.id})
    user = lock(db, row.id)
    old = user.email
    change_address(db, user, row.email)
    user.end_grants()
    return user, old


def end_links(db: Session, user_id: int) -> Sequence[str]:
    """End the links that change the address of an account, which is locked.

    Returns the former addresses that could take a change back.
    """
    db.execute(FORGET, {"owner_id": user_id})
    owner = {"owner_id": user_id, "now": now()}
    return db.scalars(END_OPEN_TAKE_BACKS, owner).all()


def forget_address(event: AccountDeleting) -> None:
    """Delete sign-ups with the address of a deleted account.

    Rows that somebody else has locked are skipped, which avoids deadlocks.
    """
    theirs = SignUp.email == event.user.email
    free = select(SignUp.id).where(theirs).with_for_update(skip_locked=True)
    event.db.execute(delete(SignUp).where(SignUp.id.in_(free)))
