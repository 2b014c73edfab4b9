"""The order in which pages and token endpoints lock rows: ``statements`` checks it."""

from base64 import urlsafe_b64encode
from hashlib import sha256
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from tests.auth.browser import Browser
from tests.auth.conftest import basic
from tests.factories import CLIENT_SECRET, PASSWORD

URI = "https://client.example.com/cb"
VERIFIER = "v" * 43
CHALLENGE = urlsafe_b64encode(sha256(VERIFIER.encode()).digest()).decode().rstrip("=")


@pytest.fixture
def client(make_client):
    return make_client(
        grant_types=("authorization_code", "refresh_token", "password"),
        redirect_uris=(URI,),
        first_party=True,
        default_scopes=("teams:read",),
    )


@pytest.fixture
def call(api, client, statements):
    """A function that sends a form of the client, and checks what was locked."""

    def post(to="token", status=200, secret=CLIENT_SECRET, **form):
        headers = basic(client.client_id, secret)
        with statements():
            path = f"/auth/oauth2/{to}"
            response = api().call("POST", path, form=form, headers=headers)
        assert response.status_int == status
        return response.json if response.body else None

    return post


class TestPages:
    def test_lock_in_order(self, api, client, call, user, statements, db):
        client.first_party = False
        db.commit()
        browser = Browser(api)
        query = {
            "response_type": "code",
            "client_id": client.client_id,
            "redirect_uri": URI,
            "code_challenge": CHALLENGE,
            "code_challenge_method": "S256",
        }
        with statements():
            browser.sign_in(user.username, "guess")
        with statements():
            assert browser.sign_in(user.username, PASSWORD).status_int == 303
        codes = []
        for decision in ("deny", "allow"):
            with statements():
                browser.call("GET", f"/auth/oauth2/authorize?{urlencode(query)}")
            with statements():
                page = browser.submit("/auth/oauth2/authorize", decision=decision)
            codes += parse_qs(urlsplit(page.location).query).get("code", [])
        exchange = {"grant_type": "authorization_code", "redirect_uri": URI}
        exchange |= {"code": codes[0], "code_verifier": VERIFIER}
        token = call(**exchange)["refresh_token"]
        token = call(grant_type="refresh_token", refresh_token=token)["refresh_token"]
        call(**exchange, status=400)
        with statements():
            browser.call("GET", "/auth/login")
        with statements():
            assert browser.submit("/auth/logout").status_int == 303


class TestTokenEndpoints:
    def test_lock_in_order(self, call, user):
        password = {"grant_type": "password", "username": user.username}
        call(**password, password="guess", status=400)
        call(**password, password=PASSWORD, secret="guess", status=401)
        tokens = call(**password, password=PASSWORD)
        refresh = {"grant_type": "refresh_token"}
        refresh |= {"refresh_token": tokens["refresh_token"]}
        call(**refresh)
        call(**refresh, status=400)
        call("revoke", token=call(**password, password=PASSWORD)["access_token"])
