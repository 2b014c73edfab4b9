"""How many statements a page of the audit log needs, however long it is."""

import pytest

STATEMENTS = [
    ("admin", "GET", "/audit/", None, 200, 2),
    ("admin", "GET", "/audit/?action=user_changed&target=user:7", None, 200, 2),
]


@pytest.mark.parametrize("rows", [1, 20])
@pytest.mark.parametrize(
    ("caller", "method", "path", "body", "status", "number"), STATEMENTS
)
def test_number_of_statements(
    api, make_user, make, statements, caller, method, path, body, status, number, rows
):
    for _ in range(rows):
        make()
    client = api(make_user(caller))
    with statements() as executed:
        response = client.call(method, client.prefix + path)
    assert (response.status_int, len(response.json)) == (status, rows)
    assert len(executed) == number, executed
