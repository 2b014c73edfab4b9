"""How many statements each operation needs, however many accounts there are."""

import pytest

from tests.statements import MANY, StatementCounts

ASK = "/auth/password-resets/"
CONFIRM = "/auth/password-resets/confirmation"
OF_USER = "/users/{user}/password-resets/"
EMAIL = {"email": "{email}"}
UNKNOWN = {"email": "nobody@example.com"}
NEW = {"token": "{token}", "password": "an umbrella for the tortoise"}

STATEMENTS = [
    ("anybody", "POST", ASK, EMAIL, 202, 2),
    # Whether there is an account, the worker finds out.
    ("anybody", "POST", ASK, UNKNOWN, 202, 2),
    ("anybody", "POST", CONFIRM, NEW, 204, 10),
    ("admin", "POST", OF_USER, None, 202, 9),
]


@pytest.fixture
def scene(make_user, make_reset):
    user, *_ = [make_user() for _ in range(MANY)]
    values = {"email": user.email, "token": make_reset(user), "user": user.id}
    return {"anybody": None, "admin": make_user("admin")}, values


class TestStatements(StatementCounts):
    table = STATEMENTS
