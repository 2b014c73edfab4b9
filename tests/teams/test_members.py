"""The endpoints of ``/teams/{team_id}/members``, through the whole stack."""

import pytest
from sqlalchemy import select

from apiserver.teams.models import TeamMember
from tests.matrix import MISSING
from tests.patches import replace
from tests.problems import conflict, problem
from tests.teams.documents import member

NO_USER = problem(404, "There is no such user.")
NO_OBJECT = problem(404, "There is no such object.")
ALREADY = conflict("The user is already a member of the team.", "user_id")


@pytest.fixture
def team(make_team, leader):
    return make_team(leaders=[leader])


@pytest.fixture
def members(team):
    """The path of the members."""
    return f"/teams/{team.id}/members/"


@pytest.fixture
def client(api, leader):
    return api(leader)


class TestListMembers:
    def test_shows_those_of_the_team_in_the_order_of_their_ids(
        self, api, make_user, make_team
    ):
        users = [make_user() for _ in range(3)]
        team = make_team(leaders=users[:1], members=reversed(users[1:]))
        make_team("Others", members=users[1:], leaders=[make_user()])
        response = api(users[-1]).get(f"/teams/{team.id}/members/")
        assert response.json == [member(team, u, leads=u is users[0]) for u in users]


class TestAddMember:
    def test_answers_the_new_member(self, client, team, members, user):
        response = client.post(members, {"user_id": user.id})
        assert response.status_int == 201
        assert response.json == member(team, user)
        location = response.headers["Location"]
        assert location == f"/api/v1{members}{user.id}"
        assert client.call("GET", location).json == response.json

    def test_shows_what_members_see_of_each_other(self, client, members, user):
        """A leader, who may not see an account, adds its user and sees no more."""
        assert client.get(f"/users/{user.id}").status_int == 403
        shown = client.post(members, {"user_id": user.id}).json["user"]
        names = {"first_name", "middle_name", "last_name"}
        assert shown.keys() == {"id", "username", *names}
        assert client.get(f"/users/{user.id}").status_int == 403

    def test_can_be_a_leader(self, client, team, members, user):
        response = client.post(members, {"user_id": user.id, "is_leader": True})
        assert response.status_int == 201
        assert response.json == member(team, user, leads=True)

    def test_new_member_may_read_at_once(self, api, client, team, members, user):
        newcomer = api(user)
        assert newcomer.get(f"/teams/{team.id}").status_int == 403
        client.post(members, {"user_id": user.id})
        assert newcomer.get(f"/teams/{team.id}").status_int == 200
        assert newcomer.post(members, {"user_id": user.id}).status_int == 403

    def test_unknown_user_is_404(self, client, members):
        response = client.post(members, {"user_id": MISSING})
        assert response.status_int == 404
        assert response.json == NO_USER

    @pytest.mark.parametrize("leads", [True, False])
    def test_member_is_not_added_twice(
        self, client, team, members, user, leader, leads
    ):
        client.post(members, {"user_id": user.id})
        for known, leading in ((user, False), (leader, True)):
            again = {"user_id": known.id, "is_leader": leads}
            response = client.post(members, again)
            assert response.status_int == 409
            assert response.json == ALREADY
            stored = client.get(f"{members}{known.id}").json
            assert stored == member(team, known, leads=leading)


class TestGetMember:
    def test_answers_the_member(self, api, make_team, leader, user):
        team = make_team("Designers", leaders=[leader], members=[user])
        for client in (api(leader), api(user)):
            for known, leads in ((leader, True), (user, False)):
                response = client.get(f"/teams/{team.id}/members/{known.id}")
                assert response.status_int == 200
                assert response.json == member(team, known, leads=leads)

    def test_user_who_is_in_another_team(self, client, members, make_team, user):
        make_team("Others", leaders=[user])
        response = client.get(f"{members}{user.id}")
        assert response.status_int == 404


class TestPatchMember:
    def test_becomes_a_leader_and_none_again(self, api, client, team, members, user):
        client.post(members, {"user_id": user.id})
        for leads in (True, False):
            response = client.patch(
                f"{members}{user.id}", [replace("is_leader", leads)]
            )
            assert response.status_int == 200
            assert response.json == member(team, user, leads=leads)
            assert client.get(f"{members}{user.id}").json == response.json
            allowed = api(user).options(f"/teams/{team.id}").headers["Allow"]
            assert ("PATCH" in allowed) == leads


class TestRemoveMember:
    def test_loses_access_at_once(self, api, db, client, team, members, user, leader):
        client.post(members, {"user_id": user.id})
        removed = api(user)
        response = client.delete(f"{members}{user.id}")
        assert (response.status_int, response.body) == (204, b"")
        assert removed.get(f"/teams/{team.id}").status_int == 403
        assert client.get(f"{members}{user.id}").json == NO_OBJECT
        assert client.delete(f"{members}{user.id}").status_int == 404
        stored = select(TeamMember.user_id).where(TeamMember.team_id == team.id)
        assert db.scalars(stored).all() == [leader.id]

    def test_leaves_alone_what_it_is_in_other_teams(
        self, api, client, members, make_team, user
    ):
        other = make_team("Others", leaders=[user])
        client.post(members, {"user_id": user.id})
        assert api(user).delete(f"{members}{user.id}").status_int == 204
        assert api(user).get(f"/teams/{other.id}").status_int == 200
