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
from tests.problems import problem
from tests.users.accounts import password_test

WINDOW = 900
WRONG = problem(403, "The current password is incorrect.")
LOCKED = problem(429, "Too many attempts. Try again in 15 min.")


@pytest.fixture
def change(api, user):
    """A function that tries to change the user's account with a password."""
    client = api(user)
    name = replace("first_name", "Ada")

    def call(password=PASSWORD, client=client, user=user, operation=name):
        operations = [password_test(password), operation]
        return client.patch(f"/users/{user.id}", operations)

    return call


@pytest.fixture
def counter(db, user):
    """A function that returns what is stored for the grant."""
    grant = select(OAuth2Grant.id).order_by(OAuth2Grant.id.desc())
    name = f"{db.scalar(grant)} {user.id}"
    statement = select(Throttle).where(Throttle.key == counter_key("grant", name))
    return lambda: db.scalars(
        statement.execution_options(populate_existing=True)
    ).one_or_none()


class TestWrongPassword:
    def test_is_counted_though_the_answer_is_an_error(self, change, counter):
        change("guess")
        assert counter().tries == 1
        change("guess")
        assert counter().tries == 2

    def test_counts_for_the_grant_alone(self, api, user, change, make_user):
        """Whoever has got hold of one token doesn't lock its user out of others."""
        for _ in range(11):
            change("guess")
        other = make_user()
        assert change(client=api(other), user=other).status_int == 200
        assert change(client=api(user)).status_int == 200
        assert change().status_int == 429

    @pytest.mark.parametrize("password", [None, 1, [], {}])
    def test_is_a_text(self, change, counter, password):
        assert change(password).json == WRONG
        assert counter() is None

    def test_may_be_the_right_one_that_is_too_long(self, api, db, make_user, change):
        """It is refused without being hashed, which takes as long as it is."""
        user = make_user()
        for length, status in ((1024, 200), (1025, 403)):
            user.set_password(hash_password("x" * length))
            db.commit()
            assert change("x" * length, api(user), user).status_int == status


class TestRightPassword:
    def test_takes_the_wrong_ones_back(self, change, counter):
        for _ in range(3):
            for _ in range(9):
                assert change("guess").status_int == 403
            assert change().status_int == 200
            assert counter().tries == 0

    def test_of_a_refused_change_takes_them_back_as_well(self, change, counter):
        for _ in range(9):
            change("guess")
        assert change(operation=replace("email", "no address")).status_int == 422
        assert counter().tries == 0


class TestWindow:
    def test_is_over_after_a_quarter_of_an_hour(self, change, counter, db):
        for _ in range(11):
            change("guess")
        ends = counter().expires
        assert abs(ends - now() - timedelta(seconds=WINDOW)) < timedelta(minutes=1)
        counter().expires = now() - timedelta(seconds=1)
        db.commit()
        assert change("guess").status_int == 403
        assert counter().tries == 1
        assert change().status_int == 200

    def test_does_not_move_with_further_tries(self, change, counter):
        change("guess")
        ends = counter().expires
        for _ in range(11):
            change("guess")
        assert counter().expires == ends

    def test_says_how_much_of_it_is_left(self, change, counter, db):
        for _ in range(10):
            change("guess")
        counter().expires = now() + timedelta(seconds=100)
        db.commit()
        response = change()
        assert 90 < int(response.headers["Retry-After"]) <= 100
        assert response.json["detail"] == "Too many attempts. Try again in 2 min."

    def test_that_is_over_can_be_purged(self, app, change, counter, db):
        (purge,) = [e for e in app.registry.expiring if e.table == "throttle"]
        change("guess")
        db.execute(purge.statement, {"now": now(), "batch": 10})
        assert counter().tries == 1
        db.execute(
            purge.statement, {"now": now() + timedelta(seconds=WINDOW), "batch": 10}
        )
        assert counter() is None


class TestSettings:
    @pytest.mark.parametrize(
        "name",
        [
            "login_attempts",
            "login_attempts_per_address",
            "login_window",
            "signup_attempts_per_address",
        ],
    )
    def test_are_positive_numbers(self, make_pure_app, database_url, name):
        with pytest.raises(ConfigurationError, match=f"{name} must be a positive"):
            make_pure_app(database_url, **{name: "0"})

    def test_change_the_limits(self, api, make_pure_app, database_url, user):
        client = api(
            user, app=make_pure_app(database_url, login_attempts="1", login_window="60")
        )
        guess = [password_test("guess"), replace("first_name", "Ada")]
        statuses = [client.patch(f"/users/{user.id}", guess) for _ in range(2)]
        assert [s.status_int for s in statuses] == [403, 429]
        assert 0 < int(statuses[1].headers["Retry-After"]) <= 60
