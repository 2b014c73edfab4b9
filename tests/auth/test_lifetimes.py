"""How long what is handed out lives: as the settings say, and no longer."""

from datetime import timedelta
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from sqlalchemy import select

from apiserver.auth.models import (
    BrowserSession,
    Consent,
    OAuth2Code,
    OAuth2Grant,
    OAuth2Token,
)
from apiserver.core.db import now
from tests.auth.browser import Browser
from tests.auth.test_kinds import CHALLENGE, VERIFIER
from tests.factories import CLIENT_SECRET, PASSWORD

DEFAULTS = {
    "oauth2_code_lifetime": 60,
    "oauth2_access_token_lifetime": 900,
    "oauth2_refresh_token_idle": 14 * 86400,
    "oauth2_refresh_token_lifetime": 30 * 86400,
    "session_idle": 1800,
    "session_lifetime": 12 * 3600,
}
OTHERS = {name: 1000 * number for number, name in enumerate(DEFAULTS, 1)}


@pytest.fixture
def seconds_left(db):
    """A function that returns after how many seconds a column of the only row ends."""

    def left(column, *criteria):
        expires = db.scalars(select(column).where(*criteria)).one()
        return (expires - now()) / timedelta(seconds=1)

    return left


@pytest.fixture
def client(make_client):
    return make_client(
        redirect_uris=("https://client.example.com/callback",),
        grant_types=("authorization_code", "refresh_token"),
    )


@pytest.mark.parametrize("settings", [{}, OTHERS], ids=["default", "set"])
def test_lifetimes(api, make_app, database_url, settings, client, user, seconds_left):
    app = make_app(database_url, **{name: str(n) for name, n in settings.items()})
    expected = {**DEFAULTS, **settings}
    browser = Browser(lambda: api(app=app))
    browser.call("GET", "/auth/login")
    assert "Max-Age=600" in browser.page.headers["Set-Cookie"]
    browser.submit("/auth/login", username=user.username, password=PASSWORD)
    lifetime = expected["session_lifetime"]
    assert f"Max-Age={lifetime}" in browser.page.headers["Set-Cookie"]
    asked = {
        "response_type": "code",
        "client_id": client.client_id,
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
    }
    browser.call("GET", f"/auth/oauth2/authorize?{urlencode(asked)}")
    consent = seconds_left(Consent.expires)
    back = browser.submit("/auth/oauth2/authorize", decision="allow")
    (code,) = parse_qs(urlsplit(back.headers["Location"]).query)["code"]
    form = {"grant_type": "authorization_code", "code": code, "code_verifier": VERIFIER}
    form |= {"client_id": client.client_id, "client_secret": CLIENT_SECRET}
    answer = api(app=app).call("POST", "/auth/oauth2/token", form=form)
    assert answer.json["expires_in"] == expected["oauth2_access_token_lifetime"]
    left = {
        "consent": consent,
        "oauth2_code_lifetime": seconds_left(OAuth2Code.expires),
        "oauth2_access_token_lifetime": seconds_left(
            OAuth2Token.expires, OAuth2Token.kind == "access"
        ),
        "oauth2_refresh_token_idle": seconds_left(
            OAuth2Token.expires, OAuth2Token.kind == "refresh"
        ),
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
