"""The same work for every address, whether it has an account or not."""

import re

import pytest

from tests.addresses.factories import make_change, make_sign_up, make_take_back
from tests.statements import MANY, StatementCounts
from tests.users.accounts import newcomer

SIGN_UPS = "/users/sign-ups"
CONFIRMATION = "/users/sign-ups/confirmation"
CHANGES = "/users/me/address-changes/"
CHANGE = "/users/address-changes/confirmation"
TAKING_BACK = "/users/address-changes/taking-back"

LINK = {"token": "{token}"}

STATEMENTS = [
    ("stranger", "POST", SIGN_UPS, newcomer(), 202, 6),
    ("stranger", "POST", CONFIRMATION, LINK, 200, 3),
    ("owner", "POST", CHANGES, {"email": "nobody@example.com"}, 202, 10),
    ("stranger", "POST", CHANGE, LINK, 204, 9),
    ("stranger", "POST", TAKING_BACK, LINK, 204, 10),
]


def kinds(executed):
    return [re.sub(r"\s+", " ", statement) for statement in executed]


def test_of_a_sign_up_are_those_of_any_address(api, verified, make_user, statements):
    client = api(app=verified)
    made = []
    for email in (make_user().email, "nobody@example.com"):
        form = newcomer(email=email)
        with statements() as executed:
            assert client.post(SIGN_UPS, form).status_int == 202
        made.append(kinds(executed))
    assert made[0] == made[1]


def test_of_a_change_are_those_of_any_address(fresh, make_user, statements):
    client = fresh(make_user())
    made = []
    for email in (make_user().email, "nobody@example.com"):
        with statements() as executed:
            assert client.post(CHANGES, {"email": email}).status_int == 202
        made.append(kinds(executed))
    assert made[0] == made[1]


@pytest.fixture
def scene(db, make_user, row):
    """Somebody with many links of the kind that is confirmed."""
    user = make_user()
    make = {
        CONFIRMATION: lambda n: make_sign_up(db, username=f"a{n}"),
        CHANGE: lambda n: make_change(db, user),
        TAKING_BACK: lambda n: make_take_back(db, user),
    }.get(row.path, lambda n: (None, ""))
    (_, token), *_ = [make(number) for number in range(MANY)]
    return {"stranger": None, "owner": user}, {"token": token}


class TestStatements(StatementCounts):
    table = STATEMENTS

    @pytest.fixture
    def sign_in(self, api, verified, fresh):
        return lambda user: fresh(user) if user else api(app=verified)
