"""RFC 6749 section 3.3: the scope of an access token."""

import pytest
from sqlalchemy import update

from apiserver.auth.models import OAuth2Client
from tests.conformance.browser import text_of
from tests.conformance.flow import (
    authorize,
    exchange,
    get_code,
    get_tokens,
    redirected,
    refresh,
)

rfc = pytest.mark.rfc

# Sentences of the scopes, as the consent page shows them.
TEAMS = "See teams and their members."
USERS = "See users and their details."

# Characters that no scope may hold, and scopes that nobody has.
MALFORMED = ['a"b', "a\\b", "é", "a\tb", "teams:read\n", "\x7f", "\N{FULLWIDTH COLON}"]
UNKNOWN = ["nothing", "teams:read nothing", "TEAMS:READ", "teams:write", "*"]


class TestAuthorize:
    @rfc("6749", "3.3", "MUST", "a scope that can't be given fails as invalid_scope")
    @rfc("6749", "4.1.2.1", "MUST", "the client is told so by a redirect")
    @pytest.mark.parametrize("scope", UNKNOWN)
    def test_scope_beyond_the_clients_is_refused(self, browser, client, scope):
        answer = redirected(authorize(browser, client, scope=scope))
        assert (answer["error"], answer["state"]) == ("invalid_scope", "xyz")

    @rfc("6749", "A.4", "MUST", "a scope holds %x21 / %x23-5B / %x5D-7E only")
    @pytest.mark.parametrize("scope", MALFORMED)
    def test_malformed_scope_is_refused(self, browser, client, scope):
        answer = redirected(authorize(browser, client, scope=scope))
        assert answer["error"] == "invalid_scope"

    @rfc("6749", "3.3", "MUST", "scopes are separated by spaces, in any order")
    @pytest.mark.parametrize(
        "scope", ["users:read  teams:read", " teams:read users:read ", "   "]
    )
    def test_repeated_spaces_make_no_empty_scopes(self, server, browser, client, scope):
        code = get_code(browser, client, scope=scope)
        granted = exchange(server, client, code).json()["scope"]
        assert sorted(granted.split(" ")) == ["teams:read", "users:read"]

    @rfc("6749", "3.3", "MUST", "without a scope the client's own ones are the default")
    def test_default_is_shown_and_given(self, server, browser, client):
        page = authorize(browser, client, scope=None)
        assert TEAMS in text_of(page)
        assert USERS in text_of(page)
        code = redirected(browser.consent(page))["code"]
        granted = exchange(server, client, code).json()["scope"]
        assert sorted(granted.split(" ")) == ["teams:read", "users:read"]

    @rfc("6749", "3.3", "MUST", "the user sees what is asked for, and nothing else")
    def test_page_shows_the_scopes(self, browser, client):
        text = text_of(authorize(browser, client, scope="users:read"))
        assert USERS in text
        assert TEAMS not in text


class TestToken:
    @rfc("6749", "3.3", "MUST", "the answer names the scope if it isn't the requested")
    @rfc("6749", "5.1", "REQUIRED", "scope, if it isn't what the client asked for")
    def test_scope_is_always_answered(self, browser, client):
        assert get_tokens(browser, client, scope="teams:read")["scope"] == "teams:read"

    @rfc("6749", "4.1.3", "MUST", "the token's scope is the one that was approved")
    @pytest.mark.parametrize("scope", ["users:read", "teams:write", "", "x\\y"])
    def test_exchange_can_not_change_the_scope(self, server, browser, client, scope):
        code = get_code(browser, client, scope="teams:read")
        response = exchange(server, client, code, scope=scope)
        assert response.json()["scope"] == "teams:read"

    @rfc("6749", "3.3", "MUST", "a client doesn't get more than it may have")
    @pytest.mark.parametrize("scope", [*UNKNOWN, *MALFORMED])
    def test_client_credentials_stay_inside(self, server, client, scope):
        form = {"grant_type": "client_credentials", "scope": scope}
        response = server.post("token", client, **form)
        assert response.status_code == 400
        assert response.json() == {"error": "invalid_scope"}

    @rfc("9700", "2.3", "SHOULD", "a scope that was taken away isn't refreshed")
    @rfc("ASVS", "10.4.11", "L2", "clients hold only the scopes they need")
    def test_lost_scope_ends_with_the_next_refresh(
        self, server, browser, client, change
    ):
        tokens = get_tokens(browser, client, scope="teams:read users:read")
        change(
            update(OAuth2Client)
            .where(OAuth2Client.id == client.id)
            .values(default_scopes=("users:read",))
        )
        refreshed = refresh(server, client, tokens["refresh_token"]).json()
        assert refreshed["scope"] == "users:read"
        token = refreshed["access_token"]
        assert server.call("GET", "/api/v1/users/me", token=token).status_code == 200
        assert server.call("GET", "/api/v1/teams/", token=token).status_code == 403
