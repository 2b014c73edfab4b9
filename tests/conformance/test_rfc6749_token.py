"""RFC 6749 sections 3.2 and 5: the token endpoint, whatever the grant."""

from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import select

from apiserver.auth.models import OAuth2Token
from apiserver.auth.tokens import digest
from apiserver.core.db import now
from tests.conformance.flow import get_tokens, refresh
from tests.conformance.server import FORM

rfc = pytest.mark.rfc

TOKEN = "/auth/oauth2/token"
CREDENTIALS = "grant_type=client_credentials"


@pytest.fixture
def send(server, client):
    """A function that posts a body to the token endpoint, as the client."""
    return partial(server.post_body, client)


def assert_uncached(response):
    assert response.headers["cache-control"] == "no-store"
    assert response.headers["pragma"] == "no-cache"


class TestRequest:
    @rfc("6749", "3.2", "MUST", "the client uses POST")
    @rfc("9110", "15.5.6", "MUST", "405 says which methods there are")
    @pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "PATCH", "DELETE"])
    @pytest.mark.parametrize("path", [TOKEN, f"{TOKEN}?{CREDENTIALS}"])
    def test_other_methods_are_405(self, server, method, path):
        response = server.call(method, path)
        assert response.status_code == 405
        assert response.headers["allow"] == "POST"
        assert_uncached(response)

    @rfc("6749", "2.3.1", "MUST NOT", "parameters aren't in the URI")
    @pytest.mark.parametrize("query", [CREDENTIALS, "client_secret=x", "x", "%zz"])
    def test_query_is_refused(self, send, query):
        response = send(CREDENTIALS, f"{TOKEN}?{query}")
        assert response.status_code == 400
        assert response.json()["error"] == "invalid_request"

    @rfc("6749", "4.1.3", "MUST", "the body is a form in UTF-8")
    @rfc("9110", "15.5.16", "SHOULD", "415 for another type")
    @pytest.mark.parametrize(
        "content_type", ["application/json", "text/plain", "multipart/form-data", "x"]
    )
    def test_body_is_a_form(self, send, content_type):
        response = send(CREDENTIALS, content_type=content_type)
        assert response.status_code == 415
        assert response.headers["accept-post"] == FORM
        assert_uncached(response)

    @rfc("6749", "3.2", "MUST", "a parameter without a value counts as left out")
    def test_empty_parameter_is_absent(self, send):
        response = send("grant_type=")
        assert response.json()["error"] == "invalid_request"
        more = "&scope=&code=&refresh_token=&client_id=&client_secret="
        assert send(CREDENTIALS + more).status_code == 200

    @rfc("6749", "3.2", "MUST", "no parameter is sent more than once")
    @pytest.mark.parametrize(
        "name",
        ["grant_type", "scope", "client_id", "code", "code_verifier", "unknown"],
    )
    def test_repeated_parameter_is_refused(self, send, name):
        response = send(f"{CREDENTIALS}&{name}=x&{name}=x")
        assert response.status_code == 400
        assert response.json()["error"] == "invalid_request"

    @rfc("6749", "6", "MUST", "a refresh token is sent once, and isn't used up if not")
    def test_repeated_refresh_token_is_not_used_up(self, server, browser, client, send):
        token = get_tokens(browser, client)["refresh_token"]
        response = send(
            f"grant_type=refresh_token&refresh_token={token}&refresh_token={token}"
        )
        assert response.json()["error"] == "invalid_request"
        assert refresh(server, client, token).status_code == 200

    @rfc("6749", "3.2", "MUST", "unknown parameters are ignored")
    def test_unknown_parameters_change_nothing(self, server, browser, client):
        tokens = get_tokens(browser, client)
        more = {
            "user": "1",
            "client": "1",
            "scopes": "users:write",
            "claims": "{}",
            "expires_in": "999999",
            "extra_credentials": "x",
            "code_challenge": "x",
            "granted": "x",
            "db": "x",
        }
        response = refresh(server, client, tokens["refresh_token"], **more)
        assert response.json().keys() == tokens.keys()
        assert response.json()["expires_in"] == tokens["expires_in"]
        assert response.json()["scope"] == tokens["scope"]


class TestSuccess:
    @rfc("6749", "5.1", "REQUIRED", "access_token and token_type, as JSON by 200")
    @rfc("6749", "5.1", "RECOMMENDED", "expires_in, in seconds")
    @rfc("6749", "5.1", "MUST", "no cache keeps the answer")
    @rfc("6749", "7.1", "MUST", "the token type is one that the client knows")
    def test_has_all_members(self, browser, server, client):
        tokens = get_tokens(browser, client)
        response = refresh(server, client, tokens["refresh_token"])
        assert response.status_code == 200
        assert response.headers["content-type"] == "application/json"
        assert_uncached(response)
        answer = response.json()
        assert set(answer) == {
            "access_token",
            "refresh_token",
            "token_type",
            "expires_in",
            "scope",
        }
        assert answer["token_type"] == "Bearer"
        assert (type(answer["expires_in"]), answer["expires_in"]) == (int, 900)

    @rfc("6749", "5.1", "RECOMMENDED", "expires_in is how long the token lives")
    def test_expiry_is_the_stored_one(self, browser, client, select_all):
        tokens = get_tokens(browser, client)
        stored = select(OAuth2Token.expires, OAuth2Token.created).where(
            OAuth2Token.digest == digest(tokens["access_token"])
        )
        ((expires, created),) = select_all(stored)
        lifetime = timedelta(seconds=tokens["expires_in"])
        assert abs(expires - created - lifetime) <= timedelta(seconds=1)
        assert timedelta(seconds=0) <= now() - created < timedelta(seconds=60)
