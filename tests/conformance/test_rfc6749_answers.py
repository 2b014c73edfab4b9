"""RFC 6749 sections 4.1.2 and 4.1.2.1: what the client is told of an authorization."""

import re
import string

import pytest

from tests.conformance.browser import text_of
from tests.conformance.flow import (
    AUTHORIZE,
    REDIRECT_URI,
    allow,
    authorize,
    redirected,
    target,
)

rfc = pytest.mark.rfc

PRINTABLE = "".join(map(chr, range(0x20, 0x7F)))
STATES = ["x", PRINTABLE, (PRINTABLE * 22)[:2000], "#" * 2000, "a+b%20c&d=e", " "]
WRONG = [
    {"scope": "nothing"},
    {"response_type": "token"},
    {"code_challenge": None},
    {"response_mode": "fragment"},
    {"request": "x"},
]


class TestSuccess:
    @rfc("6749", "4.1.2", "REQUIRED", "the answer is a redirect with a code")
    @rfc("6749", "4.1.2", "REQUIRED", "the state is the one that the client sent")
    @pytest.mark.parametrize("state", STATES, ids=len)
    def test_state_comes_back_as_it_was(self, browser, client, state):
        answer = redirected(allow(browser, client, state=state))
        assert set(answer) == {"code", "state", "iss"}
        assert answer["state"] == state

    @rfc("6749", "4.1.2", "REQUIRED", "state, if the client sent one")
    def test_without_a_state_there_is_none(self, browser, client):
        answer = redirected(allow(browser, client, state=None))
        assert set(answer) == {"code", "iss"}

    @rfc("6749", "A.5", "MUST", "a state is printable ASCII")
    @pytest.mark.parametrize("state", ["é", "a\nb", "\x7f", "x" * 2001])
    def test_other_states_are_refused(self, browser, client, state):
        answer = redirected(authorize(browser, client, state=state))
        assert answer["error"] == "invalid_request"
        assert "state" not in answer

    @rfc("6749", "3.1", "MUST", "the user proves who he is before he is asked")
    @pytest.mark.parametrize("state", ["xyz", "#" * 2000], ids=len)
    def test_signing_in_leads_back_to_the_request(
        self, make_browser, user, client, state
    ):
        browser = make_browser()
        response = authorize(browser, client, state=state, scope="users:read")
        assert response.status_code == 303
        assert response.headers["location"].startswith("/auth/login?")

        page = browser.follow(response)
        response = browser.submit(
            page, username=user.username, password="correct horse battery"
        )
        assert response.status_code == 303
        page = browser.follow(response)
        assert "See users and their details." in text_of(page)
        assert redirected(browser.consent(page))["state"] == state


class TestError:
    @rfc("6749", "4.1.2.1", "MUST", "an error goes to the client, with its state")
    @pytest.mark.parametrize("changes", WRONG, ids=str)
    def test_error_has_the_state(self, browser, client, changes):
        response = authorize(browser, client, state=PRINTABLE, **changes)
        assert response.headers["location"].startswith(f"{REDIRECT_URI}?")
        assert redirected(response)["state"] == PRINTABLE

    @rfc("6749", "4.1.2.1", "MUST", "access_denied, if the user says no")
    @pytest.mark.parametrize("decision", ["deny", "", "ALLOW", "other"])
    def test_refusal_is_access_denied(self, browser, client, decision):
        response = browser.consent(authorize(browser, client), decision)
        answer = redirected(response)
        assert (answer["error"], answer["state"]) == ("access_denied", "xyz")
        assert "code" not in answer

    @rfc("6749", "4.1.2.1", "MUST NOT", "a description holds no other characters")
    @pytest.mark.parametrize("changes", WRONG, ids=str)
    def test_description_holds_allowed_characters(self, browser, client, changes):
        text = redirected(authorize(browser, client, **changes)).get(
            "error_description", ""
        )
        assert re.fullmatch(r"[\x20-\x21\x23-\x5b\x5d-\x7e]*", text)

    @rfc("6749", "4.1.2.1", "MUST", "error is a registered code")
    @pytest.mark.parametrize("changes", WRONG, ids=str)
    def test_error_is_registered(self, browser, client, changes):
        assert redirected(authorize(browser, client, **changes))["error"] in {
            "invalid_request",
            "unsupported_response_type",
            "invalid_scope",
            "request_not_supported",
        }


class TestBothEnds:
    @rfc("6749", "4.1.2.1", "MUST NOT", "what the client didn't ask for is not sent")
    def test_answer_holds_nothing_of_the_request(self, browser, client):
        answer = redirected(authorize(browser, client, scope="nothing", foo="bar"))
        assert set(answer) <= {"error", "error_description", "state", "iss"}

    @rfc("6749", "3.1", "MUST", "the endpoint's URI has no fragment")
    def test_login_keeps_to_the_endpoint(self, make_browser, client):
        browser = make_browser()
        response = authorize(browser, client, state=string.punctuation)
        page = browser.follow(response)
        assert page.status_code == 200
        assert f'value="{AUTHORIZE}?' in page.text
        assert target(client).startswith(AUTHORIZE)
