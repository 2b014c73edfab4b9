"""Many processes use or revoke the same token at once; what must hold in any case."""

from collections import Counter

import pytest
from sqlalchemy import func, select

from apiserver.auth.models import OAuth2Grant, OAuth2Token
from apiserver.auth.tokens import digest
from tests import factories
from tests.auth.conftest import SCOPES
from tests.conformance.server import basic
from tests.factories import CLIENT_SECRET, PASSWORD
from tests.oauth_errors import USED_REFRESH
from tests.racers import Call

rfc = pytest.mark.rfc

AT_ONCE = 40


@pytest.fixture(scope="module")
def endpoint(open_session):
    """A function that makes the call by which a client posts a form."""
    with open_session() as db:
        client = factories.make_client(db, first_party=True, default_scopes=SCOPES)
    headers = basic(client.client_id, CLIENT_SECRET)

    def call(name, **form):
        return Call(None, "POST", f"/auth/oauth2/{name}", None, headers, form)

    return call


@pytest.fixture(scope="module")
def refreshing(endpoint):
    """A function that makes the call which uses a refresh token."""
    return lambda token: endpoint(
        "token", grant_type="refresh_token", refresh_token=token
    )


@pytest.fixture(scope="module")
def sign_in(racers, endpoint, open_session):
    """A function that returns the tokens of new grants, one of each process."""
    with open_session() as db:
        user = factories.make_user(db)
    form = {"grant_type": "password", "username": user.username, "password": PASSWORD}

    def call():
        answers = racers.run(*[endpoint("token", **form)] * 4)
        return [answer.json for answer in answers]

    return call


@pytest.fixture
def usable(open_session):
    """A function that returns how many tokens of the grant of a token could be used."""

    def count(token):
        grant = select(OAuth2Token.grant_id).where(OAuth2Token.digest == digest(token))
        statement = (
            select(func.count(OAuth2Token.digest))
            .join(OAuth2Grant, OAuth2Grant.id == OAuth2Token.grant_id)
            .where(
                OAuth2Grant.id == grant.scalar_subquery(),
                OAuth2Grant.revoked.is_(None),
                OAuth2Token.consumed.is_(None),
            )
        )
        with open_session() as db:
            return db.scalar(statement)

    return count


@pytest.fixture
def exchanged(open_session):
    """A function that returns for how many pairs a refresh token was exchanged."""

    def count(token):
        statement = select(func.count(OAuth2Token.digest)).where(
            OAuth2Token.parent_digest == digest(token), OAuth2Token.kind == "refresh"
        )
        with open_session() as db:
            return db.scalar(statement)

    return count


class TestRaces:
    @rfc("9700", "4.14.2", "MUST", "of many uses at once one is good")
    def test_refresh_token_is_used_once_and_reuse_ends_the_grant(
        self, racers, sign_in, refreshing, usable, exchanged
    ):
        for tokens in sign_in():
            token = tokens["refresh_token"]
            answers = racers.run(*[refreshing(token)] * AT_ONCE)
            statuses = Counter(answer.status for answer in answers)
            assert statuses == {200: 1, 400: AT_ONCE - 1}
            refused = [answer.json for answer in answers if answer.status == 400]
            assert refused == [USED_REFRESH] * (AT_ONCE - 1)
            assert (exchanged(token), usable(token)) == (1, 0)

    @rfc("7009", "2.1", "MUST", "what is revoked stays so, while it is refreshed")
    @pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
    def test_revoked_grant_stays_dead_though_it_is_refreshed(
        self, racers, sign_in, endpoint, refreshing, usable, exchanged, kind
    ):
        for tokens in sign_in():
            token = tokens["refresh_token"]
            calls = [refreshing(token), endpoint("revoke", token=tokens[kind])]
            answers = racers.run(*[*calls] * (AT_ONCE // 2))
            statuses = Counter(answer.status for answer in answers)
            assert statuses.keys() <= {200, 400}
            assert statuses[200] == AT_ONCE // 2 + exchanged(token)
            assert exchanged(token) <= 1
            assert usable(token) == 0

    def test_grants_do_not_hinder_each_other(self, racers, sign_in, refreshing, usable):
        tokens = [pair["refresh_token"] for _ in range(3) for pair in sign_in()]
        answers = racers.run(*map(refreshing, tokens))
        assert [answer.status for answer in answers] == [200] * 12
        # Two access tokens, and the new refresh token.
        assert [usable(token) for token in tokens] == [3] * 12
