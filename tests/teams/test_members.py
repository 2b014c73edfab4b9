"""The endpoints of ``/teams/{team_id}/members``, through the whole stack."""

import pytest
from sqlalchemy import select

from apiserver.teams.models import TeamMember
from tests.matrix import MISSING
from tests.patches import replace
from tests.problems import conflict, problem
from tests.teams.documents import member

ALREADY = conflict("The user is already a member of the team.", "user_id")


@pytest.fixture
def added(client, members, user):
    """The answer to the leader who adds the user."""
    return client.post(members, {"user_id": user.id})


def test_list_shows_those_of_the_team_in_the_order_of_their_ids(
    api, make_user, make_team
):
    users = [make_user() for _ in range(3)]
    team = make_team(leaders=users[:1], members=reversed(users[1:]))
    make_team("Others", members=users[1:], leaders=[make_user()])
    response = api(users[-1]).get(f"/teams/{team.id}/members/")
    assert response.json == [member(team, u, leads=u is users[0]) for u in users]


class TestAddMember:
    def test_answers_the_new_member(self, client, team, members, user, added):
        assert (added.status_int, added.json) == (201, member(team, user))
        location = added.headers["Location"]
        assert location == f"/api/v1{members}{user.id}"
        assert client.call("GET", location).json == added.json
        # The leader sees no more of the account than this.
        assert client.get(f"/users/{user.id}").status_int == 403
        names = {"first_name", "middle_name", "last_name"}
        assert added.json["user"].keys() == {"id", "username", *names}

    def test_can_be_a_leader(self, client, team, members, user):
        response = client.post(members, {"user_id": user.id, "is_leader": True})
        assert response.json == member(team, user, leads=True)

    def test_new_member_may_read_at_once(self, api, client, team, members, user):
        newcomer, path = api(user), f"/teams/{team.id}"
        assert newcomer.get(path).status_int == 403
        client.post(members, {"user_id": user.id})
        assert newcomer.get(path).status_int == 200
        assert newcomer.post(members, {"user_id": user.id}).status_int == 403

    def test_unknown_user_is_404(self, client, members):
        response = client.post(members, {"user_id": MISSING})
        assert response.json == problem(404, "There is no such user.")

    @pytest.mark.parametrize("leads", [True, False])
    def test_member_is_not_added_twice(
        self, client, team, members, user, leader, added, leads
    ):
        for known, leading in ((user, False), (leader, True)):
            again = {"user_id": known.id, "is_leader": leads}
            assert client.post(members, again).json == ALREADY
            stored = client.get(f"{members}{known.id}").json
            assert stored == member(team, known, leads=leading)


class TestGetMember:
    def test_answers_the_member(self, api, client, team, members, leader, user, added):
        for caller in (client, api(user)):
            for known, leads in ((leader, True), (user, False)):
                shown = caller.get(f"{members}{known.id}").json
                assert shown == member(team, known, leads=leads)

    def test_user_who_is_in_another_team(self, client, members, make_team, user):
        make_team("Others", leaders=[user])
        assert client.get(f"{members}{user.id}").status_int == 404


def test_member_becomes_a_leader_and_none_again(
    api, client, team, members, user, added
):
    path = f"{members}{user.id}"
    for leads in (True, False):
        response = client.patch(path, [replace("is_leader", leads)])
        assert response.json == member(team, user, leads=leads)
        assert client.get(path).json == response.json
        allowed = api(user).options(f"/teams/{team.id}").headers["Allow"]
        assert ("PATCH" in allowed) == leads


class TestRemoveMember:
    def test_loses_access_at_once(
        self, api, db, client, team, members, user, leader, added
    ):
        removed, path = api(user), f"{members}{user.id}"
        response = client.delete(path)
        assert (response.status_int, response.body) == (204, b"")
        assert removed.get(f"/teams/{team.id}").status_int == 403
        missing = problem(404, "There is no such object.")
        for method in ("GET", "DELETE"):
            assert client.call(method, client.prefix + path).json == missing
        stored = select(TeamMember.user_id).where(TeamMember.team_id == team.id)
        assert db.scalars(stored).all() == [leader.id]

    def test_leaves_alone_what_it_is_in_other_teams(
        self, api, members, make_team, user, added
    ):
        other = make_team("Others", leaders=[user])
        assert api(user).delete(f"{members}{user.id}").status_int == 204
        assert api(user).get(f"/teams/{other.id}").status_int == 200
