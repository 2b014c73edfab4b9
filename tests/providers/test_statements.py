"""How many statements each operation needs, however many identities there are."""

import pytest
from sqlalchemy import update

from apiserver.auth.models import OAuth2Grant
from apiserver.core.db import now

STATEMENTS = [
    ("owner", "GET", "/users/me/identities/", None, 200, 2),
    ("owner", "DELETE", "/users/me/identities/{identity}", None, 204, 9),
    ("admin", "GET", "/users/{user}/identities/", None, 200, 3),
    ("admin", "DELETE", "/users/{user}/identities/{identity}", None, 204, 11),
]


@pytest.mark.parametrize("rows", [1, 20])
@pytest.mark.parametrize(
    ("caller", "method", "path", "body", "status", "number"), STATEMENTS
)
def test_number_of_statements(
    api,
    make_user,
    link,
    db,
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
    linked = [
        link(user, f"{n}", issuer=f"https://{n}.example.com") for n in range(rows)
    ]
    client = api(user if caller == "owner" else make_user("admin"))
    db.execute(update(OAuth2Grant).values(auth_time=now(), amr=("pwd",)))
    path = client.prefix + path.format(user=user.id, identity=linked[0].id)
    with statements() as executed:
        response = client.call(method, path)
    assert response.status_int == status
    assert len(executed) == number, executed


def test_number_of_statements_of_a_sign_in(person, make_user, link, statements):
    link(make_user())
    with statements() as executed:
        url = person.set_out()
    assert len(executed) == 2, executed
    callback = person.agree(url)
    with statements() as executed:
        assert person.call("GET", callback).status_int == 303
    assert len(executed) == 8, executed
