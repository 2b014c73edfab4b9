"""RFC 6749 section 6, RFC 9700 section 4.14: refresh tokens."""

from datetime import timedelta
from unittest.mock import ANY

import pytest
from sqlalchemy import select

from apiserver.auth.models import OAuth2Client, OAuth2Grant, OAuth2Token
from apiserver.auth.tokens import digest
from apiserver.core.db import now
from tests.conformance.flow import assert_refused, assert_uncached, get_tokens, refresh
from tests.oauth_errors import (
    ENDED_GRANT,
    EXPIRED_REFRESH,
    INVALID_CLIENT,
    INVALID_SCOPE,
    UNAUTHORIZED_CLIENT,
    UNKNOWN_REFRESH,
    USED_REFRESH,
)

rfc = pytest.mark.rfc
each_kind = pytest.mark.parametrize("kind", ["client", "public_client"])

BOTH = "teams:read users:read"
PAIR = {
    "access_token": ANY,
    "refresh_token": ANY,
    "token_type": "Bearer",
    "expires_in": 900,
    "scope": BOTH,
}


@pytest.fixture
def tokens(browser, client):
    return get_tokens(browser, client, scope=BOTH)


@pytest.fixture
def set_client(change, client):
    """A function that changes the client's columns."""
    return lambda **columns: change(OAuth2Client.id == client.id, **columns)


@pytest.fixture
def grant_of(select_all):
    """A function that returns the row of a token's grant, and when the token ends."""

    def find(token):
        statement = (
            select(
                OAuth2Grant.id,
                OAuth2Grant.absolute_expires,
                OAuth2Grant.revoked,
                OAuth2Grant.revoke_reason,
                OAuth2Token.expires,
            )
            .join(OAuth2Token, OAuth2Token.grant_id == OAuth2Grant.id)
            .where(OAuth2Token.digest == digest(token))
        )
        (row,) = select_all(statement)
        return row

    return find


class TestClient:
    @rfc("6749", "6", "MUST", "a refresh token is for the client it was issued to")
    @rfc("6749", "6", "MUST", "a confidential client authenticates")
    @rfc("6749", "10.4", "MUST", "a refresh token is bound to its client")
    @rfc("6749", "10.4", "MUST", "a replay by another client ends nothing")
    def test_other_client(
        self, server, client, public_client, make_client, tokens, works
    ):
        token = tokens["refresh_token"]
        for thief in (make_client(), public_client):
            assert_refused(refresh(server, thief, token), UNKNOWN_REFRESH)
        response = refresh(server, None, token, client_id=client.client_id)
        assert_refused(response, INVALID_CLIENT, 401)
        second = refresh(server, client, token).json()
        # Nor does their replay end anything.
        assert_refused(refresh(server, public_client, token), UNKNOWN_REFRESH)
        assert works(second["access_token"])
        assert refresh(server, client, second["refresh_token"]).status_code == 200

    @rfc("6749", "5.2", "MUST", "a grant that the client may not use")
    def test_client_without_the_grant(self, server, client, tokens, set_client):
        set_client(grant_types=("authorization_code",))
        response = refresh(server, client, tokens["refresh_token"])
        assert_refused(response, UNAUTHORIZED_CLIENT)

    @rfc("6749", "5.1", "OPTIONAL", "a refresh token, for clients of this grant")
    def test_others_get_none(self, browser, make_client):
        client = make_client(
            redirect_uris=["https://client.example.org/callback"],
            grant_types=("authorization_code",),
        )
        answer = get_tokens(browser, client, scope=BOTH)
        assert answer == {k: v for k, v in PAIR.items() if k != "refresh_token"}

    @rfc("6749", "1.5", "MUST NOT", "a refresh token opens no resource")
    @rfc("6749", "6", "MUST", "an access token refreshes nothing")
    def test_kinds_are_not_exchanged(self, server, client, tokens, works):
        assert not works(tokens["refresh_token"])
        response = refresh(server, client, tokens["access_token"])
        assert_refused(response, UNKNOWN_REFRESH)
        assert works(tokens["access_token"])
        response = refresh(server, client, tokens["refresh_token"])
        assert response.status_code == 200

    @rfc("6749", "5.2", "MUST", "an unknown refresh token: invalid_grant")
    def test_unknown_token(self, server, client):
        for token in ("x", "é", "a" * 4000, "apr_" + "a" * 51):
            assert_refused(refresh(server, client, token), UNKNOWN_REFRESH)


class TestRotation:
    @rfc("6749", "5.1", "REQUIRED", "access_token and token_type, as JSON by 200")
    @rfc("6749", "5.1", "RECOMMENDED", "expires_in, in seconds")
    @rfc("6749", "5.1", "MUST", "no cache keeps the answer")
    @rfc("6749", "7.1", "MUST", "the token type is one that the client knows")
    @rfc("9700", "4.14.2", "MUST", "each use gives a new refresh token")
    @rfc("9700", "2.2.2", "MUST", "refresh tokens of public clients are rotated")
    @each_kind
    def test_token_is_replaced(self, server, browser, kind, request, works):
        client = request.getfixturevalue(kind)
        first = get_tokens(browser, client, scope=BOTH)
        response = refresh(server, client, first["refresh_token"])
        assert response.headers["content-type"] == "application/json"
        assert_uncached(response)
        second = response.json()
        assert (first, second) == (PAIR, PAIR)
        assert len({*first.values()} & {*second.values()}) == 3
        assert works(first["access_token"])
        assert works(second["access_token"])
        assert refresh(server, client, second["refresh_token"]).json() == PAIR

    @rfc("9700", "4.14.2", "MUST", "a second use revokes the grant, for good")
    @rfc("ASVS", "10.4.5", "L1", "a replayed refresh token revokes all of the grant")
    @pytest.mark.parametrize("form", [{}, {"scope": "teams:write"}])
    @each_kind
    def test_replay_ends_the_grant(
        self, server, browser, kind, request, works, grant_of, form
    ):
        client = request.getfixturevalue(kind)
        other = get_tokens(browser, client, scope=BOTH)
        first = get_tokens(browser, client, scope=BOTH)
        second = refresh(server, client, first["refresh_token"]).json()
        third = refresh(server, client, second["refresh_token"]).json()

        replayed = refresh(server, client, first["refresh_token"], **form)
        assert_refused(replayed, USED_REFRESH)
        for tokens in (first, second, third):
            assert not works(tokens["access_token"])
        response = refresh(server, client, third["refresh_token"])
        assert_refused(response, ENDED_GRANT)
        grant = grant_of(first["refresh_token"])
        assert grant.revoked is not None
        assert grant.revoke_reason == "refresh_token_reuse"
        assert works(other["access_token"])
        assert refresh(server, client, other["refresh_token"]).status_code == 200


class TestScope:
    @rfc("6749", "6", "MUST", "a new refresh token has the scope of the old one")
    @rfc("6749", "6", "MUST", "without a scope it is the original one")
    def test_narrowing_is_for_the_access_token(self, server, client, tokens, works):
        narrow = refresh(server, client, tokens["refresh_token"], scope="users:read")
        assert narrow.json() == PAIR | {"scope": "users:read"}
        assert not works(narrow.json()["access_token"])
        original = refresh(server, client, narrow.json()["refresh_token"]).json()
        assert original == PAIR
        assert works(original["access_token"])

    @rfc("6749", "6", "MUST NOT", "the scope doesn't widen")
    @pytest.mark.parametrize("scope", ["users:read", BOTH, "x", "é"])
    def test_widening_is_refused(self, server, browser, client, scope):
        token = get_tokens(browser, client, scope="teams:read")["refresh_token"]
        assert_refused(refresh(server, client, token, scope=scope), INVALID_SCOPE)
        assert refresh(server, client, token).json()["scope"] == "teams:read"

    @rfc("9700", "2.3", "SHOULD", "a scope that was taken away isn't refreshed")
    @rfc("ASVS", "10.4.11", "L2", "clients hold only the scopes they need")
    def test_follows_the_client(self, server, client, tokens, works, set_client):
        set_client(default_scopes=("users:read", "teams:write"))
        lost = refresh(server, client, tokens["refresh_token"], scope="teams:read")
        assert_refused(lost, INVALID_SCOPE)
        # Nor is what it has got since added.
        answer = refresh(server, client, tokens["refresh_token"]).json()
        assert answer["scope"] == "users:read"
        assert not works(answer["access_token"])


class TestExpiry:
    @rfc("9700", "4.14.2", "SHOULD", "a token that isn't used for long expires")
    @rfc("6749", "5.2", "MUST", "an expired refresh token: invalid_grant")
    @rfc("ASVS", "10.4.8", "L2", "refresh tokens expire absolutely")
    @pytest.mark.parametrize("absolute", [True, False])
    def test_revokes_nothing(
        self, server, client, tokens, change, grant_of, works, absolute
    ):
        past = now() - timedelta(seconds=1)
        if absolute:
            grant = grant_of(tokens["refresh_token"])
            change(OAuth2Grant.id == grant.id, absolute_expires=past)
        else:
            token = OAuth2Token.digest == digest(tokens["refresh_token"])
            change(token, expires=past)
        response = refresh(server, client, tokens["refresh_token"])
        assert_refused(response, EXPIRED_REFRESH)
        assert works(tokens["access_token"])

    @rfc("ASVS", "10.4.8", "L2", "the absolute end doesn't move with rotation")
    def test_rotation_does_not_prolong(self, server, client, tokens, change, grant_of):
        grant = grant_of(tokens["refresh_token"])
        soon = (now() + timedelta(minutes=5)).replace(microsecond=0)
        change(OAuth2Grant.id == grant.id, absolute_expires=soon)
        answer = refresh(server, client, tokens["refresh_token"]).json()
        for kind in ("access_token", "refresh_token"):
            found = grant_of(answer[kind])
            ends = (found.id, found.absolute_expires, found.expires)
            assert ends == (grant.id, soon, soon)
        assert 240 < answer["expires_in"] <= 300

    @rfc("9700", "4.14.2", "SHOULD", "the idle time begins anew with each use")
    def test_rotation_begins_anew(self, server, client, tokens, change, grant_of):
        token = OAuth2Token.digest == digest(tokens["refresh_token"])
        soon = now() + timedelta(minutes=5)
        change(token, expires=soon)
        answer = refresh(server, client, tokens["refresh_token"]).json()
        left = grant_of(answer["refresh_token"]).expires - now()
        assert timedelta(days=13, hours=23) < left <= timedelta(days=14)
