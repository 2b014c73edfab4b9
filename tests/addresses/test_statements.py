"""The same work for every address, whether it has an account or not."""

import re

import pytest

from tests.addresses.factories import make_change, make_sign_up, make_take_back
from tests.users.accounts import newcomer

SIGN_UPS = "/users/sign-ups"
CONFIRMATION = "/users/sign-ups/confirmation"
CHANGES = "/users/me/address-changes/"
CHANGE = "/users/address-changes/confirmation"
TAKING_BACK = "/users/address-changes/taking-back"

STATEMENTS = [
    ("stranger", "POST", SIGN_UPS, None, 202, 6),
    ("stranger", "POST", CONFIRMATION, None, 200, 3),
    ("owner", "POST", CHANGES, None, 202, 10),
    ("stranger", "POST", CHANGE, None, 204, 9),
    ("stranger", "POST", TAKING_BACK, None, 204, 10),
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
def body(db):
    """A function that returns what is sent to a path, where many others have links."""

    def make(path, user, rows):
        if path == SIGN_UPS:
            return newcomer()
        if path == CHANGES:
            return {"email": "nobody@example.com"}
        if path == CONFIRMATION:
            made = [make_sign_up(db, username=f"a{n}") for n in range(rows)]
        elif path == CHANGE:
            made = [make_change(db, user) for _ in range(rows)]
        else:
            made = [make_take_back(db, user) for _ in range(rows)]
        return {"token": made[0][1]}

    return make


@pytest.mark.parametrize("rows", [1, 20])
@pytest.mark.parametrize(
    ("caller", "method", "path", "_", "status", "number"), STATEMENTS
)
def test_number_of_statements(
    fresh,
    api,
    verified,
    make_user,
    statements,
    body,
    caller,
    method,
    path,
    _,
    status,
    number,
    rows,
):
    user = make_user()
    sent = body(path, user, rows)
    client = fresh(user) if caller == "owner" else api(app=verified)
    with statements() as executed:
        response = client.call(method, client.prefix + path, json=sent)
    assert response.status_int == status
    assert len(executed) == number, executed
