"""Many processes use the same proof at once: one of them signs in."""

import json
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
from tests.factors.accounts import CODE, add_totp, code_of
from tests.factors.authenticator import Authenticator, encoded
from tests.factors.conftest import STEP
from tests.racers import Call, statuses

AT_ONCE = 20
COOKIE = f"__Host-{apiserver.__name__}_attempt"


@pytest.fixture
def put(open_session):
    """A function that stores a row."""

    def call(row):
        with open_session() as db:
            db.add(row)
            db.commit()

    return call


@pytest.fixture
def user(open_session):
    with open_session() as db:
        return factories.make_user(db)


@pytest.fixture
def app_of_user(open_session, user):
    with open_session() as db:
        return add_totp(db, user)[1]


@pytest.fixture
def attempt(put, user):
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
        put(SignInAttempt(**values))
        headers = {"Cookie": f"{COOKIE}={value}"}
        return Call(
            None, "POST", STEP, None, headers, {"csrf": csrf_token(value), **form}
        )

    return make


@pytest.fixture
def used_once(racers, open_session, user):
    """A function that makes many calls at once, of which one begins a session."""
    count = select(func.count(BrowserSession.id))

    def call(calls, status=303):
        found = statuses(racers.run(*calls))
        assert found == {status: 1, 403: len(calls) - 1}
        with open_session() as db:
            assert db.scalar(count.where(BrowserSession.user_id == user.id)) == 1

    return call


@pytest.fixture
def passkey(put, user):
    """The user's passkey, with what the server knows of it."""
    authenticator = Authenticator()
    numbers = authenticator.attested()
    put(
        Factor(
            user_id=user.id,
            kind="passkey",
            name="Key",
            confirmed=now(),
            credential_id=authenticator.id,
            public_key=numbers[18 + len(authenticator.id) :],
            sign_count=0,
        )
    )
    return authenticator


@pytest.fixture
def signature(put, passkey):
    """A function that puts a challenge, and returns what the passkey answers."""

    def sign():
        value = token_urlsafe(32).encode()
        values = {"digest": sha256(value).digest(), "purpose": "sign_in"}
        put(FactorChallenge(**values, expires=now() + CHALLENGE_LIFETIME))
        return json.dumps(passkey.get({"challenge": encoded(value)}))

    return sign


class TestProof:
    def test_by_a_code_is_used_once(self, app_of_user, attempt, used_once):
        # So few that none is refused for their number.
        used_once([attempt(code=code_of(app_of_user)) for _ in range(10)])

    def test_by_a_recovery_code_is_used_once(self, put, user, attempt, used_once):
        put(RecoveryCode(digest=digest_of(CODE, user_id=user.id), user_id=user.id))
        used_once([attempt(code=CODE) for _ in range(AT_ONCE)], status=200)

    def test_by_a_passkey_is_used_once(self, attempt, signature, used_once):
        credential = signature()
        used_once([attempt(credential=credential) for _ in range(AT_ONCE)])

    def test_by_one_count_of_a_passkey_is_used_once(
        self, attempt, passkey, signature, used_once
    ):
        """Copies of an authenticator sign each another challenge."""
        calls = []
        for _ in range(AT_ONCE):
            passkey.count = 6
            calls.append(attempt(credential=signature()))
        used_once(calls)


def test_guesses_are_counted_each(racers, app_of_user, attempt):
    calls = [attempt(code=code_of(app_of_user, 9)) for _ in range(AT_ONCE)]
    assert statuses(racers.run(*calls)) == {403: 10, 429: AT_ONCE - 10}


class TestConfirmation:
    @pytest.fixture
    def confirm(self, open_session, user):
        """The call that confirms a first app."""
        with open_session() as db:
            new, app = add_totp(db, user, confirmed=False)
            token = factories.make_token(db, user, scopes=["factors:write"])
        path = f"/users/me/factors/{new.id}/confirmation"
        return Call(token, "POST", path, {"code": code_of(app)})

    def test_by_many_makes_one_set_of_codes(self, racers, open_session, user, confirm):
        assert statuses(racers.run(*[confirm] * 8)) == {200: 1, 409: 7}
        with open_session() as db:
            own = select(RecoveryCode).where(RecoveryCode.user_id == user.id)
            assert len(db.scalars(own).all()) == 10

    def test_ends_sign_ins_under_way(self, racers, open_session, user, confirm):
        """No session for a password alone outlives the first factor."""
        with open_session() as db:
            client = factories.make_client(
                db, first_party=True, default_scopes=["users:read"]
            )
        form = password_grant(user.username, client)
        sign_in = Call(None, "POST", "/auth/oauth2/token", None, None, form)
        answers = racers.run(*[sign_in] * 4, confirm, *[sign_in] * 4)
        tokens = [a.json["access_token"] for a in answers if "access_token" in a.json]
        late = racers.run(*[Call(each, "GET", "/users/me") for each in tokens])
        assert set(statuses(late)) <= {401}
