"""The endpoints of ``/teams``, through the whole stack."""

from unittest.mock import ANY


class TestCreateTeam:
    def test_creator_becomes_leader(self, api, make_user, statements):
        user = make_user(first_name="Ada")
        client = api(user)

        with statements() as executed:
            response = client.post("/teams/", {"title": "Engineers"})

        assert response.status_int == 201
        assert response.json == {
            "id": ANY,
            "title": "Engineers",
            "members": [
                {
                    "user": {
                        "id": user.id,
                        "username": user.username,
                        "first_name": "Ada",
                        "middle_name": "",
                        "last_name": "",
                    },
                    "is_leader": True,
                }
            ],
            "created": ANY,
            "updated": ANY,
        }
        team_id = response.json["id"]
        assert response.headers["Location"] == f"/api/v1/teams/{team_id}"
        assert client.get(f"/teams/{team_id}").json == response.json
        assert len(executed) == 3


class TestReadTeam:
    def test_takes_three_statements(self, api, make_user, make_team, statements):
        user = make_user()
        team = make_team(leaders=[user], members=[make_user() for _ in range(9)])
        client = api(user)
        with statements() as executed:
            response = client.get(f"/teams/{team.id}")
        assert response.status_int == 200
        assert len(response.json["members"]) == 10
        assert len(executed) == 3, executed
