"""The same work for every address, whether it has an account or not."""

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


@pytest.fixture
def made(make_user, statements):
    """A function that asks for an address of an account, and for one of nobody."""

    def call(client, path, form):
        for email in (make_user().email, "nobody@example.com"):
            with statements() as executed:
                sent = client.post(path, {**form(), "email": email})
            assert sent.status_int == 202
            yield list(executed)

    return call


def test_of_a_sign_up_are_those_of_any_address(stranger, made):
    known, unknown = made(stranger, SIGN_UPS, newcomer)
    assert known == unknown


def test_of_a_change_are_those_of_any_address(api, user, made):
    known, unknown = made(api(user), CHANGES, dict)
    assert known == unknown


@pytest.fixture
def scene(db, user, row):
    """Somebody with many links of the kind that is confirmed."""
    make = {
        CONFIRMATION: lambda n: make_sign_up(db, username=f"a{n}"),
        CHANGE: lambda n: make_change(db, user),
        TAKING_BACK: lambda n: make_take_back(db, user),
    }.get(row.path, lambda n: (None, ""))
    (_, token), *_ = [make(number) for number in range(MANY)]
    return {"stranger": None, "owner": user}, {"token": token}


class TestStatements(StatementCounts):
    table = STATEMENTS
