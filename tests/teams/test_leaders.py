"""A team keeps at least one leader."""

import pytest

from tests.patches import replace
from tests.problems import problem
from tests.teams.documents import member

LAST = problem(409, "The team would be left without a leader.")


@pytest.fixture
def leader(make_user):
    return make_user()


@pytest.fixture
def user(make_user):
    return make_user()


@pytest.fixture
def team(make_team, leader, user):
    """A team of one leader and one who is none."""
    return make_team(leaders=[leader], members=[user])


@pytest.fixture
def path(team, leader):
    """The path of the leader's membership."""
    return f"/teams/{team.id}/members/{leader.id}"


class TestLastLeader:
    @pytest.mark.parametrize("kind", ["leader", "admin", "internal"])
    def test_is_not_demoted(self, api, make_user, team, leader, path, kind):
        client = api(leader if kind == "leader" else make_user(kind))
        response = client.patch(path, [replace("is_leader", False)])
        assert response.status_int == 409
        assert response.json == LAST
        assert client.get(path).json == member(team, leader, leads=True)

    @pytest.mark.parametrize("kind", ["leader", "admin", "internal"])
    def test_is_not_removed(self, api, make_user, team, leader, path, kind):
        client = api(leader if kind == "leader" else make_user(kind))
        response = client.delete(path)
        assert response.status_int == 409
        assert response.json == LAST
        assert client.get(path).json == member(team, leader, leads=True)

    def test_does_not_leave_an_empty_team(self, api, make_team, leader):
        team = make_team(leaders=[leader])
        response = api(leader).delete(f"/teams/{team.id}/members/{leader.id}")
        assert response.json == LAST

    def test_leads_other_teams_beside_it(self, api, make_team, leader, path):
        make_team("Others", leaders=[leader])
        assert api(leader).delete(path).json == LAST

    def test_others_may_leave(self, api, team, user):
        path = f"/teams/{team.id}/members/{user.id}"
        assert api(user).delete(path).status_int == 204

    def test_is_told_by_the_result_not_by_the_operations(self, api, leader, path):
        there_and_back = [replace("is_leader", False), replace("is_leader", True)]
        assert api(leader).patch(path, there_and_back).status_int == 200
        assert api(leader).patch(path, [replace("is_leader", True)]).status_int == 200

    def test_may_delete_the_team(self, api, team, leader):
        assert api(leader).delete(f"/teams/{team.id}").status_int == 204


class TestOneOfTwoLeaders:
    @pytest.fixture
    def other(self, api, leader, team, user):
        """Another leader, who was promoted."""
        path = f"/teams/{team.id}/members/{user.id}"
        assert api(leader).patch(path, [replace("is_leader", True)]).status_int == 200
        return user

    def test_leaves(self, api, leader, other, team, path):
        client = api(leader)
        assert client.delete(path).status_int == 204
        assert client.get(f"/teams/{team.id}").status_int == 403
        answer = api(other).delete(f"/teams/{team.id}/members/{other.id}")
        assert answer.json == LAST

    def test_is_demoted(self, api, leader, other, team, path):
        client = api(other)
        response = client.patch(path, [replace("is_leader", False)])
        assert response.json == member(team, leader)
        path = f"/teams/{team.id}/members/{other.id}"
        assert client.patch(path, [replace("is_leader", False)]).json == LAST

    def test_is_removed_by_the_other(self, api, leader, other, team, path):
        assert api(other).delete(path).status_int == 204
        assert api(leader).get(f"/teams/{team.id}").status_int == 403
