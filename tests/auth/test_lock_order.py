"""The order in which pages and token endpoints lock rows: ``statements`` checks it."""

import pytest

from tests.auth.browser import redemption
from tests.conformance.server import basic
from tests.factories import CLIENT_SECRET, PASSWORD


@pytest.fixture
def call(api, statements):
    """A function that sends a form of a client, and checks what was locked."""

    def post(client, to="token", status=200, secret=CLIENT_SECRET, **form):
        headers = basic(client.client_id, secret)
        with statements():
            path = f"/auth/oauth2/{to}"
            response = api().call("POST", path, form=form, headers=headers)
        assert response.status_int == status
        return response.json if response.body else None

    return post


class TestPages:
    def test_lock_in_order(self, browser, web_client, call, user, statements):
        with statements():
            browser.sign_in(user.username, "guess")
        with statements():
            assert browser.sign_in(user.username, PASSWORD).status_int == 303
        for decision in ("deny", "allow"):
            with statements():
                browser.ask(web_client)
            with statements():
                answer = browser.decide(decision)
        exchange = redemption(answer["code"])
        token = call(web_client, **exchange)["refresh_token"]
        form = {"grant_type": "refresh_token", "refresh_token": token}
        call(web_client, **form)
        call(web_client, **exchange, status=400)
        with statements():
            browser.call("GET", "/auth/login")
        with statements():
            assert browser.submit("/auth/logout").status_int == 303


class TestTokenEndpoints:
    def test_lock_in_order(self, call, client, user):
        password = {"grant_type": "password", "username": user.username}
        call(client, **password, password="guess", status=400)
        call(client, **password, password=PASSWORD, secret="guess", status=401)
        tokens = call(client, **password, password=PASSWORD)
        refresh = {"grant_type": "refresh_token"}
        refresh |= {"refresh_token": tokens["refresh_token"]}
        call(client, **refresh)
        call(client, **refresh, status=400)
        token = call(client, **password, password=PASSWORD)["access_token"]
        call(client, "revoke", token=token)
