"""Reading one account: one's own, another's, and versions of it."""

from tests.patches import replace
from tests.problems import problem
from tests.users.accounts import detail, patch


class TestGetMe:
    def test_user_sees_itself(self, api, make_user):
        user = make_user(first_name="Ada")
        response = api(user).get("/users/me")
        assert response.status_int == 200
        assert response.json == detail(user)
        assert response.content_type == "application/json"

    def test_is_the_same_as_by_id(self, api, make_user):
        client = api(user := make_user())
        own, by_id = client.get("/users/me"), client.get(f"/users/{user.id}")
        assert own.body == by_id.body
        assert own.headers["ETag"] == by_id.headers["ETag"]

    def test_client_is_nobody(self, api, make_client):
        client = make_client(default_scopes=("users:read",))
        response = api(client=client, scopes=["users:read"]).get("/users/me")
        assert response.status_int == 403
        assert response.json == problem(
            403, "Only the user itself and administrators may do this."
        )

    def test_change_is_seen_at_once(self, api, make_user):
        client = api(user := make_user())
        answer = client.patch(f"/users/{user.id}", patch(replace("last_name", "King")))
        assert client.get("/users/me").json == answer.json
