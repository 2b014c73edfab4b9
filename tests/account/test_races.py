"""Accounts are deleted while processes use them: what was answered holds."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import delete, func, select

from apiserver.account.models import AccountDeletion
from apiserver.auth.models import BrowserSession, OAuth2Grant
from apiserver.core.db import now
from apiserver.core.jobs import QueuedJob, put, work_off
from apiserver.users.models import User
from tests import factories
from tests.auth.browser import password_grant
from tests.patches import replace
from tests.racers import Call, statuses

pytestmark = pytest.mark.slow

ROUNDS = range(5)


@pytest.fixture
def race(racers, make_app, open_session):
    """A function that lets accounts be deleted while calls are made."""
    worker = make_app(racers.url).registry

    def run(users, *calls):
        with open_session() as db:
            db.execute(delete(QueuedJob))
            for user in users:
                db.add(AccountDeletion(user_id=user.id, due=now()))
            db.flush()
            for user in users:
                put(db, worker.jobs["delete_account"], {"user_id": user.id})
            db.commit()
        with ThreadPoolExecutor(2) as threads:
            done = [threads.submit(work_off, worker) for _ in users[:2]]
            answers = racers.run(*calls)
        # One that has met a deadlock would be tried again later.
        assert {end for each in done for end in each.result()} <= {"done"}
        return answers

    return run


@pytest.fixture
def exists(open_session):
    def call(user):
        with open_session() as db:
            return db.get(User, user.id) is not None

    return call


def test_signing_in(race, open_session, exists):
    """Nobody is signed in to an account that is gone."""
    for _ in ROUNDS:
        with open_session() as db:
            user = factories.make_user(db)
            client = factories.make_client(db, first_party=True)
        form = password_grant(user.username, client)
        sign_in = Call(None, "POST", "/auth/oauth2/token", form=form)
        answers = race([user], *[sign_in] * 8)
        assert set(statuses(answers)) <= {200, 400}
        assert not exists(user)
        with open_session() as db:
            for model in (OAuth2Grant, BrowserSession):
                mine = select(func.count()).where(model.user_id == user.id)
                assert db.scalar(mine) == 0
        tokens = [a.json["access_token"] for a in answers if a.status == 200]
        again = race([], *(Call(token, "GET", "/users/me") for token in tokens))
        assert set(statuses(again)) <= {401}


def test_becoming_the_last_leader(race, open_session, exists):
    """A team keeps a leader, whoever goes first."""
    for _ in ROUNDS:
        with open_session() as db:
            one, two = (factories.make_user(db) for _ in "ab")
            team = factories.make_team(db, leaders=[one, two])
            token = factories.make_token(db, two, scopes=("teams:read", "teams:write"))
        path, demote = f"/teams/{team.id}/members/{two.id}", replace("is_leader", False)
        [answer] = race([one], Call(token, "PATCH", path, [demote], {"If-Match": "*"}))
        assert (answer.status == 200) is exists(one), answer
        assert answer.status in {200, 409}


def test_two_leaders_go(race, open_session, exists):
    """One of them stays."""
    for _ in ROUNDS:
        with open_session() as db:
            both = [factories.make_user(db) for _ in "ab"]
            factories.make_team(db, leaders=both)
        race(both)
        assert sorted(map(exists, both)) == [False, True]


def test_cancelling(race, open_session, exists):
    """It is cancelled, or the account is gone."""
    for _ in ROUNDS:
        with open_session() as db:
            user, scopes = factories.make_user(db), ("account:write",)
            client = factories.make_client(db, default_scopes=scopes)
            token = factories.make_token(db, user, client=client, scopes=scopes)
        [answer] = race([user], Call(token, "DELETE", "/users/me/deletion"))
        assert answer.status in {204, 401, 404}
        assert (answer.status == 204) is exists(user)
