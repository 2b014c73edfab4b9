"""RFC 6749 section 4.4: clients that act for themselves."""

from unittest.mock import ANY

import pytest

from apiserver.auth.tokens import digest
from tests.conformance.flow import assert_refused, assert_uncached
from tests.conformance.server import basic
from tests.factories import CLIENT_SECRET
from tests.oauth_errors import INVALID_CLIENT, UNAUTHORIZED_CLIENT

rfc = pytest.mark.rfc

GRANT = {"grant_type": "client_credentials"}
TOKEN = {"access_token": ANY, "token_type": "Bearer", "expires_in": 900}
EVERYTHING = ("auth:read", "auth:write", "teams:read", "teams:write", "users:read")


class TestToken:
    @rfc("6749", "4.4.3", "SHOULD NOT", "there is no refresh token")
    def test_is_not_refreshed(self, server, make_client):
        client = make_client(default_scopes=("teams:read", "users:read"))
        for scope in ("teams:read users:read", "users:read"):
            response = server.post("token", client, **GRANT, scope=scope)
            assert response.json() == {**TOKEN, "scope": scope}
            assert_uncached(response)
        token = response.json()["access_token"]
        assert server.call("GET", "/api/v1/teams/", token=token).status_code == 403

    @rfc("6749", "4.4", "MUST", "only confidential clients act for themselves")
    @rfc("6749", "4.4.2", "MUST", "the client authenticates")
    @pytest.mark.parametrize("has_secret", [True, False])
    def test_public_client_needs_one(self, server, make_client, has_secret):
        """One that has a secret, as the demo client, has to present it."""
        client = make_client(
            client_type="public",
            secret_digest=digest(CLIENT_SECRET) if has_secret else None,
            grant_types=("client_credentials",),
        )
        name = {"client_id": client.client_id}
        for sent in (
            name,
            {**name, "client_secret": "guess"},
            {"headers": basic(client.client_id, "")},
            {"headers": basic(client.client_id, "guess")},
        ):
            response = server.post("token", **GRANT, **sent)
            assert_refused(response, INVALID_CLIENT, 401)
        response = server.post("token", **GRANT, **name, client_secret=CLIENT_SECRET)
        assert response.status_code == (200 if has_secret else 401)

    @rfc("6749", "5.2", "MUST", "a grant that the client may not use")
    def test_grant_must_be_allowed(self, server, make_client):
        client = make_client(grant_types=("authorization_code",))
        response = server.post("token", client, **GRANT)
        assert_refused(response, UNAUTHORIZED_CLIENT)


class TestSubject:
    @pytest.fixture
    def client(self, make_client):
        """A client that may do for itself whatever there is."""
        return make_client(default_scopes=EVERYTHING)

    @rfc("9700", "4.15", "SHOULD", "its owner's rights are not a client's")
    @rfc("6749", "4.4.3", "MUST", "the token opens what is the client's")
    def test_is_not_its_owner(self, server, client):
        token = server.post("token", client, **GRANT).json()["access_token"]
        owners = f"users/{client.user_id}"
        paths = ("teams/", f"auth/oauth2_clients/{client.client_id}", owners)
        answers = [server.call("GET", f"/api/v1/{path}", token=token) for path in paths]
        assert [answer.status_code for answer in answers] == [200, 403, 403]
