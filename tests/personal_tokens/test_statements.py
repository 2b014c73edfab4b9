"""How many statements each operation needs, however many tokens there are."""

import pytest

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


@pytest.mark.parametrize("rows", [1, 20])
@pytest.mark.parametrize(
    ("caller", "method", "path", "body", "status", "number"), STATEMENTS
)
def test_number_of_statements(
    fresh,
    make_user,
    make_personal_token,
    statements,
    caller,
    method,
    path,
    body,
    status,
    number,
    rows,
):
    user = make_user()
    (token, _), *_ = [make_personal_token(user) for _ in range(rows)]
    client = fresh(user if caller == "owner" else make_user("admin"))
    json = {"json": body} if body else {}
    path = client.prefix + path.format(user=user.id, token=token.id)
    with statements() as executed:
        response = client.call(method, path, **json)
    assert response.status_int == status
    assert len(executed) == number, executed
