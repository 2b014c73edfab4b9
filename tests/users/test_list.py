"""``GET /users/``: summaries."""

from tests.users.accounts import summary


class TestListUsers:
    def test_holds_accounts_of_every_kind(self, api, make_user):
        kinds = ("admin", "inactive", "internal", "read_only", "regular")
        users = [make_user(kind) for kind in kinds]
        response = api(users[0]).get("/users/")
        assert response.json == [summary(user) for user in users]

    def test_order_does_not_follow_changes(self, api, make_user, db):
        users = [make_user("admin"), make_user(), make_user()]
        users[1].first_name = "changed"
        db.commit()
        response = api(users[0]).get("/users/")
        assert response.json == [summary(user) for user in users]
