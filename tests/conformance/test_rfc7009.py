"""RFC 7009: token revocation."""

import pytest
from sqlalchemy import select

from apiserver.auth.models import OAuth2Grant, OAuth2Token
from apiserver.auth.tokens import digest
from tests.conformance.flow import (
    assert_uncached,
    exchange,
    get_code,
    get_tokens,
    refresh,
)
from tests.oauth_errors import ENDED_GRANT, INVALID_CLIENT, OTHERS_TOKEN

rfc = pytest.mark.rfc
each_kind = pytest.mark.parametrize("kind", ["access_token", "refresh_token"])


@pytest.fixture
def tokens(browser, client):
    return get_tokens(browser, client, scope="teams:read")


@pytest.fixture
def revoked(select_all):
    """A function that returns when and why the grant of a token was revoked."""
    found = select(OAuth2Grant.revoked, OAuth2Grant.revoke_reason).join(
        OAuth2Token, OAuth2Token.grant_id == OAuth2Grant.id
    )
    return lambda token: select_all(found.where(OAuth2Token.digest == digest(token)))[0]


def assert_revoked(response):
    assert (response.status_code, response.content) == (200, b"")
    assert response.headers["content-length"] == "0"
    assert "content-type" not in response.headers
    assert_uncached(response)


class TestClient:
    @rfc("7009", "2.1", "MUST", "the client's credentials are verified")
    @rfc("7009", "2.1", "MUST", "a public client says who it is")
    def test_public_client_has_a_name(
        self, server, browser, client, public_client, works
    ):
        token = get_tokens(browser, public_client, scope="teams:read")["access_token"]
        for name in ({}, {"client_id": client.client_id}):
            response = server.post("revoke", token=token, **name)
            assert (response.status_code, response.json()) == (401, INVALID_CLIENT)
        assert works(token)
        assert_revoked(server.post("revoke", public_client, token=token))
        assert not works(token)

    @rfc("7009", "2.1", "MUST", "another client's token is refused")
    @each_kind
    def test_token_of_another_client(
        self, server, client, public_client, make_client, tokens, works, kind
    ):
        for other in (public_client, make_client()):
            response = server.post("revoke", other, token=tokens[kind])
            assert (response.status_code, response.json()) == (400, OTHERS_TOKEN)
            assert_uncached(response)
        assert works(tokens["access_token"])
        response = refresh(server, client, tokens["refresh_token"])
        assert response.status_code == 200


class TestRevoke:
    @rfc("7009", "2", "MUST", "refresh tokens can be revoked")
    @rfc("7009", "2", "SHOULD", "access tokens can be revoked")
    @rfc("7009", "2.1", "SHOULD", "with the refresh token all of the grant ends")
    @rfc("7009", "2.1", "MAY", "with the access token all of the grant ends")
    @rfc("7009", "2.1", "SHOULD", "what the client holds of other grants lives on")
    @rfc("7009", "2.2", "MUST", "200, when the token is invalid")
    @rfc("9110", "8.3", "SHOULD", "what has no content has no type of it")
    @pytest.mark.parametrize("of", ["first", "newer"])
    @each_kind
    def test_ends_the_grant(
        self, server, browser, client, tokens, works, revoked, kind, of
    ):
        code = get_code(browser, client, scope="teams:read")
        other = exchange(server, client, code).json()
        newer = refresh(server, client, tokens["refresh_token"]).json()
        token = {"first": tokens, "newer": newer}[of][kind]
        assert_revoked(server.post("revoke", client, token=token))
        for each in (tokens, newer):
            assert not works(each["access_token"])
        response = refresh(server, client, newer["refresh_token"])
        assert response.json() == ENDED_GRANT
        told = revoked(token)
        assert told.revoke_reason == "revoked_by_client"
        assert_revoked(server.post("revoke", client, token=token))
        assert revoked(token) == told
        assert works(other["access_token"])

    @rfc("7009", "2.1", "MUST", "the token is invalid at once, on every process")
    def test_holds_everywhere(self, servers, client, tokens, works):
        token = tokens["access_token"]
        assert [works(token, server) for server in servers] == [True] * 4
        servers[1].post("revoke", client, token=token)
        assert [works(token, server) for server in servers] == [False] * 4

    @rfc("7009", "2.2", "MUST", "200 for a token that is invalid already")
    @pytest.mark.parametrize(
        "token", ["x", "apa_" + "a" * 51, "é", "a" * 4000, "' OR 1=1 --"]
    )
    def test_unknown_token(self, server, client, token):
        assert_revoked(server.post("revoke", client, token=token))

    @rfc("7009", "2.1", "MUST", "a wrong hint doesn't keep the token from being found")
    @rfc("7009", "2.1", "MAY", "hints are ignored")
    @rfc("7009", "2.3", "OPTIONAL", "there is no callback: scripts have CORS")
    @each_kind
    def test_hint_does_not_matter(self, server, browser, client, works, kind):
        for hint in ("refresh_token", "access_token", "magic", "é", ""):
            tokens = get_tokens(browser, client, scope="teams:read")
            more = {"token_type_hint": hint, "callback": "package.my"}
            assert_revoked(server.post("revoke", client, token=tokens[kind], **more))
            assert not works(tokens["access_token"])
