"""RFC 6749 section 2.3: how clients prove who they are."""

import base64
from datetime import timedelta

import pytest
from sqlalchemy import update

from apiserver.auth.models import OAuth2Client
from apiserver.auth.tokens import digest
from apiserver.core.db import now
from tests.conformance.server import basic
from tests.factories import CLIENT_SECRET

rfc = pytest.mark.rfc

GRANT = {"grant_type": "client_credentials"}
TOKEN = "/auth/oauth2/token"
ODD = "a+b%:c d/&=?'\"é\N{SNOWMAN}"


def assert_unknown_client(response):
    assert response.status_code == 401
    assert response.json()["error"] == "invalid_client"
    assert response.headers["www-authenticate"].startswith("Basic realm=")


def posted(client, secret=CLIENT_SECRET):
    return {"client_id": client.client_id, "client_secret": secret}


class TestSecret:
    @rfc("6749", "2.3.1", "MUST", "HTTP Basic is taken, id and secret form-decoded")
    def test_basic_is_form_decoded(self, server, make_client):
        client = make_client(client_id="a:b+c%20", secret_digest=digest(ODD))
        headers = basic(client.client_id, ODD)
        assert server.post("token", headers=headers, **GRANT).status_code == 200

    @rfc("6749", "2.3.1", "MAY", "the secret may be in the body")
    def test_body_is_taken(self, server, client):
        response = server.post("token", **GRANT, **posted(client))
        assert response.status_code == 200

    @rfc("7591", "2", "MUST", "the registered method is the one that is used")
    @pytest.mark.parametrize("method", ["basic", "post"])
    def test_registered_method_is_kept_to(self, server, make_client, method):
        client = make_client(token_endpoint_auth_method=f"client_secret_{method}")
        by_basic = server.post("token", client, **GRANT)
        by_post = server.post("token", **GRANT, **posted(client))
        taken, refused = (
            (by_basic, by_post) if method == "basic" else (by_post, by_basic)
        )
        assert taken.status_code == 200
        assert_unknown_client(refused)

    @rfc("6749", "2.3", "MUST NOT", "one way of authentication in a request")
    @rfc("6749", "5.2", "MUST", "two ways are invalid_request")
    def test_two_ways_are_refused(self, server, client):
        for secret in (CLIENT_SECRET, "wrong"):
            response = server.post("token", client, **GRANT, client_secret=secret)
            assert response.status_code == 400
            assert response.json()["error"] == "invalid_request"

    @rfc("6749", "2.3", "MUST NOT", "the body names no other client")
    def test_two_names_are_refused(self, server, client, public_client):
        other = {"client_id": public_client.client_id}
        response = server.post("token", client, **GRANT, **other)
        assert response.status_code == 400
        assert response.json()["error"] == "invalid_request"

    @rfc("6749", "2.3", "MUST NOT", "the body may name the same client")
    def test_same_name_is_taken(self, server, client):
        response = server.post("token", client, **GRANT, client_id=client.client_id)
        assert response.status_code == 200


class TestRefusal:
    @rfc("6749", "5.2", "MUST", "failed authentication by Basic: 401 with a challenge")
    @rfc("9110", "11.6.1", "MUST", "401 has WWW-Authenticate")
    def test_wrong_secret_by_basic(self, server, client):
        headers = basic(client.client_id, "wrong")
        assert_unknown_client(server.post("token", headers=headers, **GRANT))

    @rfc("6749", "5.2", "MAY", "failed authentication in the body: 401")
    @pytest.mark.parametrize("secret", ["wrong", "é", " ", "a" * 8000])
    def test_wrong_secret_in_the_body(self, server, client, secret):
        response = server.post("token", **GRANT, **posted(client, secret))
        assert_unknown_client(response)

    @rfc("6749", "3.2.1", "MUST", "confidential clients authenticate")
    @rfc("ASVS", "10.4.10", "L2", "confidential clients authenticate at each endpoint")
    @pytest.mark.parametrize("endpoint", ["token", "revoke", "introspect"])
    def test_name_alone_is_not_enough(self, server, client, endpoint):
        form = {**GRANT, "token": "x", "client_id": client.client_id}
        assert_unknown_client(server.post(endpoint, **form))

    @rfc("6749", "2.3", "MUST NOT", "a public client isn't authenticated by a secret")
    def test_public_client_with_a_secret(self, server, public_client):
        for secret in ("x", CLIENT_SECRET):
            form = {"grant_type": "refresh_token", "refresh_token": "x"}
            response = server.post("token", **form, **posted(public_client, secret))
            assert_unknown_client(response)

    @rfc("6749", "5.2", "MUST", "malformed credentials are 401")
    @pytest.mark.parametrize(
        "value",
        [
            b"!!!",
            b"",
            b"=",
            base64.b64encode(b"no colon"),
            base64.b64encode(b"\xff\xfe:x"),
            base64.b64encode(b"a\0b:c"),
            base64.b64encode(b"a:b\0c"),
            base64.b64encode(b"%ff:%ff"),
            base64.b64encode(b":"),
            base64.b64encode(b"a:" + b"b" * 8000),
            b"\xff\xfe",
        ],
    )
    @pytest.mark.parametrize("endpoint", ["token", "revoke", "introspect"])
    def test_malformed_basic(self, server, value, endpoint):
        headers = {"Authorization": (b"Basic " + value).strip()}
        form = {**GRANT, "token": "x"}
        assert_unknown_client(server.post(endpoint, headers=headers, **form))

    @rfc("6749", "10.10", "MUST", "who guesses doesn't learn which clients there are")
    def test_unknown_client_looks_the_same(self, server, client):
        wrong = server.post("token", headers=basic(client.client_id, "x"), **GRANT)
        unknown = server.post("token", headers=basic("nobody", "x"), **GRANT)
        assert wrong.status_code == unknown.status_code == 401
        assert wrong.content == unknown.content
        changing = {"x-request-id", "date"}
        assert [h for h in wrong.headers.items() if h[0] not in changing] == [
            h for h in unknown.headers.items() if h[0] not in changing
        ]


class TestDisabledClient:
    @rfc("6749", "5.2", "MUST", "a client that is disabled is unknown")
    @pytest.mark.parametrize("endpoint", ["token", "revoke", "introspect"])
    def test_is_refused(self, server, make_client, endpoint):
        client = make_client(enabled=False)
        form = {**GRANT, "token": "x"}
        assert_unknown_client(server.post(endpoint, client, **form))

    @rfc("6749", "5.2", "MUST", "a public client that is disabled is unknown")
    def test_public_one_is_refused(self, server, make_client):
        client = make_client(enabled=False, client_type="public", secret_digest=None)
        assert_unknown_client(server.post("revoke", client, token="x"))


class TestRotation:
    @rfc("6749", "2.3.1", "MUST", "a secret can be given anew, without a gap")
    def test_both_work_until_the_overlap_ends(
        self, server, make_client, make_user, make_token, change
    ):
        owner = make_user()
        client = make_client(owner)
        path = f"/api/v1/auth/oauth2_clients/{client.client_id}/secret"
        token = make_token(owner, scopes=["auth:write"])
        new = server.call("POST", path, token=token).json()["client_secret"]

        def status(secret):
            headers = basic(client.client_id, secret)
            return server.post("token", headers=headers, **GRANT).status_code

        assert [status(secret) for secret in (new, CLIENT_SECRET)] == [200, 200]
        change(
            update(OAuth2Client)
            .where(OAuth2Client.id == client.id)
            .values(previous_secret_expires=now() - timedelta(seconds=1))
        )
        assert [status(secret) for secret in (new, CLIENT_SECRET)] == [200, 401]
