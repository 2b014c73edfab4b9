"""A team keeps at least one leader who can act."""

import pytest
from sqlalchemy.orm import Session

from apiserver.users.actions import StillNeeded
from apiserver.users.models import User
from tests.patches import replace
from tests.problems import problem
from tests.teams.documents import member
from tests.users.accounts import columns, detail, patch

LAST = problem(409, "The team would be left without a leader who can act.")

DEMOTE = [replace("is_leader", False)]
DEACTIVATE = patch(replace("is_active", False))


def alone(*ids, more=""):
    """Return the answer that names the teams which nobody else leads."""
    return problem(
        409,
        f"These teams would be left without a leader who can act: "
        f"{', '.join(map(str, ids))}{more}. "
        "First appoint other leaders, or delete the teams.",
    )


@pytest.fixture
def team(make_team, leader, user):
    """A team of one leader and one who is none."""
    return make_team(leaders=[leader], members=[user])


@pytest.fixture
def path(team, leader):
    """The path of the leader's membership."""
    return f"/teams/{team.id}/members/{leader.id}"


class TestLastLeader:
    @pytest.mark.parametrize("kind", ["leader", "admin"])
    def test_is_neither_demoted_nor_removed(
        self, api, make_user, team, leader, path, kind
    ):
        client = api(leader if kind == "leader" else make_user(kind))
        for response in (client.patch(path, DEMOTE), client.delete(path)):
            assert (response.status_int, response.json) == (409, LAST)
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


@pytest.mark.parametrize("kind", ["inactive", "read_only"])
class TestOtherLeaderWhoCantAct:
    """Counts for nothing: whoever can act stays."""

    @pytest.fixture
    def other(self, make_user, kind):
        return make_user(kind)

    @pytest.fixture
    def team(self, make_team, leader, user, other):
        return make_team(leaders=[leader, other], members=[user])

    @pytest.fixture
    def others_path(self, team, other):
        return f"/teams/{team.id}/members/{other.id}"

    def test_keeps_nobody_from_staying(self, api, team, leader, path):
        client = api(leader)
        for answer in (client.delete(path), client.patch(path, DEMOTE)):
            assert answer.status_int == 409
            assert answer.json == LAST
        assert client.get(path).json == member(team, leader, leads=True)

    def test_is_removed_or_demoted(self, api, leader, others_path):
        assert api(leader).patch(others_path, DEMOTE).status_int == 200
        assert api(leader).delete(others_path).status_int == 204

    def test_leaves_the_rights_to_the_leader(self, api, make_user, leader, team):
        answer = api(make_user("admin")).patch(f"/users/{leader.id}", DEACTIVATE)
        assert answer.status_int == 409
        assert answer.json == alone(team.id)

    def test_lets_members_leave_where_nobody_leads(self, api, make_team, user, other):
        team = make_team(leaders=[other], members=[user])
        path = f"/teams/{team.id}/members/{user.id}"
        assert api(user).delete(path).status_int == 204

    def test_is_the_last_one_all_the_same(self, api, make_user, make_team, other):
        team = make_team(leaders=[other])
        path = f"/teams/{team.id}/members/{other.id}"
        assert api(make_user("admin")).delete(path).json == LAST

    def test_is_followed_by_whoever_an_administrator_promotes(
        self, api, make_user, make_team, user, other
    ):
        team = make_team(leaders=[other], members=[user])
        client, path = api(make_user("admin")), f"/teams/{team.id}/members"
        promoted = client.patch(f"{path}/{user.id}", [replace("is_leader", True)])
        assert promoted.json == member(team, user, leads=True)
        assert client.delete(f"{path}/{other.id}").status_int == 204


class TestOtherLeaderWhoActs:
    @pytest.mark.parametrize("kind", ["admin", "internal"])
    def test_may_be_an_account_with_more_rights(self, api, make_user, make_team, kind):
        leader, other = make_user(), make_user(kind, is_regular_user=False)
        team = make_team(leaders=[leader, other])
        path = f"/teams/{team.id}/members/{leader.id}"
        assert api(leader).delete(path).status_int == 204


class TestOnlyLeader:
    @pytest.mark.parametrize("role", ["is_active", "is_regular_user"])
    def test_keeps_the_rights(self, api, db, make_user, leader, team, role):
        before = columns(db, leader)
        client = api(make_user("admin"))
        change = patch(replace("first_name", "Ada"), replace(role, False))
        answer = client.patch(f"/users/{leader.id}", change)
        assert answer.status_int == 409
        assert answer.json == alone(team.id)
        assert columns(db, leader) == before

    def test_keeps_those_of_an_administrator_if_there_are_no_others(
        self, api, make_user, make_team
    ):
        leader = make_user("admin", is_regular_user=False)
        team = make_team(leaders=[leader])
        change = patch(replace("is_admin", False))
        client, path = api(make_user("admin")), f"/users/{leader.id}"
        assert client.patch(path, change).json == alone(team.id)
        both = patch(replace("is_regular_user", True), replace("is_admin", False))
        assert client.patch(path, both).status_int == 200

    def test_is_told_the_teams_ten_at_most(self, api, make_user, make_team, leader):
        ids = [make_team(leaders=[leader]).id for _ in range(12)]
        answer = api(make_user("admin")).patch(f"/users/{leader.id}", DEACTIVATE)
        assert answer.json == alone(*ids[:10], more=" and 2 more")

    def test_is_deactivated_once_another_leads(self, api, make_user, leader, team):
        admin = make_user("admin")
        client = api(admin)
        successor = {"user_id": admin.id, "is_leader": True}
        client.post(f"/teams/{team.id}/members/", successor)
        answer = client.patch(f"/users/{leader.id}", DEACTIVATE)
        assert answer.json == detail(leader, is_active=False)

    def test_is_not_deleted_either(self, connection, leader, team):
        with Session(connection, join_transaction_mode="create_savepoint") as session:
            session.delete(session.get(User, leader.id))
            with pytest.raises(StillNeeded, match=f": {team.id}. First"):
                session.flush()

    def test_changes_whatever_takes_no_rights(self, api, make_user, leader, team):
        there_and_back = [replace("is_active", False), replace("is_active", True)]
        answer = api(make_user("admin")).patch(
            f"/users/{leader.id}", patch(replace("first_name", "Ada"), *there_and_back)
        )
        assert answer.json == detail(leader, first_name="Ada")

    def test_member_who_leads_nothing_is_deactivated(self, api, make_user, user, team):
        answer = api(make_user("admin")).patch(f"/users/{user.id}", DEACTIVATE)
        assert answer.json == detail(user, is_active=False)
