"""Invitations that many processes accept, revoke and resend at the same moment."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select

from apiserver.core.jobs import put, work_off
from apiserver.invitations.jobs import send_invitation
from apiserver.invitations.models import Invitation
from apiserver.teams.models import Team, TeamMember
from apiserver.users.models import User
from tests import factories
from tests.invitations.factories import make_invitation
from tests.racers import Call

SCOPES = ("invitations:read", "invitations:write", "teams:write")
ACCEPT = "/invitations/acceptance"
ROUNDS = 10


@pytest.fixture
def scene(open_session):
    """A function that makes a team with an invitation, and callers' tokens."""

    def make(callers=1):
        with open_session() as db:
            leader = factories.make_user(db)
            team = factories.make_team(db, leaders=[leader])
            row, token = make_invitation(db, team)
            users = [factories.make_user(db) for _ in range(callers)]
            signed_in = [
                factories.make_token(db, user, scopes=SCOPES)
                for user in (leader, *users)
            ]
        return team.id, row.id, {"token": token}, signed_in

    return make


@pytest.fixture
def count(open_session):
    """A function that counts the members of a team, and its invitations."""

    def count(team_id):
        with open_session() as db:
            return [
                db.scalar(select(func.count()).where(model.team_id == team_id))
                for model in (TeamMember, Invitation)
            ]

    return count


def test_one_of_forty_accepts(racers, scene, count):
    team, _, body, (_, *users) = scene(callers=40)
    answers = racers.run(*[Call(user, "POST", ACCEPT, body) for user in users])
    assert Counter(each.status for each in answers) == {200: 1, 422: 39}
    assert count(team) == [2, 0]


def test_one_of_eight_signs_up(racers, scene, count, open_session):
    team, row, body, _ = scene()
    new = {**body, "password": "an umbrella for the tortoise"}
    calls = [
        Call(
            None, "POST", "/invitations/sign-up", {**new, "username": f"ada {n} {row}"}
        )
        for n in "abcdefgh"
    ]
    answers = racers.run(*calls)
    assert Counter(each.status for each in answers) == {201: 1, 422: 7}
    assert count(team) == [2, 0]
    with open_session() as db:
        made = User.username.endswith(f" {row}")
        assert db.scalar(select(func.count(User.id)).where(made)) == 1


def test_is_accepted_or_revoked(racers, scene, count):
    for _ in range(ROUNDS):
        team, row, body, (leader, user) = scene()
        path = f"/teams/{team}/invitations/{row}"
        accepted, revoked, *_ = racers.run(
            Call(user, "POST", ACCEPT, body),
            Call(leader, "DELETE", path),
            Call(leader, "GET", path),
        )
        assert {accepted.status, revoked.status} in ({200, 404}, {422, 204})
        assert count(team) == [2 if accepted.status == 200 else 1, 0]


def test_is_accepted_before_the_team_is_deleted_or_not(racers, scene, open_session):
    for _ in range(ROUNDS):
        team, row, body, (leader, user) = scene()
        accepted, deleted, *_ = racers.run(
            Call(user, "POST", ACCEPT, body),
            Call(leader, "DELETE", f"/teams/{team}"),
            Call(leader, "POST", f"/teams/{team}/invitations/{row}/resend"),
        )
        assert accepted.status in {200, 422}
        assert deleted.status == 204
        with open_session() as db:
            assert db.get(Team, team) is None
            assert db.get(Invitation, row) is None


def test_is_accepted_while_it_is_resent(racers, scene, count):
    for number in range(ROUNDS):
        team, row, body, (leader, user) = scene()
        path = f"/teams/{team}/invitations/{row}/resend"
        accepted, *resent = racers.run(
            Call(user, "POST", ACCEPT, body),
            *[Call(leader, "POST", path, address=f"192.0.2.{number}")] * 3,
        )
        # The worker, which isn't there, would replace the link.
        assert accepted.status == 200
        assert {each.status for each in resent} <= {202, 404}
        assert count(team) == [2, 0]


def test_is_accepted_or_gets_another_link(racers, scene, count, open_session, make_app):
    """While a worker replaces the link of an invitation, somebody accepts it."""
    registry = make_app(racers.url).registry
    for _ in range(ROUNDS):
        team, row, body, (_, user) = scene()
        with open_session() as db, db.begin():
            before = db.get(Invitation, row).digest
            put(db, send_invitation, {"invitation_id": row})
        with ThreadPoolExecutor(1) as threads:
            work = threads.submit(work_off, registry)
            [accepted] = racers.run(Call(user, "POST", ACCEPT, body))
            assert {*work.result()} == {"done"}
        if accepted.status == 200:
            assert count(team) == [2, 0]
        else:
            assert accepted.status == 422
            with open_session() as db:
                assert db.get(Invitation, row).digest != before


def test_an_address_is_invited_once(racers, scene, count):
    for number in range(ROUNDS):
        team, _, _, (leader, _) = scene()
        new = {"email": f"ada{number}@example.com"}
        call = Call(leader, "POST", f"/teams/{team}/invitations/", new)
        answers = racers.run(*[call._replace(address=f"192.0.2.{number}")] * 4)
        assert Counter(each.status for each in answers) == {201: 1, 409: 3}
        assert count(team) == [1, 2]
