"""RFC 7662: token introspection."""

from datetime import timedelta
from unittest.mock import ANY

import pytest

from apiserver.auth.models import OAuth2Client, OAuth2Token
from apiserver.auth.tokens import digest
from apiserver.core.db import now
from apiserver.users.models import User
from tests.conformance.flow import assert_uncached, get_tokens, refresh
from tests.conformance.server import ISSUER
from tests.oauth_errors import INVALID_CLIENT, oauth_error
from tests.settings import SHIPPED

rfc = pytest.mark.rfc

SINGLE = "https://refeds.org/profile/sfa"
ACR = {"acr": SINGLE} if "factors" in SHIPPED.split() else {}

INACTIVE = {"active": False}


@pytest.fixture
def tokens(browser, client):
    return get_tokens(browser, client, scope="teams:read users:read")


@pytest.fixture
def ask(server, client):
    """A function that introspects a token, and returns the document."""

    def call(token, client=client, **form):
        response = server.post("introspect", client, token=token, **form)
        assert response.status_code == 200
        assert response.headers["content-type"] == "application/json"
        assert_uncached(response)
        return response.json()

    return call


class TestCaller:
    @rfc("7662", "2.1", "MUST", "the endpoint requires authorization")
    @rfc("7662", "4", "MUST", "nobody scans for tokens without authorization")
    @rfc("7662", "2.3", "MUST", "a caller who is unknown gets 401")
    def test_anonymous_is_refused(self, server, tokens):
        bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
        for headers in ({}, bearer):
            response = server.post("introspect", headers=headers, token="x")
            assert (response.status_code, response.json()) == (401, INVALID_CLIENT)
            assert response.headers["www-authenticate"].startswith("Basic realm=")

    @rfc("7662", "2.1", "MUST", "a public client's name is no authorization")
    def test_public_client_is_refused(self, server, browser, public_client):
        tokens = get_tokens(browser, public_client)
        token = tokens["access_token"]
        response = server.post("introspect", public_client, token=token)
        document = oauth_error(
            "invalid_client", "Public clients can't introspect tokens."
        )
        assert (response.status_code, response.json()) == (401, document)

    @rfc("7662", "2.2", "MUST", "a token that isn't for the caller is inactive to it")
    def test_token_of_another_client(self, ask, make_client, tokens):
        assert ask(tokens["access_token"], make_client()) == INACTIVE

    @rfc("7662", "4", "SHOULD", "resource servers of the operator know all tokens")
    def test_first_party_client_knows_all(self, ask, make_client, tokens, client):
        resource_server = make_client(first_party=True)
        document = ask(tokens["access_token"], resource_server)
        assert document["client_id"] == client.client_id


class TestActive:
    @rfc("7662", "2.1", "OPTIONAL", "token_type_hint, which may be wrong")
    @rfc("7662", "2.2", "REQUIRED", "active")
    @rfc("ASVS", "10.3.3", "L2", "users are told apart by what isn't given anew")
    @rfc("7662", "4", "SHOULD", "a document isn't kept longer than it is true")
    @rfc(
        "7662", "2.2", "OPTIONAL", "scope, client_id, username, exp, iat, sub, aud, iss"
    )
    def test_document_of_a_user(self, ask, tokens, client, user):
        document = ask(tokens["access_token"])
        for hint in ("access_token", "refresh_token", "magic"):
            assert ask(tokens["access_token"], token_type_hint=hint) == document
        assert document == {
            "active": True,
            "scope": ANY,
            "client_id": client.client_id,
            "username": user.username,
            "token_type": "Bearer",
            "exp": ANY,
            "iat": ANY,
            "sub": str(user.id),
            "auth_time": ANY,
            "amr": ["pwd"],
            **ACR,
            "aud": ISSUER,
            "iss": ISSUER,
        }
        assert sorted(document["scope"].split()) == ["teams:read", "users:read"]
        assert document["exp"] - document["iat"] in {899, 900, 901}
        assert abs(document["iat"] - now().timestamp()) < 60

    @rfc("9700", "4.15", "SHOULD", "a client's token names no user")
    def test_document_of_a_client(self, ask, server, client):
        answer = server.post("token", client, grant_type="client_credentials").json()
        document = ask(answer["access_token"])
        assert document["sub"] == client.client_id
        assert "username" not in document


@rfc("7662", "2.2", "MUST", "an inactive token: active is false")
@rfc("7662", "2.2", "SHOULD NOT", "an inactive token: nothing else is told")
class TestInactive:
    @pytest.mark.parametrize(
        "token", ["x", "é", "apa_" + "a" * 51, "a" * 4000, "' OR 1=1 --"]
    )
    def test_unknown_token(self, ask, token):
        assert ask(token) == INACTIVE

    def test_token_that_has_ended(self, ask, server, browser, client, change):
        """By its time, by its client, or by a replay of its refresh token."""
        expired, revoked, replayed = (
            get_tokens(browser, client, scope="teams:read") for _ in range(3)
        )
        token = OAuth2Token.digest == digest(expired["access_token"])
        change(token, expires=now() - timedelta(seconds=1))
        server.post("revoke", client, token=revoked["refresh_token"])
        for _ in range(2):
            refresh(server, client, replayed["refresh_token"])
        for tokens in (expired, revoked, replayed):
            assert ask(tokens["access_token"]) == INACTIVE

    def test_token_of_whoever_has_ended(
        self, ask, make_client, make_browser, make_user, tokens, user, client, change
    ):
        resource_server = make_client(first_party=True)
        other = get_tokens(make_browser(make_user()), client)["access_token"]
        change(User.id == user.id, is_active=False)
        assert ask(tokens["access_token"], resource_server) == INACTIVE
        assert ask(other, resource_server)["active"] is True
        change(OAuth2Client.id == client.id, enabled=False)
        assert ask(other, resource_server) == INACTIVE

    @rfc("7662", "2.2", "MUST", "a refresh token isn't reported as an access token")
    def test_refresh_token(self, ask, tokens):
        assert ask(tokens["refresh_token"]) == INACTIVE
