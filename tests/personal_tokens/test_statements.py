"""How many statements each operation needs, however many tokens there are."""

import pytest

from tests.statements import MANY, StatementCounts

OWN = "/users/me/personal-tokens/"
OF_USER = "/users/{user}/personal-tokens/"
NEW = {"name": "deployment", "scopes": ["users:read"]}

STATEMENTS = [
    ("owner", "GET", OWN, None, 200, 2),
    ("owner", "POST", OWN, NEW, 201, 7),
    ("owner", "DELETE", OWN + "{token}", None, 204, 8),
    ("admin", "GET", OF_USER, None, 200, 3),
    ("admin", "DELETE", OF_USER + "{token}", None, 204, 11),
]


@pytest.fixture
def scene(make_user, make_personal_token):
    user = make_user()
    (token, _), *_ = [make_personal_token(user) for _ in range(MANY)]
    callers = {"owner": user, "admin": make_user("admin")}
    return callers, {"user": user.id, "token": token.id}


class TestStatements(StatementCounts):
    table = STATEMENTS
