"""Teams that many processes change at the same moment."""

from collections import Counter
from itertools import cycle

import pytest
from sqlalchemy import delete, func, select

from apiserver.teams.models import Team, TeamMember
from apiserver.users.models import User, can_act
from tests import factories
from tests.patches import replace
from tests.problems import conflict
from tests.racers import Call
from tests.users.accounts import patch

SCOPES = ("teams:read", "teams:write")
ALREADY = conflict("The user is already a member of the team.", "user_id")
DEMOTE = [replace("is_leader", False)]
ANY_VERSION = {"If-Match": "*"}
PROMOTE = [replace("is_leader", True)]
DEACTIVATE = patch(replace("is_active", False))
READ_ONLY = patch(replace("is_regular_user", False))
ROUNDS = 20
ADDRESSES = cycle(f"192.0.2.{number}" for number in range(1, 255))


def take_rights(token, user, change):
    """Return the call, from an address of its own, on which nobody waits."""
    return Call(token, "PATCH", f"/users/{user.id}", change, address=next(ADDRESSES))


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


class TestLastLeaderWhoCanAct:
    """Rights are taken from one leader while another leaves, or is made one."""

    @pytest.fixture
    def admins(self, open_session):
        """Tokens of two administrators."""
        with open_session() as db:
            users = [factories.make_user(db, "admin") for _ in range(2)]
            scopes = (*SCOPES, "users:write")
            return [factories.make_token(db, u, scopes=scopes) for u in users]

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

        def count():
            with open_session() as db:
                without = ~acting.correlate(Team).exists()
                return db.scalar(select(func.count(Team.id)).where(without))

        return count

    def test_stays_when_one_leaves_and_one_is_deactivated(
        self, racers, make_team, admins, leaderless
    ):
        for number in range(ROUNDS):
            path, _, (first, second), (one, _) = make_team()
            take = (DEACTIVATE, READ_ONLY)[number % 2]
            leave = f"{path}/members/{first.id}"
            answers = racers.run(
                take_rights(admins[0], second, take),
                Call(one, *((("DELETE", leave), ("PATCH", leave, DEMOTE))[number % 2])),
                *[Call(one, "GET", path)] * 2,
            )
            assert sorted(a.status for a in answers[:2])[1] == 409, answers
            assert leaderless() == 0

    def test_stays_when_both_are_deactivated(
        self, racers, make_team, admins, leaderless
    ):
        for _ in range(ROUNDS):
            _, _, (first, second), _ = make_team()
            answers = racers.run(
                take_rights(admins[0], first, DEACTIVATE),
                take_rights(admins[1], second, DEACTIVATE),
                take_rights(admins[0], second, READ_ONLY),
                take_rights(admins[1], first, READ_ONLY),
            )
            assert {a.status for a in answers} == {200, 409}, answers
            assert leaderless() == 0

    def test_stays_when_a_new_one_is_deactivated(
        self, racers, open_session, make_team, admins, leaderless
    ):
        for number in range(ROUNDS):
            path, team, (first, second), (one, two) = make_team()
            with open_session() as db:
                new = factories.make_user(db)
                if number % 2:
                    db.add(TeamMember(team_id=team.id, user_id=new.id))
                db.commit()
            member = {"user_id": new.id, "is_leader": True}
            make = Call(one, "POST", f"{path}/members/", member)
            if number % 2:
                make = Call(one, "PATCH", f"{path}/members/{new.id}", PROMOTE)
            answers = racers.run(
                take_rights(admins[0], new, DEACTIVATE),
                make,
                Call(two, "DELETE", f"{path}/members/{first.id}"),
                take_rights(admins[1], second, READ_ONLY),
            )
            expected = {200, 201, 204, 401, 403, 409}
            assert {a.status for a in answers} <= expected, answers
            assert leaderless() == 0

    def test_stays_when_the_creator_is_deactivated(
        self, racers, open_session, admins, leaderless
    ):
        for _ in range(ROUNDS):
            with open_session() as db:
                user = factories.make_user(db)
                token = sign_in(db, user)
            answers = racers.run(
                take_rights(admins[0], user, DEACTIVATE),
                *[Call(token, "POST", "/teams/", {"title": "Designers"})] * 3,
            )
            assert answers[0].status in {200, 409}
            assert {a.status for a in answers[1:]} <= {201, 401, 403}, answers
            assert leaderless() == 0


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
