"""Makes personal access tokens for tests."""

from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from apiserver.auth.tokens import PERSONAL, digest, make_token
from apiserver.core.db import now
from apiserver.personal_tokens.models import PersonalToken
from apiserver.users.models import User


def make_personal_token(
    db: Session, user: User, **columns: Any
) -> tuple[PersonalToken, str]:
    """Make a token of the user; return its row, and the token itself."""
    token = make_token(PERSONAL)
    values = {
        "user_id": user.id,
        "user_epoch": user.epoch,
        "name": "backup script",
        "digest": digest(token),
        "scopes": ("users:read",),
        "amr": ("pwd",),
        "expires": now() + timedelta(days=30),
        **columns,
    }
    row = PersonalToken(**values)
    db.add(row)
    db.commit()
    return row, token
