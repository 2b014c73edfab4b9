"""How many statements each operation needs, however many invitations there are."""

import pytest

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


@pytest.mark.parametrize("rows", [1, 20])
@pytest.mark.parametrize(
    ("caller", "method", "path", "body", "status", "number"), STATEMENTS
)
def test_number_of_statements(
    api,
    make_user,
    leader,
    team,
    make_invitation,
    statements,
    caller,
    method,
    path,
    body,
    status,
    number,
    rows,
):
    (row, token), *_ = [make_invitation(team) for _ in range(rows)]
    users = {"leader": leader, "anonymous": None}
    client = api(users[caller] if caller in users else make_user())
    if body is not None and "token" in body:
        body = {**body, "token": token}
    json = {"json": body} if body else {}
    path = client.prefix + path.format(team=team.id, invitation=row.id)
    with statements() as executed:
        response = client.call(method, path, **json)
    assert response.status_int == status
    assert len(executed) == number, executed
