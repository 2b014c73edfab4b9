"""``PATCH /users/{user_id}``: what is dated, and what was stored before a rule."""

import pytest

from tests.patches import op, replace
from tests.users.accounts import change, detail


def test_change_is_dated(api, make_user):
    user = make_user(first_name="Ada")
    client = api(user)
    before = client.get("/users/me").json
    assert change(client, user, replace("first_name", "Ada")).json == before
    other = change(client, user, replace("first_name", "Grace")).json
    assert other["updated"] > before["updated"]
    assert other["created"] == before["created"]


class TestUntouchedFields:
    """What was stored before a rule was tightened, or by other doors."""

    STORED = {"first_name": " ", "last_name": "\n", "email": "nonsense"}

    @pytest.mark.parametrize(
        ("kind", "operation", "changes"),
        [
            ("admin", replace("middle_name", "King"), {"middle_name": "King"}),
            ("admin", replace("email", "a@example.com"), {"email": "a@example.com"}),
            ("admin", op("test", "/email", value="nonsense"), {}),
            ("self", replace("password", "an umbrella for the tortoise"), {}),
        ],
    )
    def test_never_fail(self, api, admin, make_user, kind, operation, changes):
        user = make_user(**self.STORED)
        client = api(user if kind == "self" else admin)
        # No document describes what its schemas refuse.
        client.compare = lambda *args: None
        assert change(client, user, operation).json == detail(user, **changes)
