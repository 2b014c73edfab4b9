"""What the endpoints hand out is of the kind that its prefix says.

Scanners find what has leaked by the prefixes, which are therefore spelled out here.
"""

import re
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from apiserver.auth.tokens import is_token
from tests.cookies import SESSION
from tests.factories import PASSWORD

# RFC 7636 appendix B.
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
PAIR = {"access_token": "apa_", "refresh_token": "apr_"}


def check(answered):
    """Look at each token of an answer of the token endpoint."""
    kinds = {name: value for name, value in answered.items() if name in PAIR}
    assert kinds
    assert [n for n, value in kinds.items() if not is_token(value, PAIR[n])] == []
    return kinds.keys()


class TestToken:
    def test_by_password_and_by_refresh_token(self, sign_in, refresh):
        tokens = sign_in()
        assert check(tokens) == PAIR.keys()
        assert check(refresh(tokens["refresh_token"]).json) == PAIR.keys()

    def test_by_client_credentials(self, post, client):
        answered = post(client, grant_type="client_credentials").json
        assert check(answered) == {"access_token"}


class TestSecret:
    @pytest.fixture
    def created(self, api, user):
        return api(user).post("/auth/oauth2_clients/", {}).json

    def test_of_a_new_client(self, created):
        assert is_token(created["client_secret"], "aps_")

    def test_that_is_new(self, api, user, created):
        path = f"/auth/oauth2_clients/{created['client_id']}/secret"
        assert is_token(api(user).post(path).json["client_secret"], "aps_")


class TestBrowser:
    def test_gets_a_session_a_consent_and_a_code(
        self, browser, make_client, user, post
    ):
        client = make_client(
            redirect_uris=("https://client.example.com/callback",),
            grant_types=("authorization_code", "refresh_token"),
        )
        asked = {
            "response_type": "code",
            "client_id": client.client_id,
            "code_challenge": CHALLENGE,
            "code_challenge_method": "S256",
        }
        browser.sign_in(user.username, PASSWORD)
        assert is_token(browser.cookies[SESSION], "apb_")
        page = browser.call("GET", f"/auth/oauth2/authorize?{urlencode(asked)}")
        (consent,) = re.findall(r'name="consent" value="(.*?)"', page.text)
        assert is_token(consent, "apq_")
        answer = browser.submit("/auth/oauth2/authorize", decision="allow")
        (code,) = parse_qs(urlsplit(answer.headers["Location"]).query)["code"]
        assert is_token(code, "apc_")
        form = {"grant_type": "authorization_code", "code_verifier": VERIFIER}
        assert check(post(client, **form, code=code).json) == PAIR.keys()
