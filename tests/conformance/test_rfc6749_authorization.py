"""RFC 6749 section 4.1: authorization requests, and what is wrong with them."""

import re

import pytest

from tests.conformance.flow import (
    AUTHORIZE,
    REDIRECT_URI,
    VERIFIER,
    assert_error_page,
    authorize,
    parameters,
    redirected,
    target,
)
from tests.conformance.server import ISSUER
from tests.factories import PASSWORD

rfc = pytest.mark.rfc

PRINTABLE = "".join(map(chr, range(0x20, 0x7F)))
# Characters that no scope may hold, and scopes that the client doesn't have.
SCOPES = ['a"b', "a\\b", "é", "a\tb", "teams:read\n", "\x7f", "\N{FULLWIDTH COLON}"]
SCOPES += ["nothing", "teams:read nothing", "TEAMS:READ", "teams:write", "*"]
CHALLENGES = ["a" * 42, "a" * 44, "a" * 128, "a" * 129, "é" * 43, " " * 43, "=" * 43]
CHALLENGES += [f"{'a' * 42}{odd}" for odd in ("=", "+", "~", "a\n")]
CHALLENGES += ["\N{FULLWIDTH DIGIT ONE}" * 43]

NO_TYPE = "Missing response_type parameter."
NO_CHALLENGE = "PKCE is required: code_challenge is missing."
METHOD = "The code_challenge_method must be S256."
MODE = "The response_mode must be query."
AGE = "The max_age must be a number of seconds."

TYPES = ["token", "none", "code token", "codex", "CODE", "code code", "id_token"]
METHODS = [None, "", "plain", "s256", "S512", "S256 x"]
MALFORMED = "The code_challenge is malformed."
PROMPTS = ["none login", "login none", "none consent", "x"]
AGES = ["-1", "x", "1.5", "²", "٣", "9" * 10, "1 "]
OBJECT = "https://client.example.org/r"
# What the client is told, where one parameter has one of these values.
WRONG = [
    ("invalid_request", NO_TYPE, "response_type", [None, ""]),
    ("unsupported_response_type", "", "response_type", TYPES),
    ("invalid_request", MODE, "response_mode", ["fragment", "form_post", "QUERY"]),
    ("invalid_request", NO_CHALLENGE, "code_challenge", [None, ""]),
    ("invalid_request", MALFORMED, "code_challenge", CHALLENGES),
    ("invalid_request", METHOD, "code_challenge_method", METHODS),
    ("invalid_scope", "", "scope", SCOPES),
    ("invalid_request", "Unknown prompt.", "prompt", PROMPTS),
    ("invalid_request", AGE, "max_age", AGES),
    ("request_not_supported", "", "request", ["x"]),
    ("request_uri_not_supported", "", "request_uri", [OBJECT]),
]
ONCE = "response_type scope state code_challenge code_challenge_method response_mode"
ONCE += " nonce prompt resource"


def error_of(error, description="", state="xyz"):
    """Return all that a client is told of an error."""
    answer = {"error": error, "state": state, "iss": ISSUER}
    return answer | ({"error_description": description} if description else {})


class TestError:
    @rfc("6749", "3.1.1", "MUST", "an unknown response type is refused")
    @rfc("6749", "4.1.1", "MUST", "the request names the response type")
    @rfc("6749", "3.3", "MUST", "a scope that can't be given fails as invalid_scope")
    @rfc("6749", "4.1.2.1", "MUST", "an error goes to the client, with its state")
    @rfc("6749", "4.1.2.1", "MUST", "error is a registered code")
    @rfc("6749", "4.1.2.1", "MUST NOT", "a description holds no other characters")
    @rfc("6749", "4.1.2.1", "MUST NOT", "what the client didn't ask for is not sent")
    @rfc("6749", "A.4", "MUST", "a scope holds %x21 / %x23-5B / %x5D-7E only")
    @rfc("7636", "4.2", "MUST", "a challenge is 43 characters of base64url")
    @rfc("7636", "4.4.1", "MUST", "a request without a challenge: invalid_request")
    @rfc("7636", "4.4.1", "MUST", "an unsupported transformation: invalid_request")
    @rfc("9207", "2", "MUST", "iss is in error answers, too")
    @rfc("9700", "2.1.1", "MUST", "clients use PKCE, confidential ones too")
    @rfc("9700", "4.11.2", "MUST", "who may not be signed in signs in first")
    @rfc("ASVS", "10.4.6", "L2", "the plain challenge is refused")
    @rfc("ASVS", "10.4.12", "L3", "the answer comes by the query, by no other mode")
    @rfc("OIDC", "3.1.2.1", "MUST", "prompt=none with another value is an error")
    @rfc("OIDC", "3.1.2.6", "MUST", "request objects aren't supported, and so refused")
    @pytest.mark.parametrize(("error", "description", "name", "values"), WRONG)
    def test_is_told_to_the_client(
        self, browser, make_browser, client, error, description, name, values
    ):
        assert re.fullmatch(r"[\x20-\x21\x23-\x5b\x5d-\x7e]*", description)
        for value in values:
            changes = {name: value, "state": PRINTABLE, "foo": "bar"}
            response = authorize(browser, client, **changes)
            assert response.headers["location"].startswith(f"{REDIRECT_URI}?"), value
            assert redirected(response) == error_of(error, description, PRINTABLE)
            if name != "prompt":
                response = authorize(make_browser(), client, **changes)
                assert response.headers["location"].startswith("/auth/login?")

    @rfc("6749", "A.5", "MUST", "a state is printable ASCII")
    @pytest.mark.parametrize("state", ["é", "a\nb", "\x7f", "x" * 2001])
    def test_has_no_other_state(self, browser, client, state):
        answer = redirected(authorize(browser, client, state=state))
        expected = error_of("invalid_request", "The state must be printable ASCII.")
        assert answer == {k: v for k, v in expected.items() if k != "state"}

    @rfc("6749", "4.1.2.1", "MUST", "a client without the grant: unauthorized_client")
    def test_client_needs_the_grant(self, browser, make_client):
        client = make_client(redirect_uris=[REDIRECT_URI])
        answer = redirected(authorize(browser, client))
        assert answer == error_of("unauthorized_client")

    @rfc("6749", "3.1", "MUST", "no parameter is sent more than once")
    @pytest.mark.parametrize("name", ONCE.split())
    def test_of_a_repeated_parameter(self, browser, client, name):
        value = parameters(client, response_mode="query", prompt="consent").get(name)
        value = value or "https://api.example.com"
        response = browser.get(f"{target(client, **{name: value})}&{name}={value}")
        told = error_of("invalid_request", "A parameter is given more than once.")
        assert redirected(response) == told

    @rfc(
        "9700", "4.11.2", "MUST", "the user signs in before any redirect to the client"
    )
    def test_waits_for_the_user(self, make_browser, user, client):
        browser = make_browser()
        response = authorize(browser, client, scope="nothing")
        page = browser.follow(response)
        assert page.status_code == 200
        form = {"username": user.username, "password": PASSWORD}
        response = browser.follow(browser.submit(page, **form))
        assert redirected(response) == error_of("invalid_scope")


class TestUnknownClient:
    @rfc("6749", "3.1", "MUST", "no parameter is sent more than once")
    @rfc("6749", "4.1.2.1", "MUST NOT", "an unknown client is not redirected to")
    def test_gets_a_page(self, browser, client):
        for client_id in (None, "", "nobody", "a" * 2000, "é"):
            assert_error_page(authorize(browser, client, client_id=client_id))
        for name in ("client_id", "redirect_uri"):
            value = parameters(client)[name]
            assert_error_page(browser.get(f"{target(client)}&{name}={value}"))

    @rfc("9110", "15.5.1", "SHOULD", "a query that is no form is 400")
    @pytest.mark.parametrize(
        "query", [b"<", b"%zz", b"client_id=%ff", b"foo", b"client_id=%", b"a=%00"]
    )
    def test_sends_no_form(self, server, query):
        assert server.get_raw(AUTHORIZE.encode() + b"?" + query) == 400


class TestRequest:
    @rfc("6749", "3.1", "MUST", "unknown parameters are ignored")
    def test_unknown_parameters_change_nothing(self, browser, client):
        more = {"foo": "bar", "user": "1", "code": "x", "scopes": "users:write"}
        page = authorize(browser, client, code_verifier=VERIFIER, **more)
        assert page.status_code == 200
        answer = redirected(browser.consent(page))
        assert set(answer) == {"code", "state", "iss"}

    @rfc("6749", "3.1", "MUST", "a parameter without a value counts as left out")
    @pytest.mark.parametrize("name", ["scope", "state", "prompt", "redirect_uri"])
    def test_empty_parameter_is_absent(self, browser, client, name):
        page = authorize(browser, client, **{name: ""})
        assert page.status_code == 200
        assert ("state" in redirected(browser.consent(page))) == (name != "state")
