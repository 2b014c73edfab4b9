"""How many statements each operation needs, however many invitations there are."""

import pytest

from tests.statements import MANY, StatementCounts

LIST = "/teams/{team}/invitations/"
ONE = LIST + "{invitation}"
ACCEPT = "/invitations/acceptance"
SIGN_UP = "/invitations/sign-up"
NEW_USER = {
    "token": "{token}",
    "username": "ada",
    "password": "an umbrella for the tortoise",
}
NEW = {"email": "ada@example.com"}

STATEMENTS = [
    ("leader", "GET", LIST, None, 200, 3),
    ("leader", "GET", ONE, None, 200, 3),
    ("leader", "POST", LIST, NEW, 201, 10),
    ("leader", "POST", f"{ONE}/resend", None, 202, 12),
    ("leader", "DELETE", ONE, None, 204, 10),
    ("other", "POST", ACCEPT, {"token": "{token}"}, 200, 9),
    ("anonymous", "POST", SIGN_UP, NEW_USER, 201, 10),
]


@pytest.fixture
def scene(make_user, leader, team, make_invitation):
    (row, token), *_ = [make_invitation(team) for _ in range(MANY)]
    callers = {"leader": leader, "other": make_user(), "anonymous": None}
    return callers, {"team": team.id, "invitation": row.id, "token": token}


class TestStatements(StatementCounts):
    table = STATEMENTS
