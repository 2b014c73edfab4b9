"""A team keeps at least one leader who can act."""

import pytest
from sqlalchemy.orm import Session

from apiserver.users.actions import StillNeeded
from apiserver.users.models import User
from tests.patches import replace
from tests.problems import problem
from tests.teams.documents import member
from tests.users.accounts import change, columns, detail

LAST = problem(409, "The team would be left without a leader who can act.")

DEMOTE = [replace("is_leader", False)]
PROMOTE = [replace("is_leader", True)]
DEACTIVATE = replace("is_active", False)


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
def path(members, leader):
    """The path of the leader's membership."""
    return f"{members}{leader.id}"


@pytest.fixture
def admin(api, make_user):
    """The client of an administrator."""
    return api(make_user("admin"))


def assert_stays(client, path):
    """See the leader neither demoted nor removed."""
    before = client.get(path).json
    for response in (client.patch(path, DEMOTE), client.delete(path)):
        assert response.json == LAST
    assert client.get(path).json == before
    assert before["is_leader"] is True


class TestLastLeader:
    def test_is_neither_demoted_nor_removed(
        self, client, admin, make_team, leader, path
    ):
        """Nor by leading other teams beside it, nor where that leaves nobody."""
        empty = make_team("Others", leaders=[leader])
        assert_stays(client, path)
        assert_stays(admin, path)
        assert_stays(client, f"/teams/{empty.id}/members/{leader.id}")

    def test_is_told_by_the_result_not_by_the_operations(self, client, path):
        for operations in (DEMOTE + PROMOTE, PROMOTE):
            assert client.patch(path, operations).status_int == 200

    def test_lets_others_leave(self, api, members, user):
        assert api(user).delete(f"{members}{user.id}").status_int == 204


class TestOneOfTwoLeaders:
    @pytest.fixture
    def other(self, client, members, user):
        """Another leader, who was promoted."""
        assert client.patch(f"{members}{user.id}", PROMOTE).status_int == 200
        return user

    @pytest.mark.parametrize("by", ["leader", "other"])
    def test_leaves_or_is_removed(self, api, client, other, team, members, path, by):
        caller = client if by == "leader" else api(other)
        assert caller.delete(path).status_int == 204
        assert client.get(f"/teams/{team.id}").status_int == 403
        assert api(other).delete(f"{members}{other.id}").json == LAST

    def test_is_demoted(self, api, leader, other, team, members, path):
        client = api(other)
        assert client.patch(path, DEMOTE).json == member(team, leader)
        assert client.patch(f"{members}{other.id}", DEMOTE).json == LAST


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
    def led(self, make_team, user, other):
        """The members of a team that nobody leads who can act."""
        team = make_team(leaders=[other], members=[user])
        return f"/teams/{team.id}/members/"

    def test_keeps_nobody_from_staying(self, client, admin, leader, team, path):
        assert_stays(client, path)
        assert change(admin, leader, DEACTIVATE).json == alone(team.id)

    def test_is_removed_or_demoted(self, client, members, other):
        path = f"{members}{other.id}"
        assert client.patch(path, DEMOTE).status_int == 200
        assert client.delete(path).status_int == 204

    def test_lets_members_leave_where_nobody_leads(self, api, led, user):
        assert api(user).delete(f"{led}{user.id}").status_int == 204

    def test_is_the_last_one_until_another_is_promoted(self, admin, led, user, other):
        assert admin.delete(f"{led}{other.id}").json == LAST
        assert admin.patch(f"{led}{user.id}", PROMOTE).json["is_leader"] is True
        assert admin.delete(f"{led}{other.id}").status_int == 204


class TestOtherLeaderWhoActs:
    @pytest.mark.parametrize("kind", ["admin", "internal"])
    def test_may_be_an_account_with_more_rights(
        self, client, make_user, make_team, leader, kind
    ):
        other = make_user(kind, is_regular_user=False)
        team = make_team(leaders=[leader, other])
        path = f"/teams/{team.id}/members/{leader.id}"
        assert client.delete(path).status_int == 204


class TestOnlyLeader:
    @pytest.mark.parametrize("role", ["is_active", "is_regular_user"])
    def test_keeps_the_rights(self, admin, db, leader, team, role):
        before = columns(db, leader)
        operations = replace("first_name", "Ada"), replace(role, False)
        assert change(admin, leader, *operations).json == alone(team.id)
        assert columns(db, leader) == before

    def test_keeps_those_of_an_administrator_if_there_are_no_others(
        self, admin, make_user, make_team
    ):
        leader = make_user("admin", is_regular_user=False)
        team = make_team(leaders=[leader])
        demoted = replace("is_admin", False)
        assert change(admin, leader, demoted).json == alone(team.id)
        both = change(admin, leader, replace("is_regular_user", True), demoted)
        assert both.status_int == 200

    def test_is_told_the_teams_ten_at_most(self, admin, make_team, leader):
        ids = [make_team(leaders=[leader]).id for _ in range(12)]
        answer = change(admin, leader, DEACTIVATE)
        assert answer.json == alone(*ids[:10], more=" and 2 more")

    def test_is_deactivated_once_another_leads(self, admin, make_user, leader, members):
        successor = {"user_id": make_user().id, "is_leader": True}
        assert admin.post(members, successor).status_int == 201
        assert change(admin, leader, DEACTIVATE).json == detail(leader, is_active=False)

    def test_is_not_deleted_either(self, connection, leader, team):
        with Session(connection, join_transaction_mode="create_savepoint") as session:
            session.delete(session.get(User, leader.id))
            with pytest.raises(StillNeeded, match=f": {team.id}. First"):
                session.flush()

    def test_changes_whatever_takes_no_rights(self, admin, leader, user, team):
        there_and_back = [replace("is_active", False), replace("is_active", True)]
        answer = change(admin, leader, replace("first_name", "Eve"), *there_and_back)
        assert answer.json == detail(leader, first_name="Eve")
        # Whoever leads nothing loses them.
        assert change(admin, user, DEACTIVATE).json == detail(user, is_active=False)
