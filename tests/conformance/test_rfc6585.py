"""RFC 6585, RFC 6749 section 10.10: nobody gets to guess for long."""

import pytest

from apiserver.auth.tokens import ACCESS
from apiserver.auth.tokens import make_token as new_token
from tests.conformance.server import basic
from tests.factories import PASSWORD

rfc = pytest.mark.rfc

# Tries until a guesser must have been stopped.
GUESSES = 30


def assert_told_to_wait(response):
    assert response.status_code == 429
    assert 0 < int(response.headers["retry-after"]) <= 900


def last_of(function):
    """Return the answer that stops a guesser, or the last one."""
    response = None
    for _ in range(GUESSES):
        response = function()
        if response.status_code == 429:
            break
    return response


@pytest.fixture
def first_party(make_client):
    return make_client(first_party=True)


@pytest.fixture
def grant(password_server, first_party, user):
    """A function that sends a password grant of the user."""

    def call(password):
        form = {"username": user.username, "password": password}
        return password_server.post("token", first_party, grant_type="password", **form)

    return call


class TestPassword:
    @rfc("6749", "4.3.2", "MUST", "the endpoint is protected against guessed passwords")
    @rfc("6585", "4", "MAY", "429 says when to try again")
    @rfc("ASVS", "6.3.1", "L1", "guessing passwords is stopped")
    def test_guessing_is_stopped(self, grant):
        assert_told_to_wait(last_of(lambda: grant("wrong")))
        # The right one, too, or a guesser would see that it is.
        assert_told_to_wait(grant(PASSWORD))

    @rfc("ASVS", "6.3.3", "L2", "all doors count the same tries")
    def test_is_stopped_at_every_door(self, grant, user, make_browser):
        last_of(lambda: grant("wrong"))
        assert_told_to_wait(make_browser().sign_in(user))

    @rfc("ASVS", "6.3.1", "L1", "guessing before a change of the account is stopped")
    @rfc("ASVS", "6.1.1", "L1", "guessers lock nobody out who is signed in")
    def test_is_stopped_before_a_change(self, grant, server, user, make_token):
        last_of(lambda: grant("wrong"))
        token = make_token(user, scopes=["users:write"])

        def change(password):
            patch = [
                {"op": "test", "path": "/current_password", "value": password},
                {"op": "replace", "path": "/first_name", "value": "Ada"},
            ]
            path = f"/api/v1/users/{user.id}"
            return server.call("PATCH", path, token=token, json=patch)

        assert change(PASSWORD).status_code == 200
        assert_told_to_wait(last_of(lambda: change("wrong")))
        assert_told_to_wait(change(PASSWORD))

    @rfc("6585", "4", "MAY", "429 at the login page, too")
    def test_is_stopped_at_the_login_page(self, user, make_browser):
        browser = make_browser()
        response = last_of(lambda: browser.sign_in(user, password="wrong"))
        assert_told_to_wait(response)

    @rfc("ASVS", "6.1.1", "L1", "one account's guesser doesn't lock the others out")
    def test_others_are_not_stopped(self, grant, make_browser, make_user):
        assert_told_to_wait(last_of(lambda: grant("wrong")))
        assert make_browser().sign_in(make_user()).status_code == 303


class TestClientSecret:
    @rfc("6749", "2.3.1", "MUST", "the endpoint is protected against guessed secrets")
    @rfc("6585", "4", "MAY", "429 for clients, too")
    def test_guessing_is_stopped(self, server, client):
        headers = basic(client.client_id, "wrong")
        form = {"grant_type": "client_credentials"}
        answer = last_of(lambda: server.post("token", headers=headers, **form))
        assert_told_to_wait(answer)

    @rfc("6749", "2.3.1", "MUST", "the endpoints count the same tries")
    def test_guessing_is_stopped_at_every_endpoint(self, server, client):
        headers = basic(client.client_id, "wrong")
        last_of(lambda: server.post("revoke", headers=headers, token="x"))
        response = server.post("introspect", headers=headers, token="x")
        assert_told_to_wait(response)

    @rfc("6749", "2.3.1", "MUST", "one client's guesser doesn't lock the others out")
    def test_others_are_not_stopped(self, server, client, make_client):
        headers = basic(client.client_id, "wrong")
        last_of(lambda: server.post("revoke", headers=headers, token="x"))
        assert server.post("revoke", make_client(), token="x").status_code == 200


class TestAddress:
    @rfc("ASVS", "6.3.1", "L1", "guessing for many accounts from one place is stopped")
    def test_guessing_for_many_is_stopped(self, guarded_server):
        form = {"grant_type": "client_credentials"}
        for number in range(101):
            headers = basic(f"unknown{number}", "wrong")
            # Nor does it help to say that one is elsewhere.
            headers["X-Forwarded-For"] = f"192.0.2.{number}"
            answer = guarded_server.post("token", headers=headers, **form)
        assert_told_to_wait(answer)


class TestIntrospection:
    @rfc("7662", "4", "SHOULD", "scanning for tokens is slowed down")
    def test_scanning_is_stopped(self, guarded_server, client):
        def guess():
            return guarded_server.post("introspect", client, token=new_token(ACCESS))

        assert_told_to_wait(last_of(guess))

    @rfc("7662", "4", "SHOULD", "what is no token at all is never looked up")
    def test_junk_is_no_guess(self, guarded_server, client):
        def guess():
            return guarded_server.post("introspect", client, token="x")

        assert last_of(guess).json() == {"active": False}
