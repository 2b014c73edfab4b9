"""The same work for every address, whether it has an account or not."""

import re

import pytest

from tests.addresses.factories import make_sign_up
from tests.users.accounts import newcomer

SIGN_UPS = "/users/sign-ups"
CONFIRMATION = "/users/sign-ups/confirmation"

STATEMENTS = [
    ("stranger", "POST", SIGN_UPS, None, 202, 6),
    ("stranger", "POST", CONFIRMATION, None, 200, 3),
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


@pytest.mark.parametrize("rows", [1, 20])
@pytest.mark.parametrize(
    ("caller", "method", "path", "body", "status", "number"), STATEMENTS
)
def test_number_of_statements(
    api, verified, db, statements, caller, method, path, body, status, number, rows
):
    """However many others have signed up."""
    tokens = [make_sign_up(db, username=f"a{n}")[1] for n in range(rows)]
    client = api(app=verified)
    sent = {"token": tokens[0]} if path == CONFIRMATION else newcomer()
    with statements() as executed:
        assert client.post(path, sent).status_int == status
    assert len(executed) == number, executed
