"""RFC 9207: the authorization answer says who gives it."""

import pytest

from tests.conformance.flow import allow, authorize, redirected
from tests.conformance.server import ISSUER

rfc = pytest.mark.rfc


@pytest.fixture
def issuer(server):
    path = "/.well-known/oauth-authorization-server"
    return server.call("GET", path).json()["issuer"]


class TestIssuer:
    @rfc("9207", "2", "MUST", "iss is in the answer, and it is the metadata's issuer")
    def test_is_in_an_answer_with_a_code(self, browser, client, issuer):
        assert redirected(allow(browser, client))["iss"] == issuer == ISSUER

    @rfc("9207", "2", "MUST", "iss is in error answers, too")
    @pytest.mark.parametrize(
        "changes",
        [{"scope": "nothing"}, {"response_type": "token"}, {"code_challenge": None}],
        ids=str,
    )
    def test_is_in_an_error(self, browser, client, issuer, changes):
        assert redirected(authorize(browser, client, **changes))["iss"] == issuer

    @rfc("9207", "2", "MUST", "iss is in error answers, too")
    def test_is_in_a_refusal(self, browser, client, issuer):
        response = browser.consent(authorize(browser, client), "deny")
        assert redirected(response)["iss"] == issuer

    @rfc("9207", "2", "MUST", "iss is in error answers, too")
    def test_is_in_a_silent_error(self, make_browser, client, issuer):
        response = authorize(make_browser(), client, prompt="none")
        assert redirected(response)["iss"] == issuer

    @rfc("9207", "2", "MUST", "iss is the configured one, whatever the request says")
    def test_does_not_follow_the_host(self, browser, client, issuer):
        headers = {"Host": "evil.example", "X-Forwarded-Host": "evil.example"}
        page = authorize(browser, client)
        browser.consent(page)
        response = browser.get(str(page.request.url.raw_path, "ascii"), headers=headers)
        assert redirected(response)["iss"] == issuer
