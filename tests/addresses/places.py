"""Links that confirm an address."""

from typing import Any

from tests.addresses.factories import make_sign_up
from tests.contract.places import Place


def sign_up(db: Any, caller: Any, role: str | None) -> Place:
    _, token = make_sign_up(db)
    return Place(token=token)


PLACES = {"/users/sign-ups/confirmation": sign_up}
RULES = {"token": "of a link that was mailed, and not used yet"}
