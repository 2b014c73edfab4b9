"""Makes links for tests, as if they had been mailed."""

from typing import Any

from apiserver.password_resets.actions import make_link
from apiserver.users.models import User


def make_reset(db: Any, user: User, lifetime: int = 3600) -> str:
    """Make a link for the user, and return its token."""
    token = make_link(db, user, lifetime=lifetime)
    db.commit()
    return token
