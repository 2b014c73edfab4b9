"""How many statements each operation needs, however many accounts there are."""

import pytest

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


@pytest.mark.parametrize(
    ("caller", "method", "path", "body", "status", "number"), STATEMENTS
)
def test_number_of_statements(
    api,
    make_user,
    make_reset,
    statements,
    caller,
    method,
    path,
    body,
    status,
    number,
):
    user = make_user()
    known = {"email": user.email, "token": make_reset(user), "user": user.id}
    client = api(make_user("admin")) if caller == "admin" else api()
    json = {"json": {k: v.format(**known) for k, v in body.items()}} if body else {}
    with statements() as executed:
        response = client.call(method, client.prefix + path.format(**known), **json)
    assert response.status_int == status
    assert len(executed) == number, executed
