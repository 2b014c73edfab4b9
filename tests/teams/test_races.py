"""Teams that many processes change at the same moment."""

import pytest
from sqlalchemy import delete, func, select

from apiserver.teams.models import Team, TeamMember
from apiserver.users.models import User, can_act
from tests import factories
from tests.patches import replace
from tests.racers import Call, statuses
from tests.teams.test_members import ALREADY
from tests.users.accounts import change_call

SCOPES = ("teams:read", "teams:write")
DEMOTE = [replace("is_leader", False)]
PROMOTE = [replace("is_leader", True)]
ANY_VERSION = {"If-Match": "*"}
DEACTIVATE = replace("is_active", False)
READ_ONLY = replace("is_regular_user", False)
ROUNDS = range(20)


def sign_in(db, user, *scopes):
    return factories.make_token(db, user, scopes=(*SCOPES, *scopes))


@pytest.fixture
def make_user(open_session):
    """A function that makes an account, and a token of it."""

    def make(kind="regular", *scopes):
        with open_session() as db:
            user = factories.make_user(db, kind)
            return user, sign_in(db, user, *scopes)

    return make


@pytest.fixture
def make_team(open_session):
    """A function that makes a team of two leaders, and tokens of them."""

    def make():
        with open_session() as db:
            leaders = [factories.make_user(db) for _ in range(2)]
            team = factories.make_team(db, leaders=leaders)
            return f"/teams/{team.id}", team, leaders, [sign_in(db, u) for u in leaders]

    return make


@pytest.fixture
def count(open_session):
    """A function that counts the memberships for which something holds."""

    def count(*conditions):
        with open_session() as db:
            return db.scalar(select(func.count(TeamMember.user_id)).where(*conditions))

    return count


class TestLastLeader:
    @pytest.mark.parametrize("headers", [None, ANY_VERSION], ids=["", "If-Match"])
    def test_stays(self, racers, make_team, count, headers):
        for _ in ROUNDS:
            path, team, leaders, (one, two) = make_team()
            first, second = (f"{path}/members/{leader.id}" for leader in leaders)
            answers = racers.run(
                Call(one, "DELETE", first, None, headers),
                Call(two, "DELETE", second, None, headers),
                Call(one, "PATCH", first, DEMOTE, headers),
                Call(two, "PATCH", first, DEMOTE, headers),
            )
            found = set(statuses(answers))
            assert found <= {200, 204, 403, 404, 409}, answers
            assert found & {200, 204}
            assert count(TeamMember.team_id == team.id, TeamMember.is_leader) == 1


class TestLastLeaderWhoCanAct:
    """Rights are taken from one leader while another leaves, or is made one."""

    @pytest.fixture
    def admins(self, make_user):
        """Tokens of two administrators."""
        return [make_user("admin", "users:write")[1] for _ in range(2)]

    @pytest.fixture
    def leaderless(self, open_session):
        """A function that counts the teams without a leader who can act."""
        with open_session() as db:
            db.execute(delete(Team))
            db.commit()
        acting = (
            select(TeamMember.user_id)
            .join(User, User.id == TeamMember.user_id)
            .where(TeamMember.team_id == Team.id, TeamMember.is_leader, can_act(User))
        )
        without = ~acting.correlate(Team).exists()

        def count():
            with open_session() as db:
                return db.scalar(select(func.count(Team.id)).where(without))

        return count

    def test_stays_when_one_leaves_and_one_is_deactivated(
        self, racers, make_team, admins, leaderless
    ):
        for number in ROUNDS:
            path, _, (first, second), (one, _) = make_team()
            take = (DEACTIVATE, READ_ONLY)[number % 2]
            leave = f"{path}/members/{first.id}"
            answers = racers.run(
                change_call(admins[0], second, take),
                Call(one, *((("DELETE", leave), ("PATCH", leave, DEMOTE))[number % 2])),
                *[Call(one, "GET", path)] * 2,
            )
            assert sorted(a.status for a in answers[:2])[1] == 409, answers
            assert leaderless() == 0

    def test_stays_when_both_are_deactivated(
        self, racers, make_team, admins, leaderless
    ):
        for _ in ROUNDS:
            _, _, (first, second), _ = make_team()
            answers = racers.run(
                change_call(admins[0], first, DEACTIVATE),
                change_call(admins[1], second, DEACTIVATE),
                change_call(admins[0], second, READ_ONLY),
                change_call(admins[1], first, READ_ONLY),
            )
            assert set(statuses(answers)) == {200, 409}, answers
            assert leaderless() == 0

    def test_stays_when_a_new_one_is_deactivated(
        self, racers, open_session, make_user, make_team, admins, leaderless
    ):
        for number in ROUNDS:
            path, team, (first, second), (one, two) = make_team()
            new, _ = make_user()
            member = {"user_id": new.id, "is_leader": True}
            make = Call(one, "POST", f"{path}/members/", member)
            if number % 2:
                with open_session() as db:
                    db.add(TeamMember(team_id=team.id, user_id=new.id))
                    db.commit()
                make = Call(one, "PATCH", f"{path}/members/{new.id}", PROMOTE)
            answers = racers.run(
                change_call(admins[0], new, DEACTIVATE),
                make,
                Call(two, "DELETE", f"{path}/members/{first.id}"),
                change_call(admins[1], second, READ_ONLY),
            )
            expected = {200, 201, 204, 401, 403, 409}
            assert set(statuses(answers)) <= expected, answers
            assert leaderless() == 0

    def test_stays_when_the_creator_is_deactivated(
        self, racers, make_user, admins, leaderless
    ):
        for _ in ROUNDS:
            user, token = make_user()
            ended, *made = racers.run(
                change_call(admins[0], user, DEACTIVATE),
                *[Call(token, "POST", "/teams/", {"title": "Designers"})] * 3,
            )
            assert ended.status in {200, 409}
            assert set(statuses(made)) <= {201, 401, 403}, made
            assert leaderless() == 0


class TestMembers:
    def test_user_is_added_once(self, racers, make_user, make_team, count):
        for _ in ROUNDS:
            path, _, _, tokens = make_team()
            user, _ = make_user()
            member = {"user_id": user.id}
            add = [Call(t, "POST", f"{path}/members/", member) for t in tokens * 2]
            answers = racers.run(*add)
            refused = [answer.json for answer in answers if answer.status != 201]
            assert refused == [ALREADY] * 3
            assert count(TeamMember.user_id == user.id) == 1

    def test_member_is_removed_once(self, racers, make_team, count):
        for _ in ROUNDS:
            path, team, leaders, (one, _) = make_team()
            second = f"{path}/members/{leaders[1].id}"
            answers = racers.run(*[Call(one, "DELETE", second)] * 4)
            assert statuses(answers) == {204: 1, 404: 3}
            assert count(TeamMember.team_id == team.id) == 1


class TestDeletedTeam:
    def test_keeps_no_members(self, racers, make_user, make_team, open_session, count):
        for _ in ROUNDS:
            path, team, leaders, (one, two) = make_team()
            user, _ = make_user()
            deleted, *others = racers.run(
                Call(one, "DELETE", path),
                Call(two, "POST", f"{path}/members/", {"user_id": user.id}),
                Call(two, "PATCH", path, [replace("title", "Designers")]),
                Call(two, "DELETE", f"{path}/members/{leaders[0].id}"),
            )
            assert set(statuses(others)) <= {200, 201, 204, 403, 404, 409}
            with open_session() as db:
                gone = db.get(Team, team.id) is None
            assert gone == (deleted.status == 204)
            assert not gone or count(TeamMember.team_id == team.id) == 0
