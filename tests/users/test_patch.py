"""``PATCH /users/{user_id}``: each operation of JSON Patch (RFC 6902)."""

import pytest

from tests.patches import op, replace
from tests.users.accounts import detail, patch


@pytest.fixture
def user(make_user):
    return make_user(first_name="Ada", middle_name="King", last_name="Lovelace")


class TestOperations:
    def test_change_is_dated(self, api, user):
        client, path = api(user), f"/users/{user.id}"
        before = client.get(path).json
        same = client.patch(path, patch(replace("first_name", "Ada"))).json
        assert same["updated"] == before["updated"]
        other = client.patch(path, patch(replace("first_name", "Grace"))).json
        assert other["updated"] > before["updated"]
        assert other["created"] == before["created"]


class TestUntouchedFields:
    """What was stored before a rule was tightened, or by other doors."""

    STORED = {"first_name": " ", "last_name": "\n", "email": "nonsense"}

    @pytest.fixture
    def client(self, api, make_user):
        client = api(make_user("admin"))
        # No document describes what its schemas refuse.
        client.compare = lambda *args: None
        return client

    @pytest.mark.parametrize(
        ("operation", "changes"),
        [
            (replace("middle_name", "King"), {"middle_name": "King"}),
            (replace("is_active", False), {"is_active": False}),
            (replace("email", "ada@example.com"), {"email": "ada@example.com"}),
            (op("test", "/email", value="nonsense"), {}),
            (op("test", "/last_name", value="\n"), {}),
        ],
    )
    def test_never_fail(self, client, make_user, operation, changes):
        user = make_user(**self.STORED)
        answer = client.patch(f"/users/{user.id}", patch(operation))
        assert (answer.status_int, answer.json) == (200, detail(user, **changes))

    def test_let_the_password_be_changed(self, api, make_user):
        user = make_user(**self.STORED)
        client = api(user)
        client.compare = lambda *args: None
        changed = patch(replace("password", "an umbrella for the tortoise"))
        assert client.patch(f"/users/{user.id}", changed).status_int == 200
