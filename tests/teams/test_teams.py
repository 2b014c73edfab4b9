"""The endpoints of ``/teams``, through the whole stack."""

from unittest.mock import ANY

import pytest
from sqlalchemy import func, select

from apiserver.teams.models import Team, TeamMember
from apiserver.users.models import User
from tests.patches import replace
from tests.problems import problem
from tests.teams.documents import detail, membership


class TestListTeams:
    def test_shows_titles_alone(self, api, make_user, make_team):
        teams = [make_team(title, members=[make_user()]) for title in ("Two", "One")]
        response = api(make_user()).get("/teams/")
        assert response.json == [{"id": t.id, "title": t.title} for t in teams]


class TestCreateTeam:
    @pytest.mark.parametrize("kind", ["regular", "admin", "internal"])
    def test_creator_becomes_leader(self, api, make_user, kind):
        user = make_user(kind, first_name="Ada")
        client = api(user)
        response = client.post("/teams/", {"title": "Engineers"})
        assert response.status_int == 201
        assert response.json == {
            "id": ANY,
            "title": "Engineers",
            "members": [membership(user, leads=True)],
            "created": ANY,
            "updated": ANY,
        }
        location = response.headers["Location"]
        assert location == f"/api/v1/teams/{response.json['id']}"
        assert client.call("GET", location).json == response.json

    def test_titles_need_not_be_unique(self, api, make_user, make_team):
        team = make_team("Engineers")
        response = api(make_user()).post("/teams/", {"title": "Engineers"})
        assert response.status_int == 201
        assert response.json["id"] != team.id


class TestGetTeam:
    def test_members_stand_in_the_order_of_their_ids(self, api, make_user, make_team):
        users = [make_user(last_name=name) for name in ("Z", "Y", "X")]
        team = make_team(leaders=[users[1]], members=[users[2], users[0]])
        response = api(users[2]).get(f"/teams/{team.id}")
        assert response.status_int == 200
        assert response.json == detail(
            team,
            membership(users[0]),
            membership(users[1], leads=True),
            membership(users[2]),
        )

    def test_holds_no_members_of_other_teams(self, api, make_user, make_team):
        user, other = make_user(), make_user()
        team = make_team(leaders=[user])
        make_team(leaders=[other], members=[user])
        response = api(user).get(f"/teams/{team.id}")
        assert response.json == detail(team, membership(user, leads=True))


class TestPatchTeam:
    def test_title_is_changed(self, api, make_user, make_team):
        leader, member = make_user(), make_user()
        team = make_team(leaders=[leader], members=[member])
        client, path = api(leader), f"/teams/{team.id}"
        before = client.get(path).json
        response = client.patch(path, [replace("title", "Designers")])
        assert response.status_int == 200
        members = (membership(leader, leads=True), membership(member))
        assert response.json == detail(team, *members, title="Designers")
        assert response.json["updated"] > before["updated"]
        assert response.json["created"] == before["created"]
        assert client.get(path).json == response.json

    def test_same_title_changes_nothing(self, api, make_user, make_team):
        leader = make_user()
        team = make_team(leaders=[leader])
        client, path = api(leader), f"/teams/{team.id}"
        before = client.get(path).json
        assert client.patch(path, [replace("title", team.title)]).json == before


class TestDeleteTeam:
    def test_team_and_memberships_are_gone(self, api, db, make_user, make_team):
        leader, member = make_user(), make_user()
        team = make_team(leaders=[leader], members=[member])
        other = make_team(leaders=[member], members=[leader])
        client, path = api(leader), f"/teams/{team.id}"
        response = client.delete(path)
        assert (response.status_int, response.body) == (204, b"")
        assert client.get(path).json == problem(404, "There is no such object.")
        assert client.delete(path).status_int == 404
        assert db.scalars(select(Team.id)).all() == [other.id]
        remaining = db.scalars(select(TeamMember.team_id)).all()
        assert remaining == [other.id, other.id]
        accounts = select(func.count()).where(User.id.in_([leader.id, member.id]))
        assert db.scalar(accounts) == 2


class TestVersion:
    def test_is_another_with_another_member(self, api, make_user, make_team):
        leader = make_user()
        client, path = api(leader), f"/teams/{make_team(leaders=[leader]).id}"
        before = client.get(path).headers["ETag"]
        client.post(f"{path}/members/", {"user_id": make_user().id})
        assert client.get(path).headers["ETag"] != before
