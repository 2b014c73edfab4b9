"""How many statements a page of the audit log needs, however long it is."""

import pytest

from tests.statements import MANY, StatementCounts

STATEMENTS = [
    ("admin", "GET", "/audit/", None, 200, 2),
    ("admin", "GET", "/audit/?action=user_changed&target=user:7", None, 200, 2),
]


@pytest.fixture
def scene(make_user, make):
    for _ in range(MANY):
        make()
    return {"admin": make_user("admin")}, {}


class TestStatements(StatementCounts):
    table = STATEMENTS
