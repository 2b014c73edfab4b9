"""Requests at the same moment, to four processes: one wins, and nothing stays open."""

from functools import partial
from itertools import cycle, islice

import pytest
from sqlalchemy import select

from apiserver.auth.models import OAuth2Code, OAuth2Grant
from tests.conformance.flow import (
    authorize,
    exchange,
    get_code,
)
from tests.conformance.race import at_once, live_tokens, statuses
from tests.conformance.server import basic
from tests.factories import CLIENT_SECRET

pytestmark = pytest.mark.slow
rfc = pytest.mark.rfc

ROUNDS = 4
MANY = 40


@pytest.fixture
def on_each(servers):
    """A function that makes many calls of one, to each of the servers in turn."""

    def spread(function, *args, many=MANY, **kw):
        turns = islice(cycle(servers), many)
        return [partial(function, server, *args, **kw) for server in turns]

    return spread


class TestCode:
    @rfc("6749", "4.1.2", "MUST NOT", "a code is used once, of many uses at once too")
    @rfc("6749", "10.5", "MUST", "codes are for one use, on all processes")
    @pytest.mark.parametrize("kind", ["client", "public_client"])
    def test_one_of_many_is_answered(
        self, server, browser, on_each, select_all, kind, request
    ):
        client = request.getfixturevalue(kind)
        for _ in range(ROUNDS):
            code = get_code(browser, client)
            answers = at_once(on_each(exchange, client, code))
            assert statuses(answers) == [200] + [400] * (MANY - 1)
            assert select_all(live_tokens(client)) == []
            (winner,) = [a.json() for a in answers if a.status_code == 200]
            token = winner["access_token"]
            assert server.call("GET", "/api/v1/teams/", token=token).status_code == 401

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


class TestSecret:
    @rfc("6749", "2.3.1", "MUST", "a secret is given anew without a failing request")
    def test_rotation_disturbs_nobody(
        self, servers, make_client, make_user, make_token
    ):
        owner = make_user()
        client = make_client(owner)
        path = f"/api/v1/auth/oauth2_clients/{client.client_id}/secret"
        token = make_token(owner, scopes=["auth:write"])
        form = {"grant_type": "client_credentials"}
        old = basic(client.client_id, CLIENT_SECRET)
        calls = [
            partial(server.post, "token", headers=old, **form)
            for server in islice(cycle(servers), MANY)
        ]
        calls.insert(MANY // 2, partial(servers[3].call, "POST", path, token=token))
        answers = at_once(calls)
        assert statuses(answers) == [200] * MANY + [201]
        (rotated,) = [a.json() for a in answers if a.status_code == 201]
        new = basic(client.client_id, rotated["client_secret"])
        for headers in (old, new):
            response = servers[1].post("token", headers=headers, **form)
            assert response.status_code == 200

    @rfc("6749", "2.3.1", "MUST", "of secrets given at once the last one is right")
    def test_rotations_at_once(self, servers, make_client, make_user, make_token):
        owner = make_user()
        client = make_client(owner)
        path = f"/api/v1/auth/oauth2_clients/{client.client_id}/secret"
        token = make_token(owner, scopes=["auth:write"])
        calls = [partial(s.call, "POST", path, token=token) for s in servers]
        answers = at_once(calls)
        assert statuses(answers) == [201] * 4
        secrets = [answer.json()["client_secret"] for answer in answers]
        form = {"grant_type": "client_credentials"}
        tried = [
            servers[0].post("token", headers=basic(client.client_id, s), **form)
            for s in secrets
        ]
        # The last one, and the one before it for the overlap.
        assert statuses(tried) == [200, 200, 401, 401]
