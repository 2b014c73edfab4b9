"""Bad input: the endpoints that OAuth2 itself defines, whatever a parameter holds.

Which forms they refuse, and how, is in ``tests/auth/test_errors.py``.
"""

import base64

import pytest

from tests.factories import CLIENT_SECRET
from tests.problems import problem

pytestmark = pytest.mark.usefixtures("client", "unchanged")

ENDPOINTS = ("token", "revoke", "introspect")

JUNK = ("\0", "a\0b", "\x1b", "x" * 5000, "\U0001f4a9")

PARAMETERS = {
    "token": [
        {"grant_type": "password", "username": "someone", "password": "secret"},
        {"grant_type": "refresh_token", "refresh_token": "x"},
        {"grant_type": "authorization_code", "code": "x", "code_verifier": "y" * 43},
    ],
    "revoke": [{"token": "x", "token_type_hint": "access_token"}],
    "introspect": [{"token": "x", "token_type_hint": "access_token"}],
}

COMMON = ("scope", "client_id", "client_secret")


@pytest.fixture
def client(make_client):
    """A client that may use every grant."""
    grants = "password refresh_token authorization_code client_credentials"
    return make_client(first_party=True, grant_types=tuple(grants.split()))


@pytest.fixture
def call(caller, client):
    """A function that calls an endpoint as the client, without any token."""
    caller.token = None
    credentials = f"{client.client_id}:{CLIENT_SECRET}".encode()
    basic = "Basic " + base64.b64encode(credentials).decode()

    def send(endpoint, form, authorization=basic):
        headers = {"Authorization": authorization}
        path = f"/auth/oauth2/{endpoint}"
        return caller.call("POST", path, headers=headers, form=form)

    return send


def assert_refused(response, *statuses):
    """An error of RFC 6749 section 5.2, or a problem document."""
    assert response.status_int in statuses
    if response.status_int == 200:
        assert response.body in (b"", b'{"active":false}')
    elif response.content_type == "application/json":
        assert set(response.json) <= {"error", "error_description"}
        assert response.json["error"] != "server_error"
        assert response.headers["Cache-Control"] == "no-store"
    else:
        assert response.content_type == "application/problem+json"
        assert response.json == problem(response.status_int)


NO_CREDENTIALS = [
    b"",
    b":",
    b"a",
    b"a\0b:c",
    b"a%00b:c",
    b"a:%00",
    b"\xff:\xff",
    b"%ff:%ff",
    b"%ed%a0%80:x",
    b"x" * 40_000 + b":y",
    b"a:b:c",
]

NO_BASIC = ["Basic", "Basic ", "Basic %%%", "Basic \xff", "Basic YQ", "Digest x"]


@pytest.mark.parametrize("endpoint", ENDPOINTS)
class TestForm:
    @pytest.mark.parametrize("junk", JUNK, ids=lambda text: ascii(text[:10]))
    def test_with_junk_in_a_parameter_is_refused(self, call, endpoint, junk):
        for parameters in PARAMETERS[endpoint]:
            for name in (*parameters, *COMMON):
                response = call(endpoint, {**parameters, name: junk})
                # An unknown token is no error (RFC 7009 2.2, RFC 7662 2.2).
                unknown = () if endpoint == "token" or "\0" in junk else (200,)
                assert_refused(response, 400, 401, *unknown)

    def test_with_junk_for_credentials_is_refused(self, call, endpoint):
        form = {"grant_type": "client_credentials", "token": "x"}
        encoded = [base64.b64encode(junk).decode() for junk in NO_CREDENTIALS]
        for header in (*NO_BASIC, *(f"Basic {junk}" for junk in encoded)):
            response = call(endpoint, form, header)
            assert_refused(response, 400, 401)
