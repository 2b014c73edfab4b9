"""Guessing client secrets and tokens: limited for each client."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from apiserver.auth.tokens import ACCESS, make_token
from apiserver.core.db import now
from apiserver.users.models import Throttle
from tests.auth.conftest import WAIT, answer, assert_locked
from tests.conformance.server import basic
from tests.factories import CLIENT_SECRET, PASSWORD
from tests.networks import from_address

rfc = pytest.mark.rfc

LOCKED = {"error": "invalid_client", "error_description": WAIT}
CREDENTIALS = {"grant_type": "client_credentials"}


@rfc("6749", "2.3.1", "MUST", "the endpoints are protected against guessed secrets")
@rfc("6585", "4", "MAY", "429 for clients, too")
class TestClientSecret:
    def test_after_ten_wrong_ones_the_right_one_has_to_wait(
        self, post, client, make_client, me, sign_in, db
    ):
        token = sign_in()["access_token"]
        headers = basic(client.client_id, "guess")
        statuses = [post(**CREDENTIALS, headers=headers).status_int for _ in range(11)]
        assert statuses == [401] * 10 + [429]
        assert_locked(post(client, **CREDENTIALS), LOCKED)
        # Neither tokens nor other clients do.
        assert me(token).status_int == 200
        assert post(make_client(), **CREDENTIALS).status_int == 200
        db.execute(update(Throttle).values(expires=now() - timedelta(seconds=1)))
        db.commit()
        assert post(client, **CREDENTIALS).status_int == 200

    @pytest.mark.parametrize(
        ("guessing", "locked", "free"),
        [
            (["192.0.2.1"] * 11, "192.0.2.1", "127.0.0.1"),
            # A network of IPv6 is one address.
            (
                [f"2001:db8::{number}" for number in range(11)],
                "2001:DB8:0:0:1::",
                "2001:db8:0:1::",
            ),
        ],
    )
    def test_locks_no_other_address(self, api, client, guessing, locked, free):
        """Its id is no secret: anybody could lock it out."""
        caller = api()
        app = caller.app

        def send(address, secret=CLIENT_SECRET):
            caller.app = from_address(app, address)
            headers = basic(client.client_id, secret)
            path = "/auth/oauth2/token"
            return caller.call("POST", path, form=CREDENTIALS, headers=headers)

        statuses = [send(address, "guess").status_int for address in guessing]
        assert statuses == [401] * 10 + [429]
        assert_locked(send(locked), LOCKED)
        assert send(free).status_int == 200

    def test_of_an_unknown_client_is_locked_alike(self, post, client, make_client):
        disabled = make_client(enabled=False).client_id
        answers = [
            [
                answer(post(**CREDENTIALS, client_id=name, client_secret="guess"))
                for _ in range(12)
            ]
            for name in (client.client_id, disabled, "unknown")
        ]
        assert answers[0] == answers[1] == answers[2]
        assert [status for status, _, _ in answers[0]] == [401] * 10 + [429] * 2

    @pytest.mark.parametrize("endpoint", ["revoke", "introspect"])
    def test_is_counted_at_every_endpoint(self, post, client, endpoint):
        for _ in range(10):
            post(to=endpoint, token="x", headers=basic(client.client_id, "guess"))
        assert_locked(post(client, **CREDENTIALS), LOCKED)
        assert_locked(post(client, to=endpoint, token="x"), LOCKED)

    def test_that_is_sent_in_the_wrong_way_counts(self, post, make_client):
        client = make_client(token_endpoint_auth_method="client_secret_post")
        statuses = [post(client, **CREDENTIALS).status_int for _ in range(11)]
        assert statuses == [401] * 10 + [429]

    def test_that_is_missing_is_no_guess(self, post, client):
        for sent in ({"client_id": client.client_id}, {"client_id": "unknown"}, {}):
            statuses = [post(**CREDENTIALS, **sent).status_int for _ in range(12)]
            assert statuses == [401] * 12
        assert post(client, **CREDENTIALS).status_int == 200

    def test_locks_no_public_client_that_needs_none(self, post, public_client, user):
        form = {"username": user.username, "password": PASSWORD}
        sent = {**form, "client_id": public_client.client_id}
        for _ in range(11):
            post(grant_type="password", **sent, client_secret="guess")
        assert post(grant_type="password", **sent).status_int == 200

    def test_from_an_address_that_guesses_many_is_refused(self, post, make_client):
        names = [f"unknown{number}" for number in range(101)]
        *answers, last = [
            post(**CREDENTIALS, client_id=name, client_secret="guess") for name in names
        ]
        assert {response.status_int for response in answers} == {401}
        assert_locked(last, LOCKED)
        assert post(make_client(), **CREDENTIALS).status_int == 200


# RFC 7662 section 4.
MISSED = {"error": "temporarily_unavailable", "error_description": WAIT}
INACTIVE = {"active": False}


@pytest.mark.rfc("7662", "4", "SHOULD", "scanning for tokens is slowed down")
class TestIntrospection:
    """Of tokens that nobody has."""

    @pytest.fixture
    def introspect(self, shared_app, post, client):
        """A function that asks about a token; three times about nothing."""
        app = shared_app(introspection_misses="3")
        return lambda token, client=client: post(
            client, to="introspect", app=app, token=token
        )

    def test_is_stopped_but_not_of_active_ones_nor_by_others(
        self, introspect, sign_in, make_client
    ):
        """Or whoever sends junk to a resource server could cut it off."""
        token = sign_in()["access_token"]
        for _ in range(3):
            assert introspect(make_token(ACCESS)).json == INACTIVE
        assert_locked(introspect(make_token(ACCESS)), MISSED)
        assert introspect(token).json["active"] is True
        assert introspect(make_token(ACCESS), make_client()).json == INACTIVE

    def test_of_junk_is_no_guess(self, introspect):
        assert [introspect("x").json for _ in range(5)] == [INACTIVE] * 5
