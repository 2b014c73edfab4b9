"""Guessing passwords: limited, at all doors together; and what a guess costs."""

from collections import Counter

import pytest
from argon2 import PasswordHasher, Type, extract_parameters
from argon2.exceptions import VerifyMismatchError
from sqlalchemy import delete

from apiserver.users import hashing
from apiserver.users.models import Throttle
from tests import factories
from tests.auth.browser import Browser
from tests.auth.conftest import WAIT, answer, assert_locked, assert_uncached
from tests.conformance.server import basic
from tests.factories import CLIENT_SECRET, PASSWORD
from tests.patches import op
from tests.problems import problem
from tests.racers import Call

rfc = pytest.mark.rfc

LOCKED = {"error": "invalid_grant", "error_description": WAIT}


@pytest.fixture
def grant(post, client):
    """A function that tries a password at the token endpoint."""

    def call(username, password="guess"):
        form = {"username": username, "password": password}
        return post(client, grant_type="password", **form)

    return call


@pytest.fixture
def login(api):
    """A function that tries a password on the login page."""
    return lambda username, password="guess": Browser(api).sign_in(username, password)


@pytest.fixture
def confirm(api, user):
    """A function that tries the user's password before a change of the account."""
    client = api(user)

    def call(password="guess"):
        test = op("test", "/current_password", value=password)
        return client.patch(
            f"/users/{user.id}", [test, op("test", "/first_name", value="")]
        )

    return call


@rfc("6749", "4.3.2", "MUST", "the endpoint is protected against guessed passwords")
@rfc("6585", "4", "MAY", "429 says when to try again")
@rfc("ASVS", "6.3.1", "L1", "guessing passwords is stopped")
class TestPasswordGrant:
    def test_locks_after_ten_and_tells_nobody_who_has_an_account(
        self, grant, user, make_user
    ):
        inactive = make_user("inactive").username
        guesses = {user.username: "guess", inactive: PASSWORD, "nobody": PASSWORD}
        answers = [
            [answer(grant(*guess)) for _ in range(12)]
            for guess in (*guesses.items(), ("x" * 5000, PASSWORD))
        ]
        assert answers[0] == answers[1] == answers[2] == answers[3]
        assert [status for status, _, _ in answers[0]] == [400] * 10 + [429] * 2
        assert_locked(grant(user.username, PASSWORD), LOCKED)


class TestLoginPage:
    @rfc("6585", "4", "MAY", "429 at the login page, too")
    def test_after_ten_wrong_passwords_says_when_to_try_again(self, login, user):
        assert [login(user.username).status_int for _ in range(10)] == [403] * 10
        response = login(user.username, PASSWORD)
        assert response.status_int == 429
        assert 840 < int(response.headers["Retry-After"]) <= 900
        assert f'role="alert">{WAIT}</p>' in response.text
        assert f'value="{user.username}"' in response.text
        assert "session=" not in str(response.headers)
        assert_uncached(response)


class TestDoors:
    @rfc("ASVS", "6.3.3", "L2", "all doors count the same tries")
    @rfc("ASVS", "6.1.1", "L1", "one account's guesser doesn't lock the others out")
    def test_count_together(self, grant, login, user, make_user):
        for _ in range(5):
            assert grant(user.username).status_int == 400
            assert login(user.username).status_int == 403
        locked = [grant(user.username, PASSWORD), login(user.username, PASSWORD)]
        assert [response.status_int for response in locked] == [429] * 2
        assert login(make_user().username, PASSWORD).status_int == 303

    @pytest.mark.parametrize(
        "names", [("Straße", "STRASSE", "strasse"), ("café", "cafe\u0301", "CAFÉ")]
    )
    def test_count_a_name_in_all_spellings_together(self, grant, make_user, names):
        make_user(username=names[0])
        statuses = [
            grant(name).status_int for _ in range(4) for name in (*names, names[0])
        ]
        assert statuses == [400] * 10 + [429] * 6

    def test_are_opened_by_the_right_password_at_any(self, grant, login, user):
        for door in (grant, login):
            assert {grant(user.username).status_int for _ in range(9)} == {400}
            assert door(user.username, PASSWORD).status_int in {200, 303}


class TestConfirmation:
    """Of a change, by whoever has proved already who he is."""

    @pytest.fixture(params=["regular", "admin"])
    def user(self, make_user, request):
        return make_user(request.param)

    @rfc("ASVS", "6.1.1", "L1", "guessers lock nobody out who is signed in")
    def test_is_taken_though_others_have_locked_the_doors(
        self, grant, login, confirm, user
    ):
        for _ in range(6):
            grant(user.username)
            login(user.username)
        assert grant(user.username, PASSWORD).status_int == 429
        assert confirm(PASSWORD).status_int == 200
        # It has proved nothing at the doors, which stay locked.
        assert grant(user.username, PASSWORD).status_int == 429

    def test_is_taken_though_others_of_the_address_guess(self, grant, confirm):
        for number in range(100):
            assert grant(f"nobody{number}").status_int == 400
        assert grant("nobody").status_int == 429
        assert confirm(PASSWORD).status_int == 200

    @rfc("ASVS", "6.3.1", "L1", "guessing before a change of the account is stopped")
    def test_is_guessed_ten_times_and_locks_no_door(self, login, confirm, user):
        assert [confirm().status_int for _ in range(10)] == [403] * 10
        locked = confirm(PASSWORD)
        assert locked.status_int == 429
        assert locked.json == problem(429, WAIT)
        assert 840 < int(locked.headers["Retry-After"]) <= 900
        assert login(user.username, PASSWORD).status_int == 303


class TestHash:
    def test_is_costly(self, monkeypatch):
        """At least as OWASP advises for argon2id; nobody's is no exception."""
        monkeypatch.setattr(hashing, "HASHER", PasswordHasher())
        nobody = hashing.digest_of_nobody()
        parameters = extract_parameters(nobody)
        assert parameters == extract_parameters(hashing.hash_password(""))
        assert len(nobody) == len(hashing.hash_password(""))
        assert parameters.type is Type.ID
        assert parameters.memory_cost >= 19 * 1024
        assert parameters.time_cost >= 2

    def test_of_nobody_is_matched_by_no_password(self):
        nobody = hashing.digest_of_nobody()
        assert not hashing.password_matches(nobody, "")
        # It has been computed, and not refused for its form.
        with pytest.raises(VerifyMismatchError):
            hashing.HASHER.verify(nobody, "")

    def test_by_old_parameters_is_renewed_when_the_user_signs_in(
        self, grant, make_user, db
    ):
        old = PasswordHasher(2, 16, 1).hash(PASSWORD)
        user = make_user(password_digest=old)
        updated, epoch = user.updated, user.epoch
        grant(user.username)
        db.refresh(user)
        assert user.password_digest == old

        assert grant(user.username, PASSWORD).status_int == 200
        db.refresh(user)
        new = user.password_digest
        assert extract_parameters(new) == extract_parameters(factories.PASSWORD_DIGEST)
        assert (user.updated, user.epoch) == (updated, epoch)

        assert grant(user.username, PASSWORD).status_int == 200
        db.refresh(user)
        assert user.password_digest == new


class TestManyAtOnce:
    def test_ten_are_looked_at(self, open_session, racers):
        """Of eighty guesses, from four processes."""
        with open_session() as db:
            client = factories.make_client(db, first_party=True)
            user = factories.make_user(db)
        form = {
            "grant_type": "password",
            "username": user.username,
            "password": "guess",
        }
        headers = basic(client.client_id, CLIENT_SECRET)
        call = Call(None, "POST", "/auth/oauth2/token", headers=headers, form=form)
        answers = racers.run(*[call] * 80)
        with open_session() as db, db.begin():
            db.execute(delete(Throttle))
        assert Counter((a.status, a.json["error_description"]) for a in answers) == {
            (400, "Invalid credentials given."): 10,
            (429, WAIT): 70,
        }
