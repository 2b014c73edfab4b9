"""RFC 6749 section 6, RFC 9700 section 4.14: refresh tokens."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from apiserver.auth.models import OAuth2Grant, OAuth2Token
from apiserver.auth.tokens import digest
from apiserver.core.db import now
from tests.conformance.flow import get_tokens, refresh

rfc = pytest.mark.rfc

ME = "/api/v1/users/me"
BOTH = "teams:read users:read"


@pytest.fixture
def works(server):
    """A function that says whether an access token is good for something."""
    return lambda token: server.call("GET", ME, token=token).status_code == 200


@pytest.fixture
def tokens(browser, client):
    return get_tokens(browser, client, scope=BOTH)


@pytest.fixture
def grant_of(select_all):
    """A function that returns the row of a token's grant."""

    def find(token):
        statement = (
            select(OAuth2Grant.id, OAuth2Grant.absolute_expires)
            .join(OAuth2Token, OAuth2Token.grant_id == OAuth2Grant.id)
            .where(OAuth2Token.digest == digest(token))
        )
        (row,) = select_all(statement)
        return row

    return find


def assert_invalid_grant(response):
    assert response.status_code == 400
    assert response.json()["error"] == "invalid_grant"


class TestClient:
    @rfc("6749", "6", "MUST", "a refresh token is for the client it was issued to")
    @rfc("6749", "10.4", "MUST", "a refresh token is bound to its client")
    def test_other_client(self, server, client, public_client, make_client, tokens):
        other = make_client()
        for thief in (other, public_client):
            assert_invalid_grant(refresh(server, thief, tokens["refresh_token"]))
        response = refresh(server, client, tokens["refresh_token"])
        assert response.status_code == 200

    @rfc("6749", "6", "MUST", "a confidential client authenticates")
    def test_confidential_client(self, server, client, tokens):
        form = {"client_id": client.client_id}
        response = refresh(server, None, tokens["refresh_token"], **form)
        assert response.status_code == 401
        response = refresh(server, client, tokens["refresh_token"])
        assert response.status_code == 200

    @rfc("6749", "1.5", "MUST NOT", "a refresh token opens no resource")
    @rfc("6749", "6", "MUST", "an access token refreshes nothing")
    def test_kinds_are_not_exchanged(self, server, client, tokens, works):
        assert not works(tokens["refresh_token"])
        assert_invalid_grant(refresh(server, client, tokens["access_token"]))
        assert works(tokens["access_token"])

    @rfc("6749", "5.2", "MUST", "an unknown refresh token: invalid_grant")
    @pytest.mark.parametrize("token", ["x", "é", "a" * 4000, "apr_" + "a" * 51])
    def test_unknown_token(self, server, client, token):
        assert_invalid_grant(refresh(server, client, token))


class TestRotation:
    @rfc("9700", "4.14.2", "MUST", "each use gives a new refresh token")
    @rfc("9700", "2.2.2", "MUST", "refresh tokens of public clients are rotated")
    @pytest.mark.parametrize("kind", ["client", "public_client"])
    def test_token_is_replaced(self, server, browser, kind, request, works):
        client = request.getfixturevalue(kind)
        first = get_tokens(browser, client, scope=BOTH)
        second = refresh(server, client, first["refresh_token"]).json()
        assert second["refresh_token"] != first["refresh_token"]
        assert second["access_token"] != first["access_token"]
        assert works(second["access_token"])

    @rfc("9700", "4.14.2", "MUST", "a second use revokes the grant, for good")
    @rfc("ASVS", "10.4.5", "L1", "a replayed refresh token revokes all of the grant")
    @pytest.mark.parametrize("kind", ["client", "public_client"])
    def test_replay_ends_the_grant(self, server, browser, kind, request, works):
        client = request.getfixturevalue(kind)
        first = get_tokens(browser, client, scope=BOTH)
        second = refresh(server, client, first["refresh_token"]).json()
        third = refresh(server, client, second["refresh_token"]).json()

        assert_invalid_grant(refresh(server, client, first["refresh_token"]))
        for tokens in (first, second, third):
            assert not works(tokens["access_token"])
        assert_invalid_grant(refresh(server, client, third["refresh_token"]))

    @rfc(
        "9700", "4.14.2", "MUST", "the revocation is durable, though the answer is 400"
    )
    def test_revocation_is_stored(self, server, client, tokens, grant_of, select_all):
        refresh(server, client, tokens["refresh_token"])
        refresh(server, client, tokens["refresh_token"])
        grant = grant_of(tokens["refresh_token"])
        stored = select(OAuth2Grant.revoked, OAuth2Grant.revoke_reason)
        ((revoked, reason),) = select_all(stored.where(OAuth2Grant.id == grant.id))
        assert revoked is not None
        assert reason == "refresh_token_reuse"

    @rfc("6749", "10.4", "MUST", "a replay by another client ends nothing")
    def test_replay_by_others_ends_nothing(
        self, server, client, public_client, tokens, works
    ):
        second = refresh(server, client, tokens["refresh_token"]).json()
        assert_invalid_grant(refresh(server, public_client, tokens["refresh_token"]))
        assert works(second["access_token"])


class TestScope:
    @rfc("6749", "6", "MUST", "without a scope it is the original one")
    def test_default_is_the_original(self, server, client, tokens):
        answer = refresh(server, client, tokens["refresh_token"]).json()
        assert sorted(answer["scope"].split()) == BOTH.split()

    @rfc("6749", "6", "MUST", "a new refresh token has the scope of the old one")
    def test_narrowing_is_for_the_access_token(self, server, client, tokens):
        form = {"scope": "users:read"}
        narrow = refresh(server, client, tokens["refresh_token"], **form).json()
        assert narrow["scope"] == "users:read"
        path = "/api/v1/teams/"
        response = server.call("GET", path, token=narrow["access_token"])
        assert response.status_code == 403
        answer = refresh(server, client, narrow["refresh_token"]).json()
        assert sorted(answer["scope"].split()) == BOTH.split()

    @rfc("6749", "6", "MUST NOT", "the scope doesn't widen")
    @pytest.mark.parametrize("scope", ["users:read", "teams:read users:read", "x"])
    def test_widening_is_refused(self, server, browser, client, scope):
        tokens = get_tokens(browser, client, scope="teams:read")
        form = {"scope": scope}
        response = refresh(server, client, tokens["refresh_token"], **form)
        assert response.status_code == 400
        assert response.json()["error"] == "invalid_scope"
        response = refresh(server, client, tokens["refresh_token"])
        assert response.status_code == 200


class TestExpiry:
    @rfc("9700", "4.14.2", "SHOULD", "a token that isn't used for long expires")
    @rfc("6749", "5.2", "MUST", "an expired refresh token: invalid_grant")
    def test_idle_token(self, server, client, tokens, change, works):
        change(
            update(OAuth2Token)
            .where(OAuth2Token.digest == digest(tokens["refresh_token"]))
            .values(expires=now() - timedelta(seconds=1))
        )
        assert_invalid_grant(refresh(server, client, tokens["refresh_token"]))
        assert works(tokens["access_token"])

    @rfc("ASVS", "10.4.8", "L2", "refresh tokens expire absolutely")
    def test_old_grant(self, server, client, tokens, change, grant_of, works):
        grant = grant_of(tokens["refresh_token"])
        change(
            update(OAuth2Grant)
            .where(OAuth2Grant.id == grant.id)
            .values(absolute_expires=now() - timedelta(seconds=1))
        )
        assert_invalid_grant(refresh(server, client, tokens["refresh_token"]))
        assert works(tokens["access_token"])

    @rfc("ASVS", "10.4.8", "L2", "the absolute end doesn't move with rotation")
    def test_rotation_does_not_prolong(
        self, server, client, tokens, change, grant_of, select_all
    ):
        end = grant_of(tokens["refresh_token"]).absolute_expires
        assert timedelta(days=29) < end - now() <= timedelta(days=30)
        soon = (now() + timedelta(minutes=5)).replace(microsecond=0)
        grant_id = grant_of(tokens["refresh_token"]).id
        change(
            update(OAuth2Grant)
            .where(OAuth2Grant.id == grant_id)
            .values(absolute_expires=soon)
        )
        answer = refresh(server, client, tokens["refresh_token"]).json()
        assert grant_of(answer["refresh_token"]) == (grant_id, soon)
        stored = select(OAuth2Token.expires).where(
            OAuth2Token.digest == digest(answer["refresh_token"])
        )
        assert select_all(stored) == [(soon,)]
