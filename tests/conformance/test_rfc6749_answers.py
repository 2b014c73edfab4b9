"""RFC 6749 sections 4.1.2 and 10, RFC 9700: where an authorization request leads."""

import string

import pytest

from tests.conformance.browser import text_of
from tests.conformance.flow import (
    AUTHORIZE,
    allow,
    authorize,
    redirected,
    target,
)
from tests.conformance.server import ISSUER, ORIGIN
from tests.conformance.test_rfc6749_authorization import PRINTABLE, error_of
from tests.factories import PASSWORD

rfc = pytest.mark.rfc

STATES = ["x", PRINTABLE, (PRINTABLE * 22)[:2000], "#" * 2000, "a+b%20c&d=e", " "]


class TestSuccess:
    @rfc("6749", "3.1", "MUST", "GET is supported at the authorization endpoint")
    @rfc("6749", "4.1.2", "REQUIRED", "the answer is a redirect with a code")
    @rfc("6749", "4.1.2", "REQUIRED", "the state is the one that the client sent")
    @rfc("9207", "2", "MUST", "iss is in the answer, and it is the metadata's issuer")
    @rfc("9700", "2.1.2", "SHOULD NOT", "no access token in an authorization answer")
    @pytest.mark.parametrize("state", [*STATES, None], ids=repr)
    def test_state_comes_back_as_it_was(self, browser, client, state):
        answer = redirected(allow(browser, client, state=state))
        assert answer.pop("code")
        assert answer == {"iss": ISSUER} | ({"state": state} if state else {})

    @rfc("9207", "2", "MUST", "iss is the configured one, whatever the request says")
    def test_issuer_does_not_follow_the_host(self, browser, client):
        allow(browser, client)
        headers = {"Host": "evil.example", "X-Forwarded-Host": "evil.example"}
        response = browser.get(target(client), headers=headers)
        assert redirected(response)["iss"] == ISSUER

    @rfc("6749", "4.1.2.1", "MUST", "access_denied, if the user says no")
    @pytest.mark.parametrize("decision", ["deny", "", "ALLOW", "other"])
    def test_refusal_is_access_denied(self, browser, client, decision):
        response = browser.consent(authorize(browser, client), decision)
        assert redirected(response) == error_of(
            "access_denied", "The user denied the request."
        )


class TestLogin:
    @rfc("6749", "3.1", "MUST", "the user proves who he is before he is asked")
    @pytest.mark.parametrize("state", ["xyz", "#" * 2000, string.punctuation], ids=len)
    def test_leads_back_to_the_request(self, make_browser, user, client, state):
        browser = make_browser()
        response = authorize(browser, client, state=state, scope="users:read")
        assert response.status_code == 303
        assert response.headers["location"].startswith("/auth/login?")

        page = browser.follow(response)
        assert f'value="{AUTHORIZE}?' in page.text
        response = browser.submit(page, username=user.username, password=PASSWORD)
        assert response.status_code == 303
        page = browser.follow(response)
        assert "See users and their details." in text_of(page)
        assert redirected(browser.consent(page))["state"] == state


class TestHeaders:
    @pytest.fixture
    def responses(self, browser, client, make_browser, user):
        page = authorize(browser, client)
        return {
            "consent page": page,
            "refusal": browser.consent(page, "deny"),
            "code": browser.consent(authorize(browser, client)),
            "remembered": authorize(browser, client),
            "error": authorize(browser, client, scope="nothing"),
            "to login": authorize(make_browser(), client),
            "signed in": make_browser().sign_in(user, target(client)),
            "error page": authorize(browser, client, client_id="nobody"),
            "login page": make_browser().get("/auth/login"),
        }

    @rfc("9700", "4.12", "MUST NOT", "307 never repeats a POST elsewhere")
    @rfc("9700", "4.12", "SHOULD", "redirects after a form are 303")
    @rfc("9700", "4.2.4", "SHOULD", "no referrer tells others of codes and states")
    @rfc("9700", "4.16", "SHOULD", "no other site frames the pages")
    @rfc("6749", "10.13", "SHOULD", "pages can't be framed")
    @rfc("6749", "10.5", "SHOULD", "no cache keeps a code")
    def test_protect_every_page(self, responses):
        statuses = {name: r.status_code for name, r in responses.items()}
        pages = {"consent page": 200, "error page": 400, "login page": 200}
        assert statuses == dict.fromkeys(responses, 303) | pages
        for name, response in responses.items():
            assert response.headers["cache-control"] == "no-store", name
            assert (response.content == b"") == (name not in pages)
        headers = responses["consent page"].headers
        assert headers["x-frame-options"] == "DENY"
        policy = headers["content-security-policy"]
        assert "script-src" not in policy
        assert "base-uri 'none'" in policy

    @rfc("ASVS", "4.1.1", "L1", "content has its type, text its charset")
    @rfc("ASVS", "3.4.3", "L2", "every answer has a Content-Security-Policy")
    @rfc("ASVS", "3.4.4", "L2", "every answer has nosniff")
    @rfc("ASVS", "3.4.5", "L2", "every answer has a Referrer-Policy")
    @rfc("ASVS", "3.4.6", "L2", "no answer may be framed")
    def test_protect_every_answer(self, server, client, responses):
        """Those of the API have more: tests/core/test_every_answer.py."""
        others = [
            server.call("GET", "/api/v1/users/me"),
            server.call("GET", "/nothing"),
            server.call("GET", "/documentation/pages.css"),
            server.call("GET", "/.well-known/oauth-authorization-server"),
            server.post("token", client, grant_type="client_credentials"),
            server.post("token"),
        ]
        for response in (*responses.values(), *others):
            headers = response.headers
            assert headers["referrer-policy"] == "no-referrer"
            assert headers["x-content-type-options"] == "nosniff"
            policy = headers["content-security-policy"]
            assert policy.startswith("default-src 'none'")
            assert "frame-ancestors 'none'" in policy
            content_type = headers.get("content-type", "").lower()
            if content_type.startswith("text/"):
                assert content_type.endswith("; charset=utf-8")
            elif response.content:
                assert content_type in {"application/json", "application/problem+json"}


class TestOtherOrigins:
    @rfc("9700", "2.6", "MUST NOT", "no CORS at the authorization endpoint")
    @pytest.mark.parametrize("path", [AUTHORIZE, "/auth/login", "/auth/logout"])
    def test_read_no_page(self, browser, client, path):
        preflight = {"Access-Control-Request-Method": "GET", "Origin": ORIGIN}
        for method in ("GET", "OPTIONS", "POST"):
            for headers in ({"Origin": ORIGIN}, preflight):
                for url in (path, target(client)):
                    answer = browser.call(method, url, headers=headers)
                    names = "".join(answer.headers)
                    assert "access-control" not in names

    @rfc("9700", "2.6", "MAY", "pages may call the token endpoint and the API")
    @rfc("ASVS", "3.4.2", "L1", "origins that may call are on a list")
    @pytest.mark.parametrize("path", ["/auth/oauth2/token", "/api/v1/teams/"])
    @pytest.mark.parametrize(
        "origin",
        [ORIGIN, "https://evil.example", "null", f"{ORIGIN}.evil.example", "x"],
    )
    def test_read_the_rest_if_they_are_listed(self, server, path, origin):
        headers = {"Access-Control-Request-Method": "POST", "Origin": origin}
        for method in ("OPTIONS", "POST"):
            answer = server.call(method, path, headers=headers).headers
            allowed = answer.get("access-control-allow-origin")
            assert allowed == (ORIGIN if origin == ORIGIN else None)
            assert answer["vary"] == "Origin"
            # Cookies are never sent along.
            assert "access-control-allow-credentials" not in answer
