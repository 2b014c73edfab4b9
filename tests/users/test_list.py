"""``GET /users/``: summaries."""


def summary(user):
    return {
        "id": user.id,
        "username": user.username,
        "first_name": user.first_name,
        "middle_name": user.middle_name,
        "last_name": user.last_name,
    }


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
