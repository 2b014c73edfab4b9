"""How many statements each operation needs, however many teams there are."""

import pytest

from apiserver.account.models import AccountDeletion
from apiserver.core.db import now
from apiserver.users.personal_data import parts_of
from tests.statements import MANY, StatementCounts

OWN = "/users/me/deletion"
OF_USER = "/users/{user}/deletion"

STATEMENTS = [
    ("owner", "GET", "/users/me/events/", None, 200, 2),
    # One for each part besides.
    ("owner", "GET", "/users/me/data", None, 200, 1),
    ("owner", "GET", OWN, None, 200, 2),
    ("owner", "POST", OWN, None, 202, 11),
    ("owner", "DELETE", OWN, None, 204, 8),
    ("admin", "GET", OF_USER, None, 200, 3),
    ("admin", "POST", OF_USER, None, 202, 14),
    ("admin", "DELETE", OF_USER, None, 204, 11),
]


@pytest.fixture
def scene(db, make_user, make_team, row):
    """Somebody in many teams, who is to be deleted, but where that is asked for."""
    user = make_user()
    for _ in range(MANY):
        make_team(members=[user])
    if row.method != "POST":
        db.add(AccountDeletion(user_id=user.id, due=now()))
        db.commit()
    return {"owner": user, "admin": make_user("admin")}, {"user": user.id}


class TestStatements(StatementCounts):
    table = STATEMENTS

    def further(self, app, path):
        return len(parts_of(app.registry)) if path.endswith("/data") else 0
