"""Teams that many processes change at the same moment."""

from collections import Counter

import pytest
from sqlalchemy import func, select

from apiserver.teams.models import Team, TeamMember
from tests import factories
from tests.patches import replace
from tests.problems import conflict
from tests.racers import Call

SCOPES = ("teams:read", "teams:write")
ALREADY = conflict("The user is a member of the team already.", "user_id")
DEMOTE = [replace("is_leader", False)]
ANY_VERSION = {"If-Match": "*"}
ROUNDS = 20


def sign_in(db, user):
    return factories.make_token(db, user, scopes=SCOPES)


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
        for _ in range(ROUNDS):
            path, team, leaders, (one, two) = make_team()
            first, second = (f"{path}/members/{leader.id}" for leader in leaders)
            answers = racers.run(
                Call(one, "DELETE", first, None, headers),
                Call(two, "DELETE", second, None, headers),
                Call(one, "PATCH", first, DEMOTE, headers),
                Call(two, "PATCH", first, DEMOTE, headers),
            )
            statuses = {answer.status for answer in answers}
            assert statuses <= {200, 204, 403, 404, 409}, answers
            assert statuses & {200, 204}
            assert count(TeamMember.team_id == team.id, TeamMember.is_leader) == 1


class TestMembers:
    def test_user_is_added_once(self, racers, make_team, open_session, count):
        for _ in range(ROUNDS):
            path, _, _, (one, two) = make_team()
            with open_session() as db:
                user = factories.make_user(db)
            member = {"user_id": user.id}
            answers = racers.run(
                *(Call(t, "POST", f"{path}/members/", member) for t in (one, two) * 2)
            )
            assert Counter(answer.status for answer in answers) == {201: 1, 409: 3}
            refused = [answer.json for answer in answers if answer.status == 409]
            assert refused == [ALREADY] * 3
            assert count(TeamMember.user_id == user.id) == 1

    def test_member_is_removed_once(self, racers, make_team, count):
        for _ in range(ROUNDS):
            path, team, leaders, (one, _) = make_team()
            second = f"{path}/members/{leaders[1].id}"
            answers = racers.run(*[Call(one, "DELETE", second)] * 4)
            assert Counter(a.status for a in answers) == {204: 1, 404: 3}
            assert count(TeamMember.team_id == team.id) == 1


class TestDeletedTeam:
    def test_keeps_no_members(self, racers, make_team, open_session, count):
        for _ in range(ROUNDS):
            path, team, leaders, (one, two) = make_team()
            with open_session() as db:
                user = factories.make_user(db)
            rename = [replace("title", "Designers")]
            answers = racers.run(
                Call(one, "DELETE", path),
                Call(two, "POST", f"{path}/members/", {"user_id": user.id}),
                Call(two, "PATCH", path, rename),
                Call(two, "DELETE", f"{path}/members/{leaders[0].id}"),
            )
            assert {a.status for a in answers} <= {200, 201, 204, 403, 404, 409}
            with open_session() as db:
                gone = db.get(Team, team.id) is None
            assert gone == (answers[0].status == 204)
            assert not gone or count(TeamMember.team_id == team.id) == 0
