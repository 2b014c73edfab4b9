"""How many SQL statements an endpoint takes, however many accounts there are."""

import pytest

from tests.patches import op, replace
from tests.settings import SHIPPED
from tests.statements import MANY, StatementCounts
from tests.users.accounts import newcomer, patch

NOTHING = patch(op("test", "/first_name", value=""))
NAME = patch(replace("first_name", "Ada"))
PASSWORD = patch(replace("password", "another battery"))
ROLE = patch(replace("is_regular_user", False))
# Whether a new password is told by mail: a job more.
IS_TOLD = "password_resets" in SHIPPED.split()

# The last column; the bearer check, which brings the account along, is one of them.
STATEMENTS = [
    ("anonymous", "GET", "/users/signup-form", None, 200, 0),
    ("anonymous", "OPTIONS", "/users/", None, 204, 0),
    ("anonymous", "POST", "/users/", newcomer(), 201, 3),
    ("anonymous", "GET", "/users/", None, 401, 0),
    ("anonymous", "GET", "/users/me", None, 401, 0),
    ("anonymous", "GET", "/users/{user_id}", None, 401, 1),
    ("self", "GET", "/users/me", None, 200, 1),
    ("self", "GET", "/users/{user_id}", None, 200, 2),
    ("self", "HEAD", "/users/{user_id}", None, 200, 2),
    ("self", "OPTIONS", "/users/{user_id}", None, 204, 2),
    ("self", "POST", "/users/", newcomer(), 201, 5),
    ("self", "PATCH", "/users/{user_id}", NOTHING, 200, 11),
    ("self", "PATCH", "/users/{user_id}", NAME, 200, 13),
    ("self", "PATCH", "/users/{user_id}", PASSWORD, 200, 15 + IS_TOLD),
    ("admin", "PATCH", "/users/{user_id}", ROLE, 200, 16),
    ("admin", "POST", "/users/", newcomer(), 201, 4),
    ("admin", "GET", "/users/?limit=2", None, 200, 2),
    ("admin", "GET", "/users/?limit=100", None, 200, 2),
    # Only a page beyond the end has to count by itself.
    ("admin", "GET", "/users/?offset=1000", None, 200, 3),
]


@pytest.fixture
def scene(make_user):
    user, *_ = [make_user() for _ in range(MANY)]
    callers = {"self": user, "admin": make_user("admin"), "anonymous": None}
    return callers, {"user_id": user.id}


class TestStatements(StatementCounts):
    table = STATEMENTS


def test_version_check_takes_no_more(api, make_user, statements):
    user = make_user()
    client, path = api(user), f"/users/{user.id}"
    etag = client.get(path).headers["ETag"]
    with statements() as executed:
        response = client.patch(path, NAME, headers={"If-Match": etag})
    assert response.status_int == 200
    assert len(executed) == 13, executed
