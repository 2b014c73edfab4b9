"""Many processes use the same proof at once: one of them signs in."""

import json
from collections import Counter
from hashlib import sha256
from secrets import token_urlsafe

import pytest
from sqlalchemy import func, select

import apiserver
from apiserver.auth.browser import csrf_token
from apiserver.auth.models import BrowserSession
from apiserver.auth.tokens import digest
from apiserver.core.db import now
from apiserver.factors.actions import CHALLENGE_LIFETIME
from apiserver.factors.models import (
    Factor,
    FactorChallenge,
    RecoveryCode,
    SignInAttempt,
)
from apiserver.factors.recovery import digest_of
from tests import factories
from tests.auth.browser import password_grant
from tests.factors.accounts import add_totp, code_of
from tests.factors.authenticator import Authenticator, encoded
from tests.racers import Call

AT_ONCE = 20
STEP = "/auth/second-factor"
COOKIE = f"__Host-{apiserver.__name__}_attempt"
CODE = "k7mw-xq2c-rr9d-3hfn"


@pytest.fixture
def user(open_session):
    with open_session() as db:
        return factories.make_user(db)


@pytest.fixture
def attempt(open_session, user):
    """A function that makes the call of a browser that has sent the password."""

    def make(**form):
        value = token_urlsafe(32)
        values = {
            "digest": digest(value),
            "user_id": user.id,
            "user_epoch": user.epoch,
            "methods": ("pwd",),
            "target": "",
            "expires": now() + CHALLENGE_LIFETIME,
        }
        with open_session() as db:
            db.add(SignInAttempt(**values))
            db.commit()
        headers = {"Cookie": f"{COOKIE}={value}"}
        form = {"csrf": csrf_token(value), **form}
        return Call(None, "POST", STEP, None, headers, form)

    return make


@pytest.fixture
def sessions(open_session, user):
    """A function that returns how many sessions the user has."""
    count = select(func.count(BrowserSession.id))

    def call():
        with open_session() as db:
            return db.scalar(count.where(BrowserSession.user_id == user.id))

    return call


@pytest.fixture
def passkey(open_session, user):
    """The user's passkey, with what the server knows of it."""
    authenticator = Authenticator()
    numbers = authenticator.attested()
    public_key = numbers[18 + len(authenticator.id) :]
    with open_session() as db:
        db.add(
            Factor(
                user_id=user.id,
                kind="passkey",
                name="Key",
                confirmed=now(),
                credential_id=authenticator.id,
                public_key=public_key,
                sign_count=0,
            )
        )
        db.commit()
    return authenticator


@pytest.fixture
def challenge(open_session):
    """A function that puts a challenge, and returns what a browser is asked."""

    def put():
        value = token_urlsafe(32).encode()
        values = {"digest": sha256(value).digest(), "purpose": "sign_in"}
        with open_session() as db:
            expires = now() + CHALLENGE_LIFETIME
            db.add(FactorChallenge(**values, expires=expires))
            db.commit()
        return {"challenge": encoded(value)}

    return put


def statuses(answers):
    return Counter(answer.status for answer in answers)


class TestProof:
    def test_by_a_code_is_used_once(
        self, racers, open_session, user, attempt, sessions
    ):
        with open_session() as db:
            _, app = add_totp(db, user)
        # So few that none is refused for their number.
        calls = [attempt(code=code_of(app)) for _ in range(10)]
        assert statuses(racers.run(*calls)) == {303: 1, 403: 9}
        assert sessions() == 1

    def test_by_a_recovery_code_is_used_once(
        self, racers, open_session, user, attempt, sessions
    ):
        code = digest_of(CODE, user_id=user.id)
        with open_session() as db:
            db.add(RecoveryCode(digest=code, user_id=user.id))
            db.commit()
        calls = [attempt(code=CODE) for _ in range(AT_ONCE)]
        assert statuses(racers.run(*calls)) == {200: 1, 403: AT_ONCE - 1}
        assert sessions() == 1

    def test_by_a_passkey_is_used_once(
        self, racers, attempt, passkey, challenge, sessions
    ):
        credential = json.dumps(passkey.get(challenge()))
        calls = [attempt(credential=credential) for _ in range(AT_ONCE)]
        assert statuses(racers.run(*calls)) == {303: 1, 403: AT_ONCE - 1}
        assert sessions() == 1

    def test_by_one_count_of_a_passkey_is_used_once(
        self, racers, attempt, passkey, challenge, sessions
    ):
        """Copies of an authenticator sign each another challenge."""
        calls = []
        for _ in range(AT_ONCE):
            passkey.count = 6
            credential = json.dumps(passkey.get(challenge()))
            calls.append(attempt(credential=credential))
        assert statuses(racers.run(*calls)) == {303: 1, 403: AT_ONCE - 1}
        assert sessions() == 1


class TestGuesses:
    def test_are_counted_each(self, racers, open_session, user, attempt, sessions):
        with open_session() as db:
            _, app = add_totp(db, user)
        calls = [attempt(code=code_of(app, 9)) for _ in range(AT_ONCE)]
        assert statuses(racers.run(*calls)) == {403: 10, 429: AT_ONCE - 10}


class TestConfirmation:
    def test_by_many_makes_one_set_of_codes(self, racers, open_session, user):
        with open_session() as db:
            new, app = add_totp(db, user, confirmed=False)
            token = factories.make_token(db, user, scopes=["factors:write"])
        path = f"/users/me/factors/{new.id}/confirmation"
        calls = [Call(token, "POST", path, {"code": code_of(app)})] * 8
        assert statuses(racers.run(*calls)) == {200: 1, 409: 7}
        with open_session() as db:
            own = select(RecoveryCode).where(RecoveryCode.user_id == user.id)
            assert len(db.scalars(own).all()) == 10

    def test_ends_sign_ins_under_way(self, racers, open_session, user, sessions):
        """No session for a password alone outlives the first factor."""
        with open_session() as db:
            new, app = add_totp(db, user, confirmed=False)
            token = factories.make_token(db, user, scopes=["factors:write"])
            client = factories.make_client(
                db, first_party=True, default_scopes=["users:read"]
            )
        path = f"/users/me/factors/{new.id}/confirmation"
        form = password_grant(user.username, client)
        sign_in = Call(None, "POST", "/auth/oauth2/token", None, None, form)
        confirm = Call(token, "POST", path, {"code": code_of(app)})
        answers = racers.run(*[sign_in] * 4, confirm, *[sign_in] * 4)
        tokens = [a.json["access_token"] for a in answers if "access_token" in a.json]
        late = racers.run(*[Call(each, "GET", "/users/me") for each in tokens])
        assert {answer.status for answer in late} <= {401}
