"""Guessing the current password: counted, and for a while refused (RFC 6585 4).

By whoever holds a token, and for this token's grant alone: guessing at the doors, where
anybody can, is another thing.
"""

from datetime import timedelta

import pytest
from pyramid.exceptions import ConfigurationError
from sqlalchemy import select

from apiserver.auth.models import OAuth2Grant
from apiserver.core.db import counter_key, now
from apiserver.users.hashing import hash_password
from apiserver.users.models import Throttle
from tests.factories import PASSWORD
from tests.patches import replace
from tests.users.accounts import WRONG, password_test

WINDOW = timedelta(minutes=15)
NAME = replace("first_name", "Ada")


@pytest.fixture
def attempt(client, user):
    """A function that tries to change the user's account with a password."""

    def call(password=PASSWORD, client=client, user=user, operation=NAME):
        operations = [password_test(password), operation]
        return client.patch(f"/users/{user.id}", operations)

    return call


@pytest.fixture
def guess(attempt):
    """A function that tries so many wrong passwords, and returns the statuses."""
    return lambda times: [attempt("guess").status_int for _ in range(times)]


@pytest.fixture
def counter(db, user, client):
    """A function that returns what is stored for the grant."""
    grant = select(OAuth2Grant.id).order_by(OAuth2Grant.id.desc())
    name = f"{db.scalar(grant)} {user.id}"
    statement = select(Throttle).where(Throttle.key == counter_key("grant", name))
    fresh = statement.execution_options(populate_existing=True)
    return lambda: db.scalars(fresh).one_or_none()


class TestWrongPassword:
    def test_counts_for_the_grant_alone(self, api, user, attempt, guess, make_user):
        """Whoever has got hold of one token doesn't lock its user out of others."""
        assert guess(11) == [403] * 10 + [429]
        other = make_user()
        assert attempt(client=api(other), user=other).status_int == 200
        assert attempt(client=api(user)).status_int == 200
        assert attempt().status_int == 429

    @pytest.mark.parametrize("password", [None, {}])
    def test_is_a_text(self, attempt, counter, password):
        assert attempt(password).json == WRONG
        assert counter() is None

    def test_may_be_the_right_one_that_is_too_long(self, api, db, make_user, attempt):
        """It is refused without being hashed, which takes as long as it is."""
        user = make_user()
        for length, status in ((1024, 200), (1025, 403)):
            user.set_password(hash_password("x" * length))
            db.commit()
            assert attempt("x" * length, api(user), user).status_int == status


class TestRightPassword:
    @pytest.mark.parametrize(
        ("operation", "status"), [(NAME, 200), (replace("email", "no address"), 422)]
    )
    def test_takes_the_wrong_ones_back(
        self, attempt, guess, counter, operation, status
    ):
        for _ in range(2):
            assert guess(9) == [403] * 9
            assert counter().tries == 9
            assert attempt(operation=operation).status_int == status
            assert counter().tries == 0


class TestWindow:
    def test_is_over_after_a_quarter_of_an_hour(self, attempt, guess, counter, db):
        guess(1)
        ends = counter().expires
        assert abs(ends - now() - WINDOW) < timedelta(minutes=1)
        guess(10)
        # Further tries don't move it.
        assert counter().expires == ends
        counter().expires = now() - timedelta(seconds=1)
        db.commit()
        assert (guess(1), counter().tries) == ([403], 1)
        assert attempt().status_int == 200

    def test_says_how_much_of_it_is_left(self, attempt, guess, counter, db):
        guess(10)
        counter().expires = now() + timedelta(seconds=100)
        db.commit()
        response = attempt()
        assert 90 < int(response.headers["Retry-After"]) <= 100
        assert response.json["detail"] == "Too many attempts. Try again in 2 min."

    def test_that_is_over_can_be_purged(self, app, guess, counter, db):
        (purge,) = [e for e in app.registry.expiring if e.table == "throttle"]
        guess(1)
        for moment, is_kept in ((now(), True), (now() + WINDOW, False)):
            db.execute(purge.statement, {"now": moment, "batch": 10})
            assert (counter() is not None) is is_kept


class TestSettings:
    @pytest.mark.parametrize("name", ["login_attempts", "login_window"])
    def test_are_positive_numbers(self, make_pure_app, database_url, name):
        with pytest.raises(ConfigurationError, match=f"{name} must be a positive"):
            make_pure_app(database_url, **{name: "0"})

    def test_change_the_limits(self, api, make_pure_app, database_url, user, attempt):
        limits = {"login_attempts": "1", "login_window": "60"}
        client = api(user, app=make_pure_app(database_url, **limits))
        answers = [attempt("guess", client) for _ in range(2)]
        assert [answer.status_int for answer in answers] == [403, 429]
        assert 0 < int(answers[1].headers["Retry-After"]) <= 60
