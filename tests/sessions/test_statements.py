"""How many statements each operation needs, however many sessions there are."""

import pytest

from tests.statements import MANY, StatementCounts

OWN = "/users/me/sessions/"
OF_USER = "/users/{user}/sessions/"

STATEMENTS = [
    ("owner", "GET", OWN, None, 200, 2),
    ("owner", "DELETE", OWN, None, 204, 6),
    ("owner", "DELETE", OWN + "{session}", None, 204, 8),
    ("admin", "GET", OF_USER, None, 200, 3),
    ("admin", "DELETE", OF_USER, None, 204, 9),
    ("admin", "DELETE", OF_USER + "{session}", None, 204, 11),
]


@pytest.fixture
def scene(make_user, make_session):
    user = make_user()
    session, *_ = [make_session(user) for _ in range(MANY)]
    callers = {"owner": user, "admin": make_user("admin")}
    return callers, {"user": user.id, "session": session.id}


class TestStatements(StatementCounts):
    table = STATEMENTS
