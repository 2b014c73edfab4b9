"""Guessing client secrets: limited for each client (RFC 6749 section 2.3.1)."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from apiserver.core.db import now
from apiserver.users.models import Throttle
from tests.auth.conftest import WAIT, answer, assert_locked
from tests.conformance.server import basic
from tests.factories import CLIENT_SECRET, PASSWORD
from tests.networks import from_address

rfc = pytest.mark.rfc

LOCKED = {"error": "invalid_client", "error_description": WAIT}
CREDENTIALS = {"grant_type": "client_credentials"}


def credentials(caller, headers):
    return caller.call("POST", "/auth/oauth2/token", form=CREDENTIALS, headers=headers)


@rfc("6749", "2.3.1", "MUST", "the endpoints are protected against guessed secrets")
@rfc("6585", "4", "MAY", "429 for clients, too")
class TestClientSecret:
    def test_after_ten_wrong_ones_the_right_one_is_refused(self, post, client):
        headers = basic(client.client_id, "guess")
        statuses = [post(**CREDENTIALS, headers=headers).status_int for _ in range(10)]
        assert statuses == [401] * 10
        assert_locked(post(client, **CREDENTIALS), LOCKED)

    def test_locks_no_other_address(self, api, client):
        """Its id is no secret: anybody could lock it out."""
        caller = api()
        here, headers = caller.app, basic(client.client_id, "guess")
        caller.app = from_address(here, "192.0.2.1")
        statuses = [credentials(caller, headers).status_int for _ in range(11)]
        assert statuses == [401] * 10 + [429]
        headers = basic(client.client_id, CLIENT_SECRET)
        assert_locked(credentials(caller, headers), LOCKED)
        caller.app = here
        assert credentials(caller, headers).status_int == 200

    def test_locks_the_network_of_ipv6_that_guesses(self, api, client):
        caller = api()
        here, headers = caller.app, basic(client.client_id, "guess")
        statuses = []
        for number in range(11):
            caller.app = from_address(here, f"2001:db8::{number}")
            statuses.append(credentials(caller, headers).status_int)
        assert statuses == [401] * 10 + [429]
        headers = basic(client.client_id, CLIENT_SECRET)
        caller.app = from_address(here, "2001:DB8:0:0:1::")
        assert_locked(credentials(caller, headers), LOCKED)
        caller.app = from_address(here, "2001:db8:0:1::")
        assert credentials(caller, headers).status_int == 200

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
        for name in (client.client_id, "unknown", ""):
            sent = {"client_id": name} if name else {}
            statuses = [post(**CREDENTIALS, **sent).status_int for _ in range(12)]
            assert statuses == [401] * 12
        assert post(client, **CREDENTIALS).status_int == 200

    def test_is_tried_again_after_the_window(self, post, client, db):
        for _ in range(11):
            post(**CREDENTIALS, headers=basic(client.client_id, "guess"))
        assert post(client, **CREDENTIALS).status_int == 429
        db.execute(update(Throttle).values(expires=now() - timedelta(seconds=1)))
        db.commit()
        assert post(client, **CREDENTIALS).status_int == 200

    def test_locks_neither_tokens_nor_other_clients(
        self, post, client, make_client, me, sign_in
    ):
        token = sign_in()["access_token"]
        for _ in range(11):
            post(**CREDENTIALS, headers=basic(client.client_id, "guess"))
        assert me(token).status_int == 200
        assert post(make_client(), **CREDENTIALS).status_int == 200

    def test_locks_no_public_client_that_needs_none(self, post, public_client, user):
        form = {"username": user.username, "password": PASSWORD}
        sent = {**form, "client_id": public_client.client_id}
        for _ in range(11):
            post(grant_type="password", **sent, client_secret="guess")
        assert post(grant_type="password", **sent).status_int == 200

    def test_from_an_address_that_guesses_many_is_refused(self, post, make_client):
        for number in range(100):
            sent = {"client_id": f"unknown{number}", "client_secret": "guess"}
            assert post(**CREDENTIALS, **sent).status_int == 401
        sent = {"client_id": "unknown", "client_secret": "guess"}
        assert_locked(post(**CREDENTIALS, **sent), LOCKED)
        assert post(make_client(), **CREDENTIALS).status_int == 200
