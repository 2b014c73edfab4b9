"""Accounts, one's own and those of others."""

from typing import Any

from tests.contract.places import Place
from tests.factories import PASSWORD, make_user


def account(db: Any, caller: Any, role: str | None) -> Place:
    user = caller if role == "user:self" else make_user(db)
    return Place({"user_id": user.id}, {role}, current_password=PASSWORD)


def own_account(db: Any, caller: Any, role: str | None) -> Place:
    """Whoever has an account is himself at it; there is no other one."""
    return Place({}, {"user:self"} if caller else ())


PLACES = {"/users/{user_id}": account, "/users/me": own_account}
