"""RFC 6749 section 2.3: how clients prove who they are."""

import base64
from datetime import timedelta

import pytest

from apiserver.auth.models import OAuth2Client
from apiserver.auth.tokens import digest
from apiserver.core.db import now
from tests.conformance.flow import assert_refused
from tests.conformance.server import basic
from tests.factories import CLIENT_SECRET
from tests.oauth_errors import (
    INVALID_CLIENT,
    MALFORMED_BASIC,
    invalid_request,
    oauth_error,
)

rfc = pytest.mark.rfc

GRANT = {"grant_type": "client_credentials"}
ODD = "a+b%:c d/&=?'\"é\N{SNOWMAN}"
BARE = "KQ()SWK)*^&SQ"
# Each of the endpoints, and each grant of the first one.
FORMS = [
    ("token", GRANT),
    ("token", {"grant_type": "refresh_token", "refresh_token": "x"}),
    ("token", {"grant_type": "authorization_code", "code": "x"}),
    ("revoke", {"token": "x"}),
    ("introspect", {"token": "x"}),
]
each_endpoint = pytest.mark.parametrize(("endpoint", "form"), FORMS)


def encoded(text):
    raw = text if isinstance(text, bytes) else text.encode()
    return base64.b64encode(raw)


# What no client can have sent, and what is nobody's.
MALFORMED = [
    b"",
    b"=",
    b"!!!",
    b"YTpi YTpi",
    b"\xff\xfe",
    *map(encoded, [b"no colon", b"\xff\xfe:x", b"a\0b:c", b"a:b\0c"]),
    *map(encoded, [b"a%00:b", b"a:b%00"]),
]
NOBODYS = [b":", b"%ff:%ff", b"%ed%a0%80:x", b"a:b:c", b"a:" + b"b" * 6000]
NOBODYS = [*map(encoded, NOBODYS)]


def posted(client, secret=CLIENT_SECRET):
    return {"client_id": client.client_id, "client_secret": secret}


def assert_invalid_client(response, document=INVALID_CLIENT):
    assert_refused(response, document, 401)
    assert response.headers["www-authenticate"] == 'Basic realm="apiserver"'
    assert response.headers["content-type"] == "application/json"


class TestSecret:
    @rfc("6749", "2.3.1", "MUST", "HTTP Basic is taken, id and secret form-decoded")
    @pytest.mark.parametrize("scheme", ["Basic", "basic", "BASIC"])
    def test_basic_is_form_decoded(self, server, make_client, scheme):
        client_id = "a:b+c%20" if scheme == "Basic" else f"client+%{scheme}"
        client = make_client(client_id=client_id, secret_digest=digest(ODD))
        value = basic(client.client_id, ODD)["Authorization"]
        headers = {"Authorization": value.replace("Basic", scheme)}
        assert server.post("token", headers=headers, **GRANT).status_code == 200

    @rfc("6749", "2.3.1", "MUST", "what needs no encoding may be sent bare")
    def test_basic_may_be_bare(self, server, make_client):
        client = make_client(secret_digest=digest(BARE))
        value = encoded(f"{client.client_id}:{BARE}").decode()
        headers = {"Authorization": f"Basic {value}"}
        assert server.post("token", headers=headers, **GRANT).status_code == 200

    @rfc("6749", "2.3.1", "MAY", "the secret may be in the body")
    @rfc("6749", "2.3", "MUST NOT", "the body may name the same client")
    def test_body_is_taken(self, server, client):
        name = {"client_id": client.client_id}
        for response in (
            server.post("token", **GRANT, **posted(client)),
            server.post("token", client, **GRANT, **name),
        ):
            assert response.status_code == 200

    @rfc("7591", "2", "MUST", "the registered method is the one that is used")
    @pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post"])
    def test_registered_method_is_kept_to(self, server, make_client, method):
        client = make_client(token_endpoint_auth_method=method)
        told = oauth_error("invalid_client", f"The client must use {method}.")
        for secret in (CLIENT_SECRET, "x"):
            ways = {
                "client_secret_basic": {"headers": basic(client.client_id, secret)},
                "client_secret_post": posted(client, secret),
            }
            response = server.post("token", **GRANT, **ways.pop(method))
            if secret == CLIENT_SECRET:
                assert response.status_code == 200
            else:
                assert_invalid_client(response)
            (other,) = ways.values()
            document = told if secret == CLIENT_SECRET else INVALID_CLIENT
            assert_invalid_client(server.post("token", **GRANT, **other), document)

    @rfc("6749", "2.3", "MUST NOT", "one way of authentication in a request")
    @rfc("6749", "5.2", "MUST", "two ways are invalid_request")
    def test_two_ways_are_refused(self, server, client):
        document = invalid_request("Use only one way to authenticate the client.")
        for more in (
            {"client_secret": CLIENT_SECRET},
            {"client_secret": "wrong"},
            {"client_id": "another"},
        ):
            response = server.post("token", client, **GRANT, **more)
            assert_refused(response, document)


class TestRefusal:
    @rfc("6749", "5.2", "MUST", "failed authentication by Basic: 401 with a challenge")
    @rfc("6749", "5.2", "MAY", "failed authentication in the body: 401")
    @rfc("6749", "5.2", "MUST", "a client that is disabled is unknown")
    @rfc("6749", "10.10", "MUST", "who guesses doesn't learn which clients there are")
    @rfc("9110", "11.6.1", "MUST", "401 has WWW-Authenticate")
    @each_endpoint
    def test_looks_the_same(self, server, client, make_client, endpoint, form):
        disabled = make_client(enabled=False)
        public = {"client_type": "public", "secret_digest": None}
        tried = [
            (client.client_id, "wrong"),
            (client.client_id, "é"),
            (client.client_id, "a" * 8000),
            (f"no{client.client_id}", CLIENT_SECRET),
            (disabled.client_id, CLIENT_SECRET),
            (make_client(enabled=False, **public).client_id, ""),
            ("", ""),
        ]
        headers = set()
        for name, secret in tried:
            by_post = {"client_id": name, "client_secret": secret}
            for sent in ({"headers": basic(name, secret)}, by_post):
                response = server.post(endpoint, **form, **sent)
                assert_invalid_client(response)
                headers.add(tuple(sorted(response.headers)))
        assert len(headers) == 1

    @rfc("6749", "3.2.1", "MUST", "confidential clients authenticate")
    @rfc("ASVS", "10.4.10", "L2", "confidential clients authenticate at each endpoint")
    @each_endpoint
    def test_name_alone_is_not_enough(self, server, client, endpoint, form):
        name = client.client_id
        bearer = {"Authorization": f"Bearer {CLIENT_SECRET}"}
        for sent in ({}, {"client_id": name}, {"headers": basic(name, "")}):
            assert_invalid_client(server.post(endpoint, **form, **sent))
        assert_invalid_client(server.post(endpoint, headers=bearer, **form))

    @rfc("6749", "2.3", "MUST NOT", "a public client isn't authenticated by a secret")
    @pytest.mark.parametrize("own", [None, digest("its own")])
    def test_public_client_with_a_secret(self, server, make_client, own):
        client = make_client(client_type="public", secret_digest=own)
        form = {"token": "x"}
        for secret in ("x", CLIENT_SECRET):
            headers = basic(client.client_id, secret)
            for sent in ({"headers": headers}, posted(client, secret)):
                assert_invalid_client(server.post("revoke", **form, **sent))
        headers = basic(client.client_id, "")
        assert server.post("revoke", headers=headers, **form).status_code == 200

    @rfc("6749", "5.2", "MUST", "malformed credentials are 401")
    @pytest.mark.parametrize("value", [*MALFORMED, *NOBODYS])
    def test_malformed_basic(self, server, value):
        headers = {"Authorization": (b"Basic " + value).strip()}
        response = server.post("token", headers=headers, **GRANT)
        document = INVALID_CLIENT if value in NOBODYS else MALFORMED_BASIC
        assert_invalid_client(response, document)


class TestRotation:
    @rfc("6749", "2.3.1", "MUST", "a secret can be given anew, without a gap")
    def test_both_work_until_the_overlap_ends(
        self, server, make_client, make_user, make_token, change
    ):
        owner = make_user()
        client = make_client(owner)
        path = f"/api/v1/auth/oauth2_clients/{client.client_id}/secret"
        token = make_token(owner, scopes=["auth:write"])

        def renew():
            return server.call("POST", path, token=token).json()["client_secret"]

        def statuses(*secrets):
            headers = [basic(client.client_id, secret) for secret in secrets]
            answers = [server.post("token", headers=each, **GRANT) for each in headers]
            return [answer.status_code for answer in answers]

        new = renew()
        assert statuses(new, CLIENT_SECRET) == [200, 200]
        newest = renew()
        assert statuses(newest, new, CLIENT_SECRET) == [200, 200, 401]
        past = now() - timedelta(seconds=1)
        change(OAuth2Client.id == client.id, previous_secret_expires=past)
        assert statuses(newest, new) == [200, 401]
