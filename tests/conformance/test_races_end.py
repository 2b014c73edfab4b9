"""Accounts and clients that end while requests are under way: nothing stays open."""

from functools import partial

import pytest

from tests.conformance.flow import (
    authorize,
    exchange,
    get_code,
    get_tokens,
    refresh,
)
from tests.conformance.race import at_once, live_tokens, statuses
from tests.patches import replace
from tests.users.accounts import password_test

pytestmark = pytest.mark.slow
rfc = pytest.mark.rfc

ROUNDS = 4


@pytest.fixture
def patch(make_user, make_token):
    """A function that changes a field, as an administrator."""
    token = make_token(make_user("admin"), scopes=["users:write", "auth:write"])

    def call(server, path, *operations):
        return server.call("PATCH", f"/api/v1{path}", token=token, json=operations)

    return call


@pytest.fixture
def exchanges(servers, browser, client):
    """A code to exchange at each of the servers."""
    return [partial(exchange, s, client, get_code(browser, client)) for s in servers]


@pytest.mark.parametrize("again", range(ROUNDS))
class TestAccount:
    @rfc("ASVS", "7.4.2", "L1", "who is deactivated has no token, though it was issued")
    @rfc("ASVS", "8.3.2", "L3", "deactivation holds against requests under way")
    def test_leaves_no_token(
        self, servers, browser, user, client, patch, exchanges, select_all, again
    ):
        proof = password_test()
        set_active = partial(patch, servers[0], f"/users/{user.id}", proof)
        token = get_tokens(browser, client)["refresh_token"]
        pages = [authorize(browser, client, prompt="consent") for _ in servers]
        calls = [
            partial(set_active, replace("is_active", False)),
            partial(refresh, servers[1], client, token),
            *exchanges,
            *(partial(browser.consent, page) for page in pages),
        ]
        answers = at_once(calls)
        assert answers[0].status_code == 200
        assert set(statuses(answers)) <= {200, 303, 400}
        assert select_all(live_tokens(client)) == []
        # Nor does anything come back to life with the account.
        assert set_active(replace("is_active", True)).status_code == 200
        assert select_all(live_tokens(client)) == []


@pytest.mark.parametrize("again", range(ROUNDS))
class TestClient:
    @rfc("ASVS", "8.3.2", "L3", "disabling a client holds against requests under way")
    def test_leaves_no_token(
        self, servers, client, patch, exchanges, select_all, again
    ):
        path = f"/auth/oauth2_clients/{client.client_id}"
        set_enabled = partial(patch, servers[0], path)
        form = {"grant_type": "client_credentials"}
        calls = [
            partial(set_enabled, replace("enabled", False)),
            *(partial(server.post, "token", client, **form) for server in servers * 3),
            *exchanges,
        ]
        answers = at_once(calls)
        assert answers[0].status_code == 200
        # To a disabled client all secrets are wrong, and so many that it has to wait.
        assert set(statuses(answers)) <= {200, 400, 401, 429}
        assert select_all(live_tokens(client)) == []
        assert set_enabled(replace("enabled", True)).status_code == 200
        assert select_all(live_tokens(client)) == []
