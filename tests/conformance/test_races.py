"""Requests at the same moment, to four processes: one wins, and nothing stays open."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import cycle, islice
from threading import Barrier

import pytest
from sqlalchemy import select

from apiserver.auth.models import OAuth2Code, OAuth2Grant, OAuth2Token
from apiserver.auth.policy import live
from tests.conformance.flow import authorize, exchange, get_code, get_tokens, refresh
from tests.conformance.server import Server, basic
from tests.factories import CLIENT_SECRET
from tests.oauth_errors import USED_REFRESH
from tests.patches import replace
from tests.users.accounts import password_test

pytestmark = pytest.mark.slow
rfc = pytest.mark.rfc

ROUNDS = 4
MANY = 40
CREDENTIALS = {"grant_type": "client_credentials"}
again = pytest.mark.parametrize("again", range(ROUNDS))


def at_once(calls):
    """Send the requests at once, and return their answers in the same order."""
    ready = Barrier(len(calls))

    def send(call):
        ready.wait(timeout=60)
        return call()

    with ThreadPoolExecutor(len(calls)) as threads:
        return list(threads.map(send, calls))


def statuses(responses):
    return sorted(response.status_code for response in responses)


@pytest.fixture
def on_each(servers):
    """A function that makes many calls of one, to each of the servers in turn."""

    def spread(function, *args, many=MANY, **kw):
        turns = islice(cycle(servers), many)
        return [partial(function, server, *args, **kw) for server in turns]

    return spread


@pytest.fixture
def live_tokens(select_all):
    """A function that returns the tokens of a client that are good for something."""
    tokens = select(OAuth2Token.digest).join(
        OAuth2Grant, OAuth2Grant.id == OAuth2Token.grant_id
    )
    return lambda client: select_all(
        live(
            tokens.where(
                OAuth2Grant.client_id == client.id, OAuth2Token.consumed.is_(None)
            )
        )
    )


@pytest.fixture
def patch(server, make_user, make_token):
    """A function that changes what is at a path, as an administrator."""
    token = make_token(make_user("admin"), scopes=["users:write", "auth:write"])

    def call(path, *operations):
        return server.call("PATCH", f"/api/v1{path}", token=token, json=operations)

    return call


@pytest.fixture
def set_active(patch):
    """A function that activates an account, or the opposite."""
    return lambda user, is_active: patch(
        f"/users/{user.id}", password_test(), replace("is_active", is_active)
    )


class TestCode:
    @rfc("6749", "4.1.2", "MUST NOT", "a code is used once, of many uses at once too")
    @rfc("6749", "10.5", "MUST", "codes are for one use, on all processes")
    @pytest.mark.parametrize("kind", ["client", "public_client"])
    def test_one_of_many_is_answered(
        self, browser, on_each, live_tokens, works, kind, request
    ):
        client = request.getfixturevalue(kind)
        for _ in range(ROUNDS):
            code = get_code(browser, client)
            answers = at_once(on_each(exchange, client, code))
            assert statuses(answers) == [200] + [400] * (MANY - 1)
            assert live_tokens(client) == []
            (winner,) = [a.json() for a in answers if a.status_code == 200]
            assert not works(winner["access_token"])

    @rfc("ASVS", "10.7.1", "L2", "a question is answered once, of many answers at once")
    def test_one_consent_gives_one_code(
        self, servers, browser, make_browser, client, select_all
    ):
        page = authorize(browser, client)
        tabs = [make_browser(server=server) for server in islice(cycle(servers), 12)]
        for tab in tabs:
            tab.cookies = dict(browser.cookies)
        answers = at_once([partial(tab.consent, page) for tab in tabs])
        assert statuses(answers) == [303] + [400] * 11
        codes = (
            select(OAuth2Code.digest)
            .join(OAuth2Grant, OAuth2Grant.id == OAuth2Code.grant_id)
            .where(OAuth2Grant.client_id == client.id)
        )
        assert len(select_all(codes)) == 1


class TestRefreshToken:
    @rfc("9700", "4.14.2", "MUST", "of many uses at once one is good")
    def test_one_of_many_is_answered_and_the_others_end_the_grant(
        self, browser, client, on_each, live_tokens
    ):
        for _ in range(ROUNDS):
            token = get_tokens(browser, client)["refresh_token"]
            answers = at_once(on_each(refresh, client, token))
            assert statuses(answers) == [200] + [400] * (MANY - 1)
            refused = [a.json() for a in answers if a.status_code == 400]
            assert refused == [USED_REFRESH] * (MANY - 1)
            assert live_tokens(client) == []

    @rfc("7009", "2.1", "MUST", "what is revoked stays so, while it is refreshed")
    @pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
    def test_revoked_grant_stays_dead(
        self, browser, client, on_each, live_tokens, kind
    ):
        many = MANY // 2
        for _ in range(ROUNDS):
            tokens = get_tokens(browser, client)
            token, ended = tokens["refresh_token"], {"token": tokens[kind]}
            refreshing = on_each(refresh, client, token, many=many)
            revoking = on_each(Server.post, "revoke", client, many=many, **ended)
            pairs = zip(revoking, refreshing, strict=True)
            answers = at_once([call for pair in pairs for call in pair])
            assert statuses(answers[::2]) == [200] * many
            assert statuses(answers[1::2])[1:] == [400] * (many - 1)
            assert live_tokens(client) == []

    def test_grants_do_not_hinder_each_other(self, server, browser, client):
        tokens = [get_tokens(browser, client)["refresh_token"] for _ in range(12)]
        answers = at_once([partial(refresh, server, client, each) for each in tokens])
        assert statuses(answers) == [200] * 12


class TestSecret:
    @pytest.fixture
    def rotate(self, make_user, make_client, make_token):
        """A client, and a function that gives it a new secret by a server."""
        owner = make_user()
        client = make_client(owner)
        path = f"/api/v1/auth/oauth2_clients/{client.client_id}/secret"
        token = make_token(owner, scopes=["auth:write"])
        return client, lambda server: server.call("POST", path, token=token)

    @rfc("6749", "2.3.1", "MUST", "a secret is given anew without a failing request")
    def test_rotation_disturbs_nobody(self, servers, on_each, rotate):
        client, renew = rotate
        calls = on_each(Server.post, "token", client, **CREDENTIALS)
        answers = at_once([partial(renew, servers[3]), *calls])
        assert statuses(answers) == [200] * MANY + [201]
        for secret in (CLIENT_SECRET, answers[0].json()["client_secret"]):
            headers = basic(client.client_id, secret)
            response = servers[1].post("token", headers=headers, **CREDENTIALS)
            assert response.status_code == 200

    @rfc("6749", "2.3.1", "MUST", "of secrets given at once the last one is right")
    def test_rotations_at_once(self, servers, rotate):
        client, renew = rotate
        answers = at_once([partial(renew, server) for server in servers])
        assert statuses(answers) == [201] * 4
        tried = [
            servers[0].post(
                "token",
                headers=basic(client.client_id, answer.json()["client_secret"]),
                **CREDENTIALS,
            )
            for answer in answers
        ]
        # The last one, and the one before it for the overlap.
        assert statuses(tried) == [200, 200, 401, 401]


class TestEnd:
    """Of accounts and clients while requests are under way."""

    @pytest.fixture
    def exchanges(self, servers, browser, client):
        """A code to exchange at each of the servers."""
        codes = [get_code(browser, client) for _ in servers]
        return [
            partial(exchange, server, client, code)
            for server, code in zip(servers, codes, strict=True)
        ]

    @rfc("ASVS", "7.4.2", "L1", "who is deactivated has no token, though it was issued")
    @rfc("ASVS", "8.3.2", "L3", "deactivation holds against requests under way")
    @again
    def test_of_an_account_leaves_no_token(
        self, servers, browser, user, client, set_active, exchanges, live_tokens, again
    ):
        token = get_tokens(browser, client)["refresh_token"]
        pages = [authorize(browser, client, prompt="consent") for _ in servers]
        calls = [
            partial(set_active, user, False),
            partial(refresh, servers[1], client, token),
            *exchanges,
            *(partial(browser.consent, page) for page in pages),
        ]
        answers = at_once(calls)
        assert answers[0].status_code == 200
        assert set(statuses(answers)) <= {200, 303, 400}
        assert live_tokens(client) == []
        # Nor does anything come back to life with the account.
        assert set_active(user, True).status_code == 200
        assert live_tokens(client) == []

    @rfc("ASVS", "8.3.2", "L3", "disabling a client holds against requests under way")
    @again
    def test_of_a_client_leaves_no_token(
        self, client, patch, exchanges, on_each, live_tokens, again
    ):
        path = f"/auth/oauth2_clients/{client.client_id}"
        calls = [
            partial(patch, path, replace("enabled", False)),
            *on_each(Server.post, "token", client, many=12, **CREDENTIALS),
            *exchanges,
        ]
        answers = at_once(calls)
        assert answers[0].status_code == 200
        # To a disabled client all secrets are wrong, and so many that it has to wait.
        assert set(statuses(answers)) <= {200, 400, 401, 429}
        assert live_tokens(client) == []
        assert patch(path, replace("enabled", True)).status_code == 200
        assert live_tokens(client) == []

    @again
    def test_of_an_owner_leaves_no_token(
        self, make_user, make_client, set_active, on_each, live_tokens, again
    ):
        owner = make_user()
        client = make_client(owner)
        issuing = on_each(Server.post, "token", client, many=11, **CREDENTIALS)
        answers = at_once([partial(set_active, owner, False), *issuing])
        assert answers[0].status_code == 200
        assert set(statuses(answers)) <= {200, 401, 429}
        assert live_tokens(client) == []
        assert set_active(owner, True).status_code == 200
        assert live_tokens(client) == []

    @again
    def test_of_an_owner_lets_nobody_have_what_was_given(
        self, make_user, make_client, make_token, patch, set_active, works, again
    ):
        """Given before, the token dies with the owner; or it is not given."""
        client, new = make_client(), make_user()
        token = make_token(client=client, scopes=["teams:read"])
        path, given = f"/auth/oauth2_clients/{client.client_id}", ("user_id", new.id)
        give = partial(patch, path, replace(*given))
        answers = at_once([give, partial(set_active, new, False)])
        assert set_active(new, True).status_code == 200
        seen = (*(answer.status_code for answer in answers), works(token))
        assert seen in {(200, 200, False), (422, 200, True)}
