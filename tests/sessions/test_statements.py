"""How many statements each operation needs, however many sessions there are."""

import pytest

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


@pytest.mark.parametrize("rows", [1, 20])
@pytest.mark.parametrize(
    ("caller", "method", "path", "body", "status", "number"), STATEMENTS
)
def test_number_of_statements(
    api,
    make_user,
    make_session,
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
    session, *_ = [make_session(user) for _ in range(rows)]
    client = api(user if caller == "owner" else make_user("admin"))
    path = client.prefix + path.format(user=user.id, session=session.id)
    with statements() as executed:
        response = client.call(method, path)
    assert response.status_int == status
    assert len(executed) == number, executed
