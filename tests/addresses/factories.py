"""Makes addresses that are to be confirmed, for tests."""

from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from apiserver.addresses.models import AddressChange, AddressTakeBack, SignUp
from apiserver.auth.tokens import LINK, digest, make_token
from apiserver.core.db import now
from apiserver.users.models import User
from tests.factories import PASSWORD_DIGEST


def linked(db: Session, model: Any, **columns: Any) -> tuple[Any, str]:
    """Make a row whose mail was sent; return it, and the token of the link."""
    token = make_token(LINK)
    lifetime = {"expires": now() + timedelta(days=1)}
    row = model(**{"digest": digest(token), **lifetime, **columns})
    db.add(row)
    db.commit()
    return row, token


def make_sign_up(db: Session, **columns: Any) -> tuple[SignUp, str]:
    ada = {"username": "ada", "email": "ada@example.com"}
    return linked(db, SignUp, **{**ada, "password_digest": PASSWORD_DIGEST, **columns})


def make_change(db: Session, user: User, **columns: Any) -> tuple[AddressChange, str]:
    of_user = {"user_id": user.id, "user_epoch": user.epoch}
    columns = {"email": f"new{user.id}@example.com", **columns}
    return linked(db, AddressChange, **of_user, **columns)


def make_take_back(
    db: Session, user: User, **columns: Any
) -> tuple[AddressTakeBack, str]:
    """Make what takes a change back."""
    columns = {"email": f"old{user.id}@example.com", **columns}
    return linked(db, AddressTakeBack, user_id=user.id, **columns)
