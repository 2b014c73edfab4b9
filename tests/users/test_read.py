"""Reading accounts: one's own, another's, and the list."""

from tests.patches import replace
from tests.problems import problem
from tests.users.accounts import change, detail, summary


class TestMe:
    def test_is_the_account_by_its_id(self, api, make_user):
        client = api(user := make_user(first_name="Ada"))
        own, by_id = client.get("/users/me"), client.get(f"/users/{user.id}")
        assert own.json == detail(user)
        assert (own.body, own.headers["ETag"]) == (by_id.body, by_id.headers["ETag"])

    def test_is_nobody_where_a_client_calls(self, api, make_client):
        client = make_client(default_scopes=("users:read",))
        response = api(client=client, scopes=["users:read"]).get("/users/me")
        refused = "Only the user itself and administrators may do this."
        assert response.json == problem(403, refused)

    def test_is_changed_at_once(self, client, user):
        answer = change(client, user, replace("last_name", "King"))
        assert client.get("/users/me").json == answer.json


def test_list_holds_accounts_of_every_kind_in_the_order_of_ids(api, make_user, db):
    kinds = ("admin", "inactive", "internal", "read_only", "regular")
    users = [make_user(kind) for kind in kinds]
    users[1].first_name = "changed"
    db.commit()
    assert api(users[0]).get("/users/").json == [summary(user) for user in users]
