"""Of what kind all is that is handed out, and how long it lives.

Scanners find what has leaked by the prefixes, which are therefore spelled out here.
"""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from apiserver.auth.models import (
    BrowserSession,
    Consent,
    OAuth2Code,
    OAuth2Grant,
    OAuth2Token,
)
from apiserver.auth.tokens import is_token
from apiserver.core.db import now
from tests.auth.browser import Browser, redemption
from tests.cookies import SESSION
from tests.factories import PASSWORD

rfc = pytest.mark.rfc

PAIR = {"access_token": "apa_", "refresh_token": "apr_"}
DEFAULTS = {
    "oauth2_code_lifetime": 60,
    "oauth2_access_token_lifetime": 900,
    "oauth2_refresh_token_idle": 14 * 86400,
    "oauth2_refresh_token_lifetime": 30 * 86400,
    "session_idle": 1800,
    "session_lifetime": 12 * 3600,
}
OTHERS = {name: 1000 * number for number, name in enumerate(DEFAULTS, 1)}


def kinds(answered):
    """Return which tokens are in an answer; each has its prefix and checksum."""
    tokens = {name: value for name, value in answered.items() if name in PAIR}
    assert [n for n, value in tokens.items() if not is_token(value, PAIR[n])] == []
    return tokens.keys()


@pytest.fixture
def seconds_left(db):
    """A function that returns after how many seconds a column of the only row ends."""

    def left(column, *criteria):
        expires = db.scalars(select(column).where(*criteria)).one()
        return (expires - now()) / timedelta(seconds=1)

    return left


class TestBrowser:
    @rfc("6749", "4.1.2", "MUST", "a code expires shortly after it is issued")
    @rfc("6749", "5.1", "RECOMMENDED", "expires_in is how long the token lives")
    @rfc("ASVS", "10.4.3", "L3", "a code lives a minute at most")
    @pytest.mark.parametrize("settings", [{}, OTHERS], ids=["default", "set"])
    def test_gets_all_kinds(
        self,
        api,
        shared_app,
        settings,
        web_client,
        user,
        post,
        seconds_left,
    ):
        app = shared_app(**{name: str(n) for name, n in settings.items()})
        expected = {**DEFAULTS, **settings}
        browser = Browser(lambda: api(app=app))
        browser.call("GET", "/auth/login")
        assert "Max-Age=600" in browser.page.headers["Set-Cookie"]
        browser.submit("/auth/login", username=user.username, password=PASSWORD)
        lifetime = expected["session_lifetime"]
        assert f"Max-Age={lifetime}" in browser.page.headers["Set-Cookie"]
        assert is_token(browser.cookies[SESSION], "apb_")
        page = browser.ask(web_client)
        (consent,) = re.findall(r'name="consent" value="(.*?)"', page.text)
        assert is_token(consent, "apq_")
        left = {"consent": seconds_left(Consent.expires)}
        code = browser.decide()["code"]
        assert is_token(code, "apc_")
        answer = post(web_client, app=app, **redemption(code)).json
        assert kinds(answer) == PAIR.keys()
        assert answer["expires_in"] == expected["oauth2_access_token_lifetime"]
        refresh, access = OAuth2Token.kind == "refresh", OAuth2Token.kind == "access"
        left |= {
            "oauth2_code_lifetime": seconds_left(OAuth2Code.expires),
            "oauth2_access_token_lifetime": seconds_left(OAuth2Token.expires, access),
            "oauth2_refresh_token_idle": seconds_left(OAuth2Token.expires, refresh),
            "oauth2_refresh_token_lifetime": seconds_left(OAuth2Grant.absolute_expires),
            "session_idle": seconds_left(BrowserSession.idle_expires),
            "session_lifetime": seconds_left(BrowserSession.absolute_expires),
        }
        expected["consent"] = 300
        # The machine may be slow; the clock of tests is the system's.
        assert {
            name: (n, expected[name])
            for name, n in left.items()
            if not expected[name] - 30 < n <= expected[name]
        } == {}


class TestClient:
    def test_gets_a_pair_by_password_and_by_refresh_token(self, sign_in, refresh):
        tokens = sign_in()
        assert kinds(tokens) == PAIR.keys()
        assert kinds(refresh(tokens["refresh_token"]).json) == PAIR.keys()

    def test_gets_an_access_token_for_itself(self, post, client, seconds_left):
        answered = post(client, grant_type="client_credentials").json
        assert kinds(answered) == {"access_token"}
        for column in (OAuth2Token.expires, OAuth2Grant.absolute_expires):
            assert 870 < seconds_left(column) <= 900
