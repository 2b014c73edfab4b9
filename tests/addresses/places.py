"""Links that confirm an address."""

from typing import Any

from tests.addresses.factories import make_change, make_sign_up, make_take_back
from tests.contract.places import Place
from tests.factories import make_user


def sign_up(db: Any, caller: Any, role: str | None) -> Place:
    _, token = make_sign_up(db)
    return Place(token=token)


def own_change(db: Any, caller: Any, role: str | None) -> Place:
    """Whoever has an account changes its address; there is no other one."""
    return Place({}, {"user:self"} if caller else (), email="new@example.com")


def change(db: Any, caller: Any, role: str | None) -> Place:
    _, token = make_change(db, make_user(db))
    return Place(token=token)


def take_back(db: Any, caller: Any, role: str | None) -> Place:
    _, token = make_take_back(db, make_user(db))
    return Place(token=token)


PLACES = {
    "/users/sign-ups/confirmation": sign_up,
    "/users/me/address-changes/": own_change,
    "/users/address-changes/confirmation": change,
    "/users/address-changes/taking-back": take_back,
}
RULES = {"token": "of a link that was mailed, and not used yet"}
