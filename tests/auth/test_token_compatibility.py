"""What a demonstration may switch on: parameters in the query, multipart bodies.

RFC 6749 sections 2.3.1 and 3.2 want neither, so both are off elsewhere.
"""

from unittest.mock import ANY

import pytest

from apiserver.core.http import FORM, MULTIPART
from tests.auth.conftest import assert_uncached
from tests.conformance.server import basic
from tests.factories import CLIENT_SECRET
from tests.oauth_errors import invalid_request

TOKENS = {
    "access_token": ANY,
    "token_type": "Bearer",
    "expires_in": 900,
    "scope": "teams:read users:read",
}
BOUNDARY = "xxx"
GRANT = "grant_type=client_credentials"
OTHERS = ("revoke", "introspect")


@pytest.fixture
def send(api, client, shared_app):
    """A function that calls an endpoint with the client's credentials."""
    app = shared_app(oauth2_query_parameters="true", oauth2_multipart="true")

    def call(query="", method="GET", endpoint="token", **kw):
        headers = basic(client.client_id, CLIENT_SECRET)
        path = f"/auth/oauth2/{endpoint}{'?' * bool(query)}{query}"
        response = api(app=app).call(method, path, headers=headers, **kw)
        assert_uncached(response)
        return response

    return call


@pytest.fixture
def send_multipart(send):
    """A function that posts parts, and returns the response."""

    def call(*parts, boundary=BOUNDARY, endpoint="token"):
        body = "".join(f"--{BOUNDARY}\r\n{part}\r\n" for part in parts)
        body = f"{body}--{BOUNDARY}--\r\n".encode()
        content_type = f"{MULTIPART}; boundary={boundary}"
        return send("", "POST", endpoint, body=body, content_type=content_type)

    return call


def part(name, value, more=""):
    return f'Content-Disposition: form-data; name="{name}"{more}\r\n\r\n{value}'


def assert_invalid_request(response, description):
    assert response.status_int == 400
    assert response.json == invalid_request(description)


class TestParametersInTheQuery:
    @pytest.mark.parametrize(
        ("method", "form"), [("GET", {}), ("POST", {"form": {}}), ("POST", {})]
    )
    def test_are_taken(self, send, me, method, form):
        response = send(GRANT, method, **form)
        assert (response.status_int, response.json) == (200, TOKENS)
        # What was written is committed.
        assert me(response.json["access_token"], "/teams/").status_int == 200

    def test_may_be_mixed_with_the_body(self, send):
        response = send(GRANT, "POST", form={"scope": "teams:read"})
        assert response.json == {**TOKENS, "scope": "teams:read"}

    def test_may_not_be_repeated(self, send):
        in_body = send(GRANT, "POST", form={"grant_type": "client_credentials"})
        in_query = send(f"{GRANT}&scope=teams:read&scope=teams:read")
        for response in (in_body, in_query):
            assert_invalid_request(response, "A parameter is given more than once.")

    @pytest.mark.parametrize("method", ["HEAD", "PUT", "DELETE", "OPTIONS"])
    def test_come_by_get_or_post_alone(self, send, method):
        response = send(GRANT, method)
        assert (response.status_int, response.headers["Allow"]) == (405, "GET, POST")


@pytest.mark.parametrize("endpoint", OTHERS)
class TestOtherEndpoints:
    """The settings are for token requests: nothing else is asked for by a URL."""

    def test_take_post_alone(self, send, me, endpoint):
        token = send(GRANT).json["access_token"]
        for method in ("GET", "HEAD", "PUT", "DELETE"):
            response = send(f"token={token}", method, endpoint)
            assert (response.status_int, response.headers["Allow"]) == (405, "POST")
        for body in ({}, {"form": {}}, {"form": {"token": "x"}}):
            response = send(f"token={token}", "POST", endpoint, **body)
            assert_invalid_request(response, "Send parameters in the body.")
        assert me(token, "/teams/").status_int == 200

    def test_take_no_multipart(self, send_multipart, endpoint):
        response = send_multipart(part("token", "x"), endpoint=endpoint)
        assert response.status_int == 415


class TestMultipart:
    GRANT = part("grant_type", "client_credentials")

    def test_is_taken(self, send_multipart):
        response = send_multipart(self.GRANT, part("scope", "teams:read"))
        assert response.json == {**TOKENS, "scope": "teams:read"}

    def test_has_each_parameter_once_and_as_text(self, send_multipart):
        response = send_multipart(self.GRANT, self.GRANT)
        assert_invalid_request(response, "A parameter is given more than once.")
        file = part("grant_type", "client_credentials", '; filename="file"')
        assert_invalid_request(send_multipart(file), "A parameter is not text.")

    @pytest.mark.parametrize("boundary", ["", "another", "é"])
    def test_malformed_body_is_refused(self, send_multipart, boundary):
        response = send_multipart(self.GRANT, boundary=boundary)
        assert response.status_int == 400
        assert response.json["error"] == "invalid_request"

    def test_other_types_are_not_taken(self, send):
        response = send(GRANT, "POST", body=b"{}", content_type="application/json")
        assert response.status_int == 415
        assert response.headers["Accept-Post"] == f"{FORM}, {MULTIPART}"
