"""RFC 6750: bearer tokens, as the API takes them."""

from datetime import timedelta

import pytest

from apiserver.auth.models import OAuth2Client
from apiserver.auth.tokens import ACCESS, REFRESH
from apiserver.auth.tokens import make_token as new_token
from tests.conformance.flow import get_tokens
from tests.problems import problem

rfc = pytest.mark.rfc

ME, TEAMS, GRANTS = (
    f"/api/v1/{path}" for path in ("users/me", "teams/", "auth/grants/")
)
EVERYWHERE = ["users:read", "teams:read", "teams:write", "auth:read", "auth:write"]

REALM = 'Bearer realm="apiserver"'
TWICE = f'{REALM}, error="invalid_request"'
INVALID = (
    f'{REALM}, error="invalid_token", error_description="The access token is invalid."'
)
REFUSED = {
    REALM: (401, "This requires an access token."),
    INVALID: (401, "The access token is invalid."),
    TWICE: (400, "Send the token only in the Authorization header."),
}
# What can be no token, and what could be one.
GARBAGE = [
    *(b"", b" ", b" a b", b" null", b" \xff\xfe", b" \xc3\xa9", b" =", b' "x"'),
    b" " + b"a" * 8192,
    b" apa_" + b"a" * 51,
    f" {new_token(REFRESH)}".encode(),
    f" {new_token(ACCESS)}".encode(),
]
OTHER_SCHEMES = [
    "Basic dTpw",
    "Digest username=u",
    "Negotiate x",
    "Token x",
    "apa_x",
    "",
]
NEEDED = [
    ("GET", ME, "users:read"),
    ("HEAD", ME, "users:read"),
    ("POST", TEAMS, "teams:write"),
    ("DELETE", GRANTS, "auth:write"),
]
PRIVATE = [
    *((method, TEAMS) for method in ("GET", "HEAD", "POST", "PATCH", "OPTIONS")),
    ("GET", "/api/v1/teams/999999"),
    ("DELETE", GRANTS),
]


@pytest.fixture
def token(make_token, user):
    return make_token(user, scopes=["users:read", "teams:read", "teams:write"])


@pytest.fixture
def ask(server):
    """A function that asks with an Authorization header, and returns the response."""
    return lambda value: server.call("GET", ME, headers={"Authorization": value})


def assert_refused(response, challenge=INVALID):
    status, detail = REFUSED[challenge]
    assert response.status_code == status
    assert response.headers["www-authenticate"] == challenge
    if response.request.method != "HEAD":
        assert response.json() == problem(status, detail)


class TestHeader:
    @rfc("6750", "2.1", "MUST", "the Authorization header is taken")
    @rfc("9110", "11.1", "MUST", "the name of the scheme has no case")
    @pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER", "Bearer "])
    def test_token_is_taken(self, ask, token, scheme, user):
        response = ask(f"{scheme} {token}")
        assert (response.status_code, response.json()["id"]) == (200, user.id)
        assert response.headers["cache-control"] == "private, no-cache"

    @rfc("6750", "2.1", "MUST", "malformed credentials open nothing, and break nothing")
    @rfc("6750", "2.1", "MUST", "a token with something after it is another token")
    @rfc("6750", "3.1", "SHOULD", "an unknown token: 401 invalid_token")
    def test_malformed_header_is_refused(self, server, ask, token):
        for value in GARBAGE:
            assert_refused(ask((b"Bearer" + value).strip()))
        for value in (f"{token} x", f"{token},", f"{token}=", token[:-1], f"x{token}"):
            assert_refused(ask(f"Bearer {value}"))
        for value in (b"Bearer,", b"Bearer\tx"):
            assert server.get_raw(ME.encode(), b"Authorization: " + value) == 401


class TestOtherPlaces:
    @rfc("6750", "2.2", "MAY", "a token in the body isn't taken")
    @rfc("6750", "2.3", "SHOULD NOT", "a token in the URI isn't taken")
    @rfc("9700", "4.3.2", "MUST NOT", "a token in the URI isn't taken")
    def test_hold_no_credential(self, server, token):
        assert_refused(server.call("GET", f"{TEAMS}?access_token={token}"), REALM)
        form = {"title": "Engineers", "access_token": token}
        assert_refused(server.call("POST", TEAMS, data=form), REALM)
        assert_refused(server.call("POST", TEAMS, token=token, data=form), TWICE)

    @rfc("6750", "2", "MUST NOT", "a token is sent in one way")
    @rfc("6750", "3.1", "SHOULD", "two ways at once: 400 invalid_request")
    @pytest.mark.parametrize("path", ["users/me", "teams/7", "users/signup-form", "x"])
    def test_are_no_second_way(self, server, token, path):
        path = f"/api/v1/{path}?access_token=x"
        assert_refused(server.call("GET", path, token=token), TWICE)


class TestChallenge:
    @rfc("6750", "3", "MUST", "a request without credentials is challenged")
    @rfc("6750", "3.1", "SHOULD NOT", "without credentials nothing is said of an error")
    @rfc("6750", "3.1", "SHOULD", "a token that isn't valid: 401 invalid_token")
    @rfc("9110", "11.6.1", "MUST", "401 has WWW-Authenticate")
    @pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "POST"])
    def test_is_the_same_for_each_method(self, server, method):
        assert_refused(server.call(method, TEAMS), REALM)
        assert_refused(server.call(method, TEAMS, token="apa_unknown"))

    @rfc("6750", "3", "MUST", "other schemes are challenged by Bearer")
    def test_other_schemes(self, ask):
        for value in OTHER_SCHEMES:
            assert_refused(ask(value), REALM)

    @rfc("6750", "3.1", "SHOULD", "an expired token: 401 invalid_token")
    @rfc("6750", "3.1", "SHOULD", "a revoked token: 401 invalid_token")
    @rfc("6750", "3.1", "SHOULD", "a refresh token: 401 invalid_token")
    def test_ended_token(self, server, browser, client, make_token, user):
        scopes = ["users:read"]
        expired = make_token(user, scopes=scopes, lifetime=timedelta(0))
        revoked = make_token(user, client=client, scopes=scopes)
        server.post("revoke", client, token=revoked)
        for token in (expired, revoked, get_tokens(browser, client)["refresh_token"]):
            assert_refused(server.call("GET", ME, token=token))

    def test_invalid_token_where_none_is_needed(self, server):
        path = "/api/v1/users/signup-form"
        assert server.call("GET", path).status_code == 200
        assert_refused(server.call("GET", path, token="x"))

    @rfc("6750", "3.1", "SHOULD", "a missing scope: 403 insufficient_scope")
    @rfc("6750", "3.1", "MAY", "the challenge names the scope that is needed")
    @rfc("6749", "7", "MUST", "the resource server checks that the scope covers it")
    @pytest.mark.parametrize(("method", "path", "scope"), NEEDED)
    @pytest.mark.parametrize("kind", ["regular", "admin"])
    def test_missing_scope(
        self, server, make_token, make_user, method, path, scope, kind
    ):
        others = [name for name in EVERYWHERE if name != scope]
        token = make_token(make_user(kind), scopes=others)
        response = server.call(method, path, token=token)
        assert response.status_code == 403
        assert response.headers["www-authenticate"] == (
            f'{REALM}, error="insufficient_scope", scope="{scope}"'
        )
        if method != "HEAD":
            detail = f"The access token lacks the scope {scope}."
            assert response.json() == problem(403, detail)

    @rfc("ASVS", "8.3.2", "L3", "who loses a right has lost it with the next request")
    def test_scope_that_the_client_has_lost(
        self, server, make_token, user, client, change
    ):
        token = make_token(user, client=client, scopes=["users:read", "teams:read"])
        change(OAuth2Client.id == client.id, default_scopes=("users:read",))
        assert server.call("GET", TEAMS, token=token).status_code == 403
        assert server.call("GET", ME, token=token).status_code == 200


class TestCaching:
    @rfc("6750", "2.3", "SHOULD", "answers to those who sign in are private")
    @rfc("6750", "5.3", "SHOULD", "what a token opens isn't kept by shared caches")
    @rfc("ASVS", "14.2.2", "L2", "no cache between keeps what is sensitive")
    @pytest.mark.parametrize(("method", "path"), PRIVATE)
    def test_answers_are_private(self, server, make_token, user, method, path):
        token = make_token(user, scopes=EVERYWHERE)
        body = {"title": "Engineers"} if method == "POST" else None
        response = server.call(method, path, token=token, json=body)
        cached = set(response.headers["cache-control"].split(", "))
        assert cached & {"private", "no-store"}
