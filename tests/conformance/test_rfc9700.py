"""RFC 9700: best current practice for the security of OAuth 2.0."""

import pytest

from tests.conformance.flow import (
    AUTHORIZE,
    allow,
    authorize,
    redirected,
    target,
)
from tests.conformance.server import ORIGIN
from tests.factories import PASSWORD
from tests.oauth_errors import UNSUPPORTED_GRANT

rfc = pytest.mark.rfc

# Requests whose errors a client is told of.
WRONG = [
    {"scope": "nothing"},
    {"response_type": "token"},
    {"response_type": None},
    {"code_challenge": None},
    {"response_mode": "fragment"},
    {"request_uri": "https://client.example.org/request"},
    {"state": "é"},
]


class TestOpenRedirector:
    @rfc(
        "9700", "4.11.2", "MUST", "the user signs in before any redirect to the client"
    )
    @pytest.mark.parametrize("changes", WRONG, ids=str)
    def test_error_waits_for_the_user(self, make_browser, user, client, changes):
        browser = make_browser()
        response = authorize(browser, client, **changes)
        assert response.status_code == 303
        assert response.headers["location"].startswith("/auth/login?")
        page = browser.follow(response)
        assert page.status_code == 200
        form = {"username": user.username, "password": PASSWORD}
        response = browser.follow(browser.submit(page, **form))
        assert "error" in redirected(response)

    @rfc("9700", "4.11.2", "MUST", "the login page leads nowhere else")
    @rfc("6749", "10.15", "MUST NOT", "the server is no open redirector")
    @pytest.mark.parametrize(
        "place",
        [
            "https://evil.example/",
            "//evil.example/",
            "/\\evil.example",
            "/auth/oauth2/authorize",
            "/auth/oauth2/authorize.evil?",
            "/api/v1/",
            "javascript:alert(1)",
            "/auth/oauth2/authorize?\r\nX-Injected: 1",
        ],
    )
    def test_login_leads_to_the_request_alone(self, make_browser, place):
        browser = make_browser()
        page = browser.get("/auth/login", params={"next": place})
        assert "evil.example" not in page.text.replace("authorize?", "")
        assert "\r\nX-Injected" not in str(page.headers)

    @rfc("9700", "4.11.2", "MUST", "the login form leads nowhere else")
    def test_posted_target_is_checked(self, make_browser, user):
        browser = make_browser()
        response = browser.sign_in(user)
        assert response.headers["location"] == "/auth/login"
        page = browser.get("/auth/login")
        assert page.status_code == 200


class TestRedirect:
    @rfc("9700", "4.12", "MUST NOT", "307 never repeats a POST elsewhere")
    @rfc("9700", "4.12", "SHOULD", "redirects after a form are 303")
    @pytest.mark.parametrize("decision", ["allow", "deny"])
    def test_follows_with_get(self, browser, client, decision):
        response = browser.consent(authorize(browser, client), decision)
        assert response.status_code == 303
        assert response.content == b""

    @rfc("9700", "4.12", "SHOULD", "redirects after a form are 303")
    def test_follows_login_with_get(self, make_browser, user, client):
        browser = make_browser()
        response = browser.sign_in(user, target(client))
        assert response.status_code == 303
        assert response.headers["location"] == target(client)


class TestHeaders:
    @pytest.fixture
    def responses(self, browser, client, make_browser):
        page = authorize(browser, client)
        return {
            "consent page": page,
            "code": browser.consent(page),
            "remembered": authorize(browser, client),
            "error": authorize(browser, client, scope="nothing"),
            "error page": authorize(browser, client, client_id="nobody"),
            "to login": authorize(make_browser(), client),
            "login page": make_browser().get("/auth/login"),
        }

    @rfc("9700", "4.2.4", "SHOULD", "no referrer tells others of codes and states")
    @rfc("9700", "4.16", "SHOULD", "no other site frames the pages")
    @rfc("6749", "10.13", "SHOULD", "pages can't be framed")
    @rfc("6749", "10.5", "SHOULD", "no cache keeps a code")
    @rfc("ASVS", "3.4.6", "L2", "frame-ancestors is set on every answer")
    def test_protect_every_answer(self, responses):
        for name, response in responses.items():
            headers = response.headers
            assert headers["cache-control"] == "no-store", name
            assert headers["referrer-policy"] == "no-referrer", name
            assert "frame-ancestors 'none'" in headers["content-security-policy"], name

    @rfc("9700", "2.6", "MUST NOT", "no CORS at the authorization endpoint")
    @pytest.mark.parametrize("method", ["GET", "OPTIONS", "POST"])
    @pytest.mark.parametrize("path", [AUTHORIZE, "/auth/login", "/auth/logout"])
    def test_no_other_page_may_read(self, browser, client, method, path):
        preflight = {"Access-Control-Request-Method": "GET", "Origin": ORIGIN}
        for headers in ({"Origin": ORIGIN}, preflight):
            response = browser.call(method, target(client), headers=headers)
            response = browser.call(method, path, headers=headers)
            names = [n for n in response.headers if n.startswith("access-control")]
            assert names == []

    @rfc("9700", "2.6", "MAY", "pages may call the token endpoint and the API")
    @pytest.mark.parametrize("path", ["/auth/oauth2/token", "/api/v1/teams/"])
    def test_pages_may_call_the_rest(self, server, path):
        headers = {"Access-Control-Request-Method": "POST", "Origin": ORIGIN}
        response = server.call("OPTIONS", path, headers=headers)
        assert response.headers["access-control-allow-origin"] == ORIGIN


class TestGrants:
    @rfc("9700", "2.4", "MUST NOT", "the password grant isn't used")
    @rfc("ASVS", "10.4.4", "L1", "neither implicit nor password grant")
    @pytest.mark.parametrize("grant_type", ["password", "implicit", "token"])
    def test_others_are_unsupported(self, server, make_client, user, grant_type):
        client = make_client(first_party=True)
        form = {"username": user.username, "password": "correct horse battery"}
        response = server.post("token", client, grant_type=grant_type, **form)
        assert response.status_code == 400
        assert response.json() == UNSUPPORTED_GRANT

    @rfc("9700", "2.1.2", "SHOULD NOT", "no access token in an authorization answer")
    def test_answer_holds_no_token(self, browser, client):
        answer = redirected(allow(browser, client))
        assert set(answer) == {"code", "state", "iss"}
