"""Links that confirm an address."""

from tests.addresses.factories import make_change, make_sign_up, make_take_back
from tests.contract.places import Place
from tests.factories import make_user


def sign_up(db, caller, role):
    return Place(token=make_sign_up(db)[1])


def change(db, caller, role):
    return Place(token=make_change(db, make_user(db))[1])


def take_back(db, caller, role):
    return Place(token=make_take_back(db, make_user(db))[1])


def own_change(db, caller, role):
    """Whoever has an account changes its address; there is no other one."""
    return Place({}, {"user:self"} if caller else (), email="new@example.com")


PLACES = {
    "/users/sign-ups/confirmation": sign_up,
    "/users/me/address-changes/": own_change,
    "/users/address-changes/confirmation": change,
    "/users/address-changes/taking-back": take_back,
}
RULES = {"token": "of a link that was mailed, and not used yet"}
