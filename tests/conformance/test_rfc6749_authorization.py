"""RFC 6749 sections 3.1 and 4.1.1: what the authorization endpoint takes."""

import pytest

from tests.conformance.flow import (
    AUTHORIZE,
    REDIRECT_URI,
    authorize,
    exchange,
    parameters,
    redirected,
    target,
)

rfc = pytest.mark.rfc


def assert_page_without_redirect(response):
    assert response.status_code == 400
    assert response.headers["content-type"] == "text/html; charset=UTF-8"
    assert "location" not in response.headers


class TestRequest:
    @rfc("6749", "3.1", "MUST", "GET is supported at the authorization endpoint")
    def test_get_leads_to_a_code(self, server, browser, client):
        page = authorize(browser, client)
        assert page.status_code == 200
        answer = redirected(browser.consent(page))
        assert set(answer) == {"code", "state", "iss"}
        assert exchange(server, client, answer["code"]).status_code == 200

    @rfc("6749", "3.1", "MUST", "unknown parameters are ignored")
    def test_unknown_parameters_change_nothing(self, browser, client):
        more = {"foo": "bar", "user": "1", "code": "x", "scopes": "users:write"}
        page = authorize(browser, client, **more)
        assert page.status_code == 200
        answer = redirected(browser.consent(page))
        assert set(answer) == {"code", "state", "iss"}

    @rfc("6749", "3.1", "MUST", "a parameter without a value counts as left out")
    @pytest.mark.parametrize("name", ["scope", "state", "prompt", "redirect_uri"])
    def test_empty_parameter_is_absent(self, browser, client, name):
        page = authorize(browser, client, **{name: ""})
        assert page.status_code == 200
        assert ("state" in redirected(browser.consent(page))) == (name != "state")

    @rfc("6749", "3.1", "MUST", "no parameter is sent more than once")
    @pytest.mark.parametrize(
        "name",
        [
            "response_type",
            "scope",
            "state",
            "code_challenge",
            "code_challenge_method",
            "response_mode",
            "nonce",
            "prompt",
            "resource",
        ],
    )
    def test_repeated_parameter_is_an_error(self, browser, client, name):
        value = parameters(client, response_mode="query", prompt="consent").get(name)
        value = value or "https://api.example.com"
        response = browser.get(f"{target(client, **{name: value})}&{name}={value}")
        assert redirected(response)["error"] == "invalid_request"

    @rfc("6749", "3.1", "MUST", "no parameter is sent more than once")
    @pytest.mark.parametrize("name", ["client_id", "redirect_uri"])
    def test_repeated_client_is_not_redirected(self, browser, client, name):
        value = parameters(client)[name]
        response = browser.get(f"{target(client)}&{name}={value}")
        assert_page_without_redirect(response)

    @rfc("6749", "4.1.2.1", "MUST NOT", "an unknown client is not redirected to")
    @pytest.mark.parametrize("client_id", [None, "", "nobody", "a" * 2000, "é"])
    def test_unknown_client_gets_a_page(self, browser, client, client_id):
        assert_page_without_redirect(authorize(browser, client, client_id=client_id))

    @rfc("9110", "15.5.1", "SHOULD", "a query that is no form is 400")
    @pytest.mark.parametrize(
        "query", [b"<", b"%zz", b"client_id=%ff", b"foo", b"client_id=%", b"a=%00"]
    )
    def test_malformed_query_is_400(self, server, query):
        assert server.get_raw(AUTHORIZE.encode() + b"?" + query) == 400

    @rfc("6749", "4.1.1", "MUST", "the request names the response type")
    @rfc("6749", "4.1.2.1", "MUST", "a request without one is invalid_request")
    def test_response_type_is_required(self, browser, client):
        response = authorize(browser, client, response_type=None)
        assert redirected(response)["error"] == "invalid_request"

    @rfc("6749", "3.1.1", "MUST", "an unknown response type is refused")
    @pytest.mark.parametrize(
        "name",
        ["token", "none", "code token", "codex", "CODE", "code code", "id_token"],
    )
    def test_only_code_is_a_response_type(self, browser, client, name):
        response = authorize(browser, client, response_type=name)
        assert redirected(response)["error"] == "unsupported_response_type"

    @rfc("ASVS", "10.4.12", "L3", "the answer comes by the query, by no other mode")
    @pytest.mark.parametrize("mode", ["fragment", "form_post", "QUERY", "query.jwt"])
    def test_only_query_is_a_response_mode(self, browser, client, mode):
        response = authorize(browser, client, response_mode=mode)
        assert redirected(response)["error"] == "invalid_request"
        assert "#" not in response.headers["location"]

    @rfc("6749", "4.1.2.1", "MUST", "a client without the grant: unauthorized_client")
    def test_client_needs_the_grant(self, browser, make_client):
        client = make_client(redirect_uris=[REDIRECT_URI])
        response = authorize(browser, client)
        assert redirected(response)["error"] == "unauthorized_client"
