"""Invitations that many processes accept, revoke and resend at the same moment."""

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
from tests.racers import Call, statuses

SCOPES = ("invitations:read", "invitations:write", "teams:write")
ROUNDS = range(10)


@pytest.fixture
def scene(open_session):
    """A function that makes a team with an invitation, and callers' tokens.

    It returns the ids of both, the body that uses the link, and the tokens: the
    leader's first.
    """

    def make(callers=1):
        with open_session() as db:
            leader = factories.make_user(db)
            team = factories.make_team(db, leaders=[leader])
            row, token = make_invitation(db, team)
            users = [leader, *(factories.make_user(db) for _ in range(callers))]
            tokens = [factories.make_token(db, user, scopes=SCOPES) for user in users]
        return team.id, row.id, {"token": token}, tokens

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


@pytest.fixture
def digest_of(open_session):
    """A function that returns what is stored of an invitation's link; or None."""

    def read(row):
        with open_session() as db:
            return db.scalar(select(Invitation.digest).where(Invitation.id == row))

    return read


def accept(caller, body):
    return Call(caller, "POST", "/invitations/acceptance", body)


def resend(caller, team, row, number):
    """Return the call that resends an invitation, from an address of its own."""
    path = f"/teams/{team}/invitations/{row}/resend"
    return Call(caller, "POST", path, address=f"192.0.2.{number}")


def test_one_of_forty_accepts(racers, scene, count):
    team, _, body, (_, *users) = scene(callers=40)
    answers = racers.run(*(accept(user, body) for user in users))
    assert statuses(answers) == {200: 1, 422: 39}
    assert count(team) == [2, 0]


def test_one_of_eight_signs_up(racers, scene, count, open_session):
    team, row, body, _ = scene()
    new = {**body, "password": "an umbrella for the tortoise"}
    names = [{"username": f"ada {letter} {row}"} for letter in "abcdefgh"]
    path = "/invitations/sign-up"
    answers = racers.run(*(Call(None, "POST", path, {**new, **n}) for n in names))
    assert statuses(answers) == {201: 1, 422: 7}
    assert count(team) == [2, 0]
    with open_session() as db:
        made = User.username.endswith(f" {row}")
        assert db.scalar(select(func.count(User.id)).where(made)) == 1


def test_is_accepted_or_revoked(racers, scene, count):
    for _ in ROUNDS:
        team, row, body, (leader, user) = scene()
        path = f"/teams/{team}/invitations/{row}"
        revoke, see = (Call(leader, method, path) for method in ("DELETE", "GET"))
        accepted, revoked, _ = racers.run(accept(user, body), revoke, see)
        assert {accepted.status, revoked.status} in ({200, 404}, {422, 204})
        assert count(team) == [2 if accepted.status == 200 else 1, 0]


def test_is_accepted_before_the_team_is_deleted_or_not(
    racers, scene, open_session, digest_of
):
    for number in ROUNDS:
        team, row, body, (leader, user) = scene()
        accepted, deleted, _ = racers.run(
            accept(user, body),
            Call(leader, "DELETE", f"/teams/{team}"),
            resend(leader, team, row, number),
        )
        assert accepted.status in {200, 422}
        assert deleted.status == 204
        with open_session() as db:
            assert db.get(Team, team) is None
        assert digest_of(row) is None


def test_is_accepted_while_it_is_resent(racers, scene, count):
    for number in ROUNDS:
        team, row, body, (leader, user) = scene()
        again = [resend(leader, team, row, number)] * 3
        accepted, *resent = racers.run(accept(user, body), *again)
        # The worker, which isn't there, would replace the link.
        assert accepted.status == 200
        assert set(statuses(resent)) <= {202, 404}
        assert count(team) == [2, 0]


def test_is_accepted_or_gets_another_link(
    racers, scene, count, open_session, make_app, digest_of
):
    """While a worker replaces the link of an invitation, somebody accepts it."""
    registry = make_app(racers.url).registry
    for _ in ROUNDS:
        team, row, body, (_, user) = scene()
        before = digest_of(row)
        with open_session() as db, db.begin():
            put(db, send_invitation, {"invitation_id": row})
        with ThreadPoolExecutor(1) as threads:
            work = threads.submit(work_off, registry)
            [accepted] = racers.run(accept(user, body))
            assert {*work.result()} == {"done"}
        if accepted.status == 200:
            assert count(team) == [2, 0]
        else:
            assert accepted.status == 422
            assert digest_of(row) not in {None, before}


def test_an_address_is_invited_once(racers, scene, count):
    for number in ROUNDS:
        team, _, _, (leader, _) = scene()
        new = {"email": f"ada{number}@example.com"}
        invite = Call(leader, "POST", f"/teams/{team}/invitations/", new)
        answers = racers.run(*[invite._replace(address=f"192.0.2.{number}")] * 4)
        assert statuses(answers) == {201: 1, 409: 3}
        assert count(team) == [1, 2]
