"""RFC 6749 section 5.2: what the token endpoint answers where it gives no token."""

import re
from functools import partial

import pytest

from tests.conformance.flow import exchange
from tests.conformance.test_rfc6749_token import assert_uncached
from tests.oauth_errors import UNAUTHORIZED_CLIENT, UNSUPPORTED_GRANT

rfc = pytest.mark.rfc

# What is wrong though the client is known.
WRONG = {
    "no grant_type": {},
    "unknown grant_type": {"grant_type": "magic"},
    "no code": {"grant_type": "authorization_code"},
    "wrong code": {"grant_type": "authorization_code", "code": "x"},
    "no refresh_token": {"grant_type": "refresh_token"},
    "wrong refresh_token": {"grant_type": "refresh_token", "refresh_token": "x"},
    "wrong scope": {"grant_type": "client_credentials", "scope": "nothing"},
}
UNKNOWN = {
    "no client": {"grant_type": "client_credentials"},
    "unknown client": {"grant_type": "client_credentials", "client_id": "nobody"},
}
REGISTERED = {
    "invalid_request",
    "invalid_client",
    "invalid_grant",
    "unauthorized_client",
    "unsupported_grant_type",
    "invalid_scope",
}


@pytest.fixture
def send(server, client):
    """A function that posts a body to the token endpoint, as the client."""
    return partial(server.post_body, client)


@rfc("6749", "5.2", "MUST", "an error names one of the registered codes")
@rfc("6749", "5.2", "MUST", "an error is 400, or 401 for a client that is unknown")
@rfc("6749", "5.1", "MUST", "no cache keeps an error either")
class TestAnyError:
    @pytest.mark.parametrize("form", WRONG.values(), ids=WRONG)
    def test_is_400(self, server, client, form):
        # A state is no parameter of this endpoint, so it isn't sent back.
        response = server.post("token", client, **form, state="xyz")
        assert_error(response, 400)

    @pytest.mark.parametrize("form", UNKNOWN.values(), ids=UNKNOWN)
    def test_is_401_for_an_unknown_client(self, server, form):
        assert_error(server.post("token", **form, state="xyz"), 401)


def assert_error(response, status):
    assert response.status_code == status
    assert response.headers["content-type"] == "application/json"
    assert_uncached(response)
    document = response.json()
    assert document["error"] in REGISTERED
    assert set(document) <= {"error", "error_description", "error_uri"}
    description = document.get("error_description", "")
    assert re.fullmatch(r"[\x20-\x21\x23-\x5b\x5d-\x7e]*", description)


class TestError:
    @rfc("6749", "5.2", "MUST", "a request without a grant type: invalid_request")
    @pytest.mark.parametrize("body", ["", "scope=teams:read", "grant_type", "&&", "="])
    def test_missing_grant_type(self, send, body):
        response = send(body)
        assert response.status_code == 400
        assert response.json()["error"] == "invalid_request"

    @rfc("6749", "5.2", "MUST", "an unknown grant type: unsupported_grant_type")
    @pytest.mark.parametrize(
        "name",
        ["implicit", "token", "urn:ietf:params:oauth:grant-type:device_code", "é"],
    )
    def test_unknown_grant_type(self, server, client, name):
        response = server.post("token", client, grant_type=name)
        assert response.status_code == 400
        assert response.json() == UNSUPPORTED_GRANT

    @rfc("6749", "5.2", "MUST", "a grant that the client may not use")
    def test_unauthorized_client(self, server, make_client):
        client = make_client(grant_types=["authorization_code"])
        response = server.post("token", client, grant_type="client_credentials")
        assert response.status_code == 400
        assert response.json() == UNAUTHORIZED_CLIENT

    @rfc("6749", "5.2", "MUST", "what is wrong with a form is invalid_request")
    @pytest.mark.parametrize("body", [b"grant_type=%ff", b"\xff=x", b"grant_type=a%00"])
    def test_malformed_form(self, send, body):
        response = send(body)
        assert response.status_code == 400
        assert response.json()["error"] == "invalid_request"

    @rfc("6749", "4.1.3", "REQUIRED", "the token request has the code")
    def test_missing_code(self, server, client):
        response = exchange(server, client, "")
        assert response.json()["error"] == "invalid_request"
