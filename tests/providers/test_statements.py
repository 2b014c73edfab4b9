"""How many statements each operation needs, however many identities there are."""

import pytest

from tests.statements import MANY, StatementCounts

STATEMENTS = [
    ("owner", "GET", "/users/me/identities/", None, 200, 2),
    ("owner", "DELETE", "/users/me/identities/{identity}", None, 204, 10),
    ("admin", "GET", "/users/{user}/identities/", None, 200, 3),
    ("admin", "DELETE", "/users/{user}/identities/{identity}", None, 204, 12),
]


@pytest.fixture
def scene(make_user, link):
    user = make_user()
    issuers = [f"https://{number}.example.com" for number in range(MANY)]
    linked, *_ = [link(user, issuer=issuer) for issuer in issuers]
    callers = {"owner": user, "admin": make_user("admin")}
    return callers, {"user": user.id, "identity": linked.id}


class TestStatements(StatementCounts):
    table = STATEMENTS


def test_number_of_statements_of_a_sign_in(person, make_user, link, statements):
    link(make_user())
    with statements() as executed:
        url = person.set_out()
    assert len(executed) == 2, executed
    callback = person.agree(url)
    with statements() as executed:
        assert person.call("GET", callback).status_int == 303
    assert len(executed) == 8, executed
