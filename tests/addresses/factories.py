"""Makes addresses that are to be confirmed, for tests."""

from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from apiserver.addresses.models import SignUp
from apiserver.auth.tokens import LINK, digest, make_token
from apiserver.core.db import now
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
