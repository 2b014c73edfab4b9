"""RFC 6749 section 3.3: the scope of an access token."""

import pytest

from apiserver.auth.models import OAuth2Client
from tests.conformance.browser import text_of
from tests.conformance.flow import (
    REDIRECT_URI,
    allow,
    assert_refused,
    authorize,
    exchange,
    get_code,
    get_tokens,
    redirected,
    refresh,
)
from tests.conformance.test_rfc6749_authorization import SCOPES
from tests.factories import PASSWORD
from tests.oauth_errors import INVALID_SCOPE, NO_SCOPE

rfc = pytest.mark.rfc

# Sentences of the scopes, as the consent page shows them.
TEAMS = "See teams and their members."
USERS = "See users and their details."


class TestAuthorize:
    @rfc("6749", "3.3", "MUST", "scopes are separated by spaces, in any order")
    @rfc("6749", "3.3", "MUST", "without a scope the client's own ones are the default")
    @pytest.mark.parametrize(
        "scope", ["users:read  teams:read", " teams:read users:read ", "   ", None]
    )
    def test_is_of_words_and_by_default_the_clients(
        self, server, browser, client, scope
    ):
        page = authorize(browser, client, scope=scope)
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
    @rfc("6749", "4.1.3", "MUST", "the token's scope is the one that was approved")
    @rfc("6749", "5.1", "REQUIRED", "scope, if it isn't what the client asked for")
    @pytest.mark.parametrize("scope", [None, "users:read", "teams:write", "x\\y"])
    def test_exchange_can_not_change_the_scope(self, server, browser, client, scope):
        code = get_code(browser, client, scope="teams:read")
        response = exchange(server, client, code, scope=scope)
        assert response.json()["scope"] == "teams:read"

    @rfc("6749", "3.3", "MUST", "a client doesn't get more than it may have")
    @pytest.mark.parametrize("scope", SCOPES)
    def test_client_credentials_stay_inside(self, server, client, scope):
        form = {"grant_type": "client_credentials", "scope": scope}
        response = server.post("token", client, **form)
        assert_refused(response, INVALID_SCOPE)


class TestNothingToGive:
    """A token that opens nothing isn't issued, nor is anybody asked for it."""

    @pytest.fixture(params=[None, "", "   ", "teams:read"])
    def scope(self, request):
        return request.param

    @pytest.fixture
    def bare(self, make_client):
        """A client that may not be given anything."""
        return make_client(
            first_party=True,
            redirect_uris=[REDIRECT_URI],
            grant_types=("authorization_code", "client_credentials", "password"),
            default_scopes=(),
        )

    @pytest.fixture
    def take_away(self, client, change):
        """A function that takes all scopes from the client."""
        return lambda: change(OAuth2Client.id == client.id, default_scopes=())

    @rfc("6749", "3.3", "MUST", "without a scope and a default: invalid_scope")
    @pytest.mark.parametrize("prompt", [None, "none", "consent"])
    def test_no_page_asks_for_nothing(self, browser, bare, scope, prompt):
        answer = redirected(authorize(browser, bare, scope=scope, prompt=prompt))
        assert (answer["error"], answer["state"]) == ("invalid_scope", "xyz")

    @rfc("6749", "3.3", "MUST", "without a scope and a default: invalid_scope")
    def test_client_credentials(self, server, bare, scope):
        form = {"grant_type": "client_credentials"} | as_form(scope)
        assert_invalid_scope(server.post("token", bare, **form))

    @rfc("6749", "3.3", "MUST", "without a scope and a default: invalid_scope")
    def test_password(self, password_server, bare, user, scope):
        form = {"username": user.username, "password": PASSWORD} | as_form(scope)
        response = password_server.post("token", bare, grant_type="password", **form)
        assert_invalid_scope(response)

    @rfc("6749", "3.3", "MUST", "nothing left of what was granted: invalid_scope")
    def test_refresh_keeps_the_token(self, server, browser, client, change, take_away):
        token = get_tokens(browser, client)["refresh_token"]
        take_away()
        for form in ({}, {"scope": ""}, {"scope": " "}, {"scope": "teams:read"}):
            assert_invalid_scope(refresh(server, client, token, **form))
        change(OAuth2Client.id == client.id, default_scopes=("teams:read",))
        assert refresh(server, client, token).json()["scope"] == "teams:read"

    @rfc("6749", "3.3", "MUST", "nothing left of what was granted: invalid_scope")
    def test_exchange_uses_the_code_up(self, server, browser, client, take_away):
        code = get_code(browser, client)
        take_away()
        assert_invalid_scope(exchange(server, client, code))
        assert exchange(server, client, code).json()["error"] == "invalid_grant"

    @rfc("6749", "3.3", "MUST", "nothing left of what was asked for: invalid_scope")
    def test_consent(self, browser, client, change, take_away):
        """Neither one that is given, nor one that is remembered."""
        page = authorize(browser, client, scope=None)
        take_away()
        assert redirected(browser.consent(page))["error"] == "invalid_scope"
        change(OAuth2Client.id == client.id, default_scopes=("teams:read",))
        allow(browser, client)
        take_away()
        answer = redirected(authorize(browser, client, scope=None))
        assert answer["error"] == "invalid_scope"


def as_form(scope):
    return {} if scope is None else {"scope": scope}


def assert_invalid_scope(response):
    assert response.status_code == 400
    assert response.json() in (INVALID_SCOPE, NO_SCOPE)
