"""Links that were mailed to somebody, by which anybody may set a password."""

from typing import Any

from tests.contract.places import Place
from tests.factories import make_user
from tests.password_resets.factories import make_reset


def link(db: Any, caller: Any, role: str | None) -> Place:
    """Make a link; it is another's than the caller, whose token would end."""
    return Place(token=make_reset(db, make_user(db)))


def account(db: Any, caller: Any, role: str | None) -> Place:
    """Let an internal caller be an administrator: internal accounts get no links."""
    user = caller if role == "user:self" else make_user(db)
    if user.is_internal:
        user.is_internal, user.is_admin = False, True
        db.commit()
    return Place({"user_id": user.id}, {role})


PLACES = {
    "/auth/password-resets/confirmation": link,
    "/users/{user_id}/password-resets/": account,
}
RULES = {"token": "of a link that was mailed"}
