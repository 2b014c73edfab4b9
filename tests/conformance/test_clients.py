"""Clients as others have written them: Authlib, and requests-oauthlib."""

import pytest
import requests_oauthlib
from authlib.integrations.requests_client import OAuth2Session as AuthlibSession
from oauthlib.oauth2 import BackendApplicationClient

from tests.conformance.flow import REDIRECT_URI, VERIFIER, redirected
from tests.factories import CLIENT_SECRET

rfc = pytest.mark.rfc

SCOPE = "teams:read users:read"


@pytest.fixture
def direct_server(all_servers):
    return all_servers["direct"]


@pytest.fixture
def metadata(direct_server):
    """What a client finds out by itself."""
    path = "/.well-known/oauth-authorization-server"
    document = direct_server.call("GET", path).json()
    assert document["issuer"] == direct_server.url
    return document


@pytest.fixture
def answer_to(direct_server, make_browser, user, metadata):
    """A function that lets the user consent, and returns where he is sent back to."""

    def call(uri):
        browser = make_browser(user, direct_server)
        response = browser.consent(browser.get(uri))
        assert redirected(response)["iss"] == metadata["issuer"]
        return response.headers["location"]

    return call


@pytest.fixture
def me(direct_server):
    return f"{direct_server.url}/api/v1/users/me"


class TestAuthlib:
    @pytest.fixture
    def make_session(self, metadata):
        sessions = []

        def make(client, method, **kw):
            secret = None if method == "none" else CLIENT_SECRET
            session = AuthlibSession(
                client.client_id,
                secret,
                token_endpoint_auth_method=method,
                revocation_endpoint_auth_method=method,
                scope=SCOPE,
                redirect_uri=REDIRECT_URI,
                code_challenge_method="S256",
                token_endpoint=metadata["token_endpoint"],
                **kw,
            )
            sessions.append(session)
            return session

        yield make
        for session in sessions:
            session.close()

    @rfc("6749", "4.1", "MUST", "Authlib runs the code flow with PKCE")
    @rfc("6749", "6", "MUST", "Authlib refreshes tokens")
    @rfc("7009", "2", "MUST", "Authlib revokes tokens")
    @pytest.mark.parametrize(
        "method", ["client_secret_basic", "client_secret_post", "none"]
    )
    def test_acts_for_a_user(
        self, make_session, metadata, answer_to, me, client, public_client, method, user
    ):
        session = make_session(public_client if method == "none" else client, method)
        uri, state = session.create_authorization_url(
            metadata["authorization_endpoint"], code_verifier=VERIFIER
        )
        token = session.fetch_token(
            authorization_response=answer_to(uri), state=state, code_verifier=VERIFIER
        )
        assert token["scope"] == SCOPE
        assert session.get(me).json()["id"] == user.id

        newer = session.refresh_token()
        assert newer["access_token"] != token["access_token"]
        assert session.get(me).status_code == 200

        response = session.revoke_token(
            metadata["revocation_endpoint"], newer["refresh_token"], "refresh_token"
        )
        assert response.status_code == 200
        assert session.get(me).status_code == 401

    @rfc("6749", "4.4", "MUST", "Authlib acts for itself")
    @rfc("7662", "2", "MUST", "Authlib introspects tokens")
    def test_acts_for_itself(self, make_session, metadata, client):
        session = make_session(client, "client_secret_basic")
        token = session.fetch_token(grant_type="client_credentials")
        assert "refresh_token" not in token
        response = session.introspect_token(
            metadata["introspection_endpoint"], token["access_token"]
        )
        assert response.json()["sub"] == client.client_id


class TestRequestsOAuthlib:
    @pytest.fixture(autouse=True)
    def allow_http(self, monkeypatch):
        monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")

    @rfc("6749", "4.1", "MUST", "requests-oauthlib runs the code flow with PKCE")
    @rfc("6749", "6", "MUST", "requests-oauthlib refreshes tokens")
    def test_acts_for_a_user(self, metadata, answer_to, me, client, user):
        with requests_oauthlib.OAuth2Session(
            client.client_id, redirect_uri=REDIRECT_URI, scope=SCOPE, pkce="S256"
        ) as session:
            uri, _ = session.authorization_url(metadata["authorization_endpoint"])
            session.fetch_token(
                metadata["token_endpoint"],
                authorization_response=answer_to(uri),
                client_secret=CLIENT_SECRET,
            )
            assert session.get(me).json()["id"] == user.id
            session.refresh_token(
                metadata["token_endpoint"], auth=(client.client_id, CLIENT_SECRET)
            )
            assert session.get(me).status_code == 200

    @rfc("6749", "4.4", "MUST", "requests-oauthlib acts for itself")
    def test_acts_for_itself(self, metadata, direct_server, client):
        with requests_oauthlib.OAuth2Session(
            client=BackendApplicationClient(client.client_id, scope=SCOPE)
        ) as session:
            session.fetch_token(
                metadata["token_endpoint"], auth=(client.client_id, CLIENT_SECRET)
            )
            response = session.get(f"{direct_server.url}/api/v1/teams/")
            assert response.status_code == 200
