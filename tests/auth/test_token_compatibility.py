"""What a demonstration may switch on: parameters in the query, multipart bodies.

RFC 6749 sections 2.3.1 and 3.2 want neither, so both are off elsewhere.
"""

from unittest.mock import ANY

import pytest

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


@pytest.fixture(scope="module")
def lenient_app(make_pure_app, database_url):
    return make_pure_app(
        database_url, oauth2_query_parameters="true", oauth2_multipart="true"
    )


@pytest.fixture
def send(api, client, lenient_app):
    """A function that calls an endpoint with the client's credentials."""

    def call(query="", method="GET", endpoint="token", **kw):
        headers = basic(client.client_id, CLIENT_SECRET)
        path = f"/auth/oauth2/{endpoint}{'?' * bool(query)}{query}"
        return api(app=lenient_app).call(method, path, headers=headers, **kw)

    return call


@pytest.fixture
def send_multipart(send):
    """A function that posts parts, and returns the response."""

    def call(*parts, boundary=BOUNDARY, endpoint="token"):
        body = "".join(f"--{BOUNDARY}\r\n{part}\r\n" for part in parts)
        return send(
            "",
            "POST",
            endpoint,
            body=f"{body}--{BOUNDARY}--\r\n".encode(),
            content_type=f"multipart/form-data; boundary={boundary}",
        )

    return call


def part(name, value, more=""):
    return f'Content-Disposition: form-data; name="{name}"{more}\r\n\r\n{value}'


def assert_invalid_request(response, description):
    assert response.status_int == 400
    assert response.json == invalid_request(description)
    assert_uncached(response)


class TestParametersInTheQuery:
    @pytest.mark.parametrize("method", ["GET", "POST"])
    def test_are_taken(self, send, method):
        form = {"form": {}} if method == "POST" else {}
        response = send("grant_type=client_credentials", method, **form)
        assert (response.status_int, response.json) == (200, TOKENS)
        assert_uncached(response)

    def test_may_be_mixed_with_the_body(self, send):
        form = {"scope": "teams:read"}
        response = send("grant_type=client_credentials", "POST", form=form)
        assert response.json == {**TOKENS, "scope": "teams:read"}

    def test_may_not_be_repeated_in_the_body(self, send):
        form = {"grant_type": "client_credentials"}
        response = send("grant_type=client_credentials", "POST", form=form)
        assert_invalid_request(response, "A parameter is given more than once.")

    def test_may_not_be_repeated_in_the_query(self, send):
        query = "grant_type=client_credentials&scope=teams:read&scope=teams:read"
        assert_invalid_request(send(query), "A parameter is given more than once.")

    @pytest.mark.parametrize("method", ["HEAD", "PUT", "DELETE", "OPTIONS"])
    def test_come_by_get_or_post_alone(self, send, method):
        response = send("grant_type=client_credentials", method)
        assert response.status_int == 405
        assert response.headers["Allow"] == "GET, POST"

    def test_may_be_all_that_a_post_has(self, send):
        response = send("grant_type=client_credentials", "POST")
        assert (response.status_int, response.json) == (200, TOKENS)

    def test_what_they_wrote_is_committed(self, send, me):
        token = send("grant_type=client_credentials").json["access_token"]
        assert me(token, "/teams/").status_int == 200


class TestOtherEndpoints:
    """The settings are for token requests: nothing else is asked for by a URL."""

    @pytest.fixture
    def token(self, send):
        return send("grant_type=client_credentials").json["access_token"]

    @pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE"])
    @pytest.mark.parametrize("endpoint", ["revoke", "introspect"])
    def test_take_post_alone(self, send, me, token, endpoint, method):
        response = send(f"token={token}", method, endpoint)
        assert (response.status_int, response.headers["Allow"]) == (405, "POST")
        assert_uncached(response)
        assert me(token, "/teams/").status_int == 200

    @pytest.mark.parametrize("body", [{}, {"form": {}}, {"form": {"token": "x"}}])
    @pytest.mark.parametrize("endpoint", ["revoke", "introspect"])
    def test_take_no_query(self, send, me, token, endpoint, body):
        response = send(f"token={token}", "POST", endpoint, **body)
        assert_invalid_request(response, "Send parameters in the body.")
        assert me(token, "/teams/").status_int == 200

    @pytest.mark.parametrize("endpoint", ["revoke", "introspect"])
    def test_take_no_multipart(self, send_multipart, endpoint):
        response = send_multipart(part("token", "x"), endpoint=endpoint)
        assert response.status_int == 415


class TestMultipart:
    def test_is_taken(self, send_multipart):
        response = send_multipart(
            part("grant_type", "client_credentials"), part("scope", "teams:read")
        )
        assert response.json == {**TOKENS, "scope": "teams:read"}
        assert_uncached(response)

    def test_file_is_no_parameter(self, send_multipart):
        response = send_multipart(
            part("grant_type", "client_credentials", '; filename="file"')
        )
        assert_invalid_request(response, "A parameter is not text.")

    def test_no_parameter_is_repeated(self, send_multipart):
        grant = part("grant_type", "client_credentials")
        response = send_multipart(grant, grant)
        assert_invalid_request(response, "A parameter is given more than once.")

    @pytest.mark.parametrize("boundary", ["", "another", "é"])
    def test_malformed_body_is_refused(self, send_multipart, boundary):
        grant = part("grant_type", "client_credentials")
        response = send_multipart(grant, boundary=boundary)
        assert response.status_int == 400
        assert response.json["error"] == "invalid_request"

    def test_other_types_are_not_taken(self, send):
        response = send(
            "grant_type=client_credentials",
            "POST",
            body=b"{}",
            content_type="application/json",
        )
        assert response.status_int == 415
        assert response.headers["Accept-Post"] == (
            "application/x-www-form-urlencoded, multipart/form-data"
        )
