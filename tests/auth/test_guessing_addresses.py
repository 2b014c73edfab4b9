"""Guessing from one address: limited, whoever is guessed."""

import pytest

from apiserver.core.db import counter_key
from apiserver.users.models import Throttle
from tests.auth.conftest import WAIT, assert_locked
from tests.client import Client
from tests.conformance.server import basic
from tests.factories import CLIENT_SECRET, PASSWORD
from tests.networks import from_address

LOCKED = {"error": "invalid_grant", "error_description": WAIT}


class TestAddress:
    @pytest.fixture
    def guess(self, api, client, shared_app, make_user):
        """A function that guesses another user's password; three from an address."""
        app = shared_app(login_attempts_per_address="3")
        api(app=app)
        credentials = basic(client.client_id, CLIENT_SECRET)

        def call(address="192.0.2.1", password="guess", **headers):
            user = make_user()
            form = {"grant_type": "password", "username": user.username}
            form["password"] = password
            caller = Client(from_address(app, address))
            headers = {**credentials, **headers}
            path = "/auth/oauth2/token"
            return user, caller.call("POST", path, form=form, headers=headers)

        return call

    @pytest.mark.rfc("ASVS", "6.3.1", "L1", "guessing for many is stopped")
    def test_is_locked_whoever_is_guessed(self, guess):
        statuses = [guess()[1].status_int for _ in range(5)]
        assert statuses == [400, 400, 400, 429, 429]
        assert_locked(guess(password=PASSWORD)[1], LOCKED)

    def test_that_is_locked_locks_nobody_else(self, guess, db):
        for _ in range(3):
            guess()
        victim, response = guess()
        assert response.status_int == 429
        account = counter_key("account", victim.username)
        assert db.get(Throttle, account) is None
        assert guess("192.0.2.2")[1].status_int == 400

    def test_of_ipv6_is_a_network(self, guess):
        """Eight addresses of one, as each customer has: a limit of three."""
        statuses = [
            guess(f"2001:db8::{number}")[1].status_int for number in range(1, 9)
        ]
        assert statuses == [400] * 3 + [429] * 5
        assert guess("2001:db8:0:1::1")[1].status_int == 400

    @pytest.mark.parametrize(
        "spellings",
        [
            ("192.0.2.1", "::ffff:192.0.2.1", "::FFFF:C000:201", "[::ffff:c000:201]:9"),
            ("2001:db8::1", "2001:DB8::1", "2001:db8:0:0::1", "[2001:db8::1]:80"),
            ("fe80::1", "fe80::1%eth0", "fe80::1%1", "FE80::1"),
        ],
    )
    def test_counts_in_all_spellings_together(self, guess, spellings):
        statuses = [guess(address)[1].status_int for address in spellings]
        assert statuses == [400, 400, 400, 429]

    def test_is_not_what_the_client_says(self, guess):
        statuses = [
            guess(**{"X-Forwarded-For": f"192.0.2.{number}"})[1].status_int
            for number in range(4)
        ]
        assert statuses == [400, 400, 400, 429]

    def test_may_have_any_number_of_users(self, guess):
        """Many users may share it: whoever knows a password is not counted."""
        statuses = [guess(password=PASSWORD)[1].status_int for _ in range(10)]
        assert statuses == [200] * 10
