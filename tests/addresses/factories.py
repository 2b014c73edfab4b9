"""Makes addresses that are to be confirmed, for tests."""

from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from apiserver.addresses.models import AddressChange, AddressTakeBack, SignUp
from apiserver.auth.tokens import LINK, digest, make_token
from apiserver.core.db import now
from apiserver.users.models import User
from tests.factories import PASSWORD_DIGEST


def make_sign_up(db: Session, **columns: Any) -> tuple[SignUp, str]:
    """Make a sign-up whose mail was sent; return its row, and the token of the link."""
    token = make_token(LINK)
    values = {
        "username": "ada",
        "email": "ada@example.com",
        "password_digest": PASSWORD_DIGEST,
        "digest": digest(token),
        "expires": now() + timedelta(days=1),
        **columns,
    }
    row = SignUp(**values)
    db.add(row)
    db.commit()
    return row, token


def make_change(db: Session, user: User, **columns: Any) -> tuple[AddressChange, str]:
    """Make a change whose mail was sent; return its row, and the token of the link."""
    token = make_token(LINK)
    values = {
        "user_id": user.id,
        "user_epoch": user.epoch,
        "email": f"new{user.id}@example.com",
        "digest": digest(token),
        "expires": now() + timedelta(days=1),
        **columns,
    }
    row = AddressChange(**values)
    db.add(row)
    db.commit()
    return row, token


def make_take_back(
    db: Session, user: User, **columns: Any
) -> tuple[AddressTakeBack, str]:
    """Make what takes a change back; return its row, and the token of the link."""
    token = make_token(LINK)
    values = {
        "user_id": user.id,
        "email": f"old{user.id}@example.com",
        "digest": digest(token),
        "expires": now() + timedelta(days=7),
        **columns,
    }
    row = AddressTakeBack(**values)
    db.add(row)
    db.commit()
    return row, token
