"""How many statements each operation needs, however many teams there are."""

import pytest

from apiserver.account.models import AccountDeletion
from apiserver.core.db import now
from apiserver.users.personal_data import parts_of

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


@pytest.mark.parametrize("rows", [1, 20])
@pytest.mark.parametrize(
    ("caller", "method", "path", "body", "status", "number"), STATEMENTS
)
def test_number_of_statements(
    fresh,
    db,
    make_user,
    make_team,
    statements,
    app,
    caller,
    method,
    path,
    body,
    status,
    number,
    rows,
):
    user = make_user()
    for _ in range(rows):
        make_team(members=[user])
    if method != "POST":
        db.add(AccountDeletion(user_id=user.id, due=now()))
        db.commit()
    client = fresh(user if caller == "owner" else make_user("admin"))
    path = client.prefix + path.format(user=user.id)
    with statements() as executed:
        response = client.call(method, path, **({"json": body} if body else {}))
    assert response.status_int == status
    parts = parts_of(app.registry) if path.endswith("/data") else []
    assert len(executed) == number + len(parts), executed
