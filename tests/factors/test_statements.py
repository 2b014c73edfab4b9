"""How many statements each operation needs, however many factors there are."""

import pytest

from tests.factors.accounts import add_totp, code_of
from tests.factors.places import asked_for_passkey
from tests.patches import replace
from tests.statements import StatementCounts

OWN = "/users/me/factors/"
OF_USER = "/users/{user}/factors/"
FACTOR = OWN + "{factor}"

STATEMENTS = [
    ("owner", "GET", OWN, None, 200, 2),
    ("admin", "GET", OF_USER, None, 200, 3),
    ("admin", "DELETE", OF_USER, None, 204, 13),
    ("owner", "GET", FACTOR, None, 200, 2),
    ("owner", "PATCH", FACTOR, [replace("name", "Phone 2")], 200, 8),
    ("owner", "DELETE", FACTOR, None, 204, 13),
    ("owner", "POST", f"{OWN}{{new}}/confirmation", {"code": "{code}"}, 200, 16),
    ("owner", "POST", f"{OWN}{{new}}/confirmation", {"code": "000000"}, 422, 5),
    ("owner", "POST", f"{OWN}totp", {}, 201, 8),
    ("owner", "POST", f"{OWN}passkey-options", None, 200, 6),
    ("owner", "POST", f"{OWN}passkeys", {"credential": "{credential}"}, 201, 10),
    ("owner", "GET", f"{OWN}recovery-codes", None, 200, 2),
    ("owner", "POST", f"{OWN}recovery-codes", None, 201, 9),
]


@pytest.fixture
def scene(db, make_user):
    """Somebody with many factors, and one that isn't confirmed."""
    user = make_user()
    factor, *_ = [add_totp(db, user)[0] for _ in range(10)]
    new, app = add_totp(db, user, confirmed=False)
    callers = {"owner": user, "admin": make_user("admin")}
    return callers, {
        "user": user.id,
        "factor": factor.id,
        "new": new.id,
        "code": code_of(app),
        "credential": asked_for_passkey(db, user, None).values["credential"],
    }


class TestStatements(StatementCounts):
    table = STATEMENTS


@pytest.mark.parametrize(("proof", "number"), [("code", 10), ("recovery code", 7)])
def test_number_of_statements_of_a_sign_in(
    to_step, enter, totp, recovery_code, statements, proof, number
):
    """And in which order it locks what others use at the same time."""
    to_step()
    code = code_of(totp) if proof == "code" else recovery_code
    with statements() as executed:
        assert enter(code).status_int < 400
    assert len(executed) == number, executed
