"""RFC 6750: bearer tokens, as the API takes them."""

import re

import pytest
from sqlalchemy import update

from apiserver.auth.models import OAuth2Token
from apiserver.auth.tokens import digest
from apiserver.core.db import now

rfc = pytest.mark.rfc

ME = "/api/v1/users/me"
TEAMS = "/api/v1/teams/"

# What a quoted value of a challenge may hold (RFC 6750 section 3).
CHALLENGE = re.compile(
    r'Bearer [a-z_]+="[\x20-\x21\x23-\x5b\x5d-\x7e]*"'
    r'(, [a-z_]+="[\x20-\x21\x23-\x5b\x5d-\x7e]*")*'
)


@pytest.fixture
def token(make_token, user):
    return make_token(user, scopes=["users:read", "teams:read", "teams:write"])


def challenge(response, status):
    """Return the challenge of a refusal."""
    assert response.status_code == status
    value = response.headers["www-authenticate"]
    assert CHALLENGE.fullmatch(value)
    return value


def assert_no_credentials(response):
    value = challenge(response, 401)
    assert value.startswith('Bearer realm="')
    assert "error" not in value


def assert_invalid_token(response):
    assert 'error="invalid_token"' in challenge(response, 401)


class TestHeader:
    @rfc("6750", "2.1", "MUST", "the Authorization header is taken")
    @rfc("9110", "11.1", "MUST", "the name of the scheme has no case")
    @pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER", "bEaReR"])
    def test_token_is_taken(self, server, token, scheme, user):
        headers = {"Authorization": f"{scheme} {token}"}
        response = server.call("GET", ME, headers=headers)
        assert response.status_code == 200
        assert response.json()["id"] == user.id

    @rfc("6750", "2.1", "MUST", "malformed credentials open nothing, and break nothing")
    @pytest.mark.parametrize(
        "value",
        [
            b"Bearer",
            b"Bearer a b",
            b"Bearer \xff\xfe",
            b"Bearer \xc3\xa9",
            b"Bearer =",
            b"Bearer " + b"a" * 8192,
            b"Bearer,",
            b"Bearer\tx",
            b'Bearer "x"',
        ],
    )
    def test_malformed_header_is_refused(self, server, value):
        assert server.get_raw(ME.encode(), b"Authorization: " + value) in {400, 401}

    @rfc("6750", "2.1", "MUST", "a token with something after it is another token")
    def test_more_than_the_token_is_refused(self, server, token):
        for value in (f"{token} x", f"{token},", f"{token}=", token[:-1], f"x{token}"):
            headers = {"Authorization": f"Bearer {value}"}
            assert_invalid_token(server.call("GET", ME, headers=headers))


class TestOtherPlaces:
    @rfc("6750", "2.3", "SHOULD NOT", "a token in the URI isn't taken")
    @rfc("9700", "4.3.2", "MUST NOT", "a token in the URI isn't taken")
    def test_query_is_no_credential(self, server, token):
        assert_no_credentials(server.call("GET", f"{TEAMS}?access_token={token}"))

    @rfc("6750", "2.2", "MAY", "a token in the body isn't taken")
    def test_body_is_no_credential(self, server, token):
        form = {"title": "Engineers", "access_token": token}
        assert_no_credentials(server.call("POST", TEAMS, data=form))

    @rfc("6750", "2", "MUST NOT", "a token is sent in one way")
    @rfc("6750", "3.1", "SHOULD", "two ways at once: 400 invalid_request")
    def test_header_and_query_are_two_ways(self, server, token):
        path = f"{TEAMS}?access_token={token}"
        response = server.call("GET", path, token=token)
        assert 'error="invalid_request"' in challenge(response, 400)

    @rfc("6750", "2", "MUST NOT", "a token is sent in one way")
    @rfc("6750", "3.1", "SHOULD", "two ways at once: 400 invalid_request")
    def test_header_and_body_are_two_ways(self, server, token):
        form = {"title": "Engineers", "access_token": token}
        response = server.call("POST", TEAMS, token=token, data=form)
        assert 'error="invalid_request"' in challenge(response, 400)


class TestChallenge:
    @rfc("6750", "3", "MUST", "a request without credentials is challenged")
    @rfc("6750", "3.1", "SHOULD NOT", "without credentials nothing is said of an error")
    @rfc("9110", "11.6.1", "MUST", "401 has WWW-Authenticate")
    @pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "POST"])
    def test_no_credentials(self, server, method):
        assert_no_credentials(server.call(method, TEAMS))

    @rfc("6750", "3", "MUST", "other schemes are challenged by Bearer")
    @pytest.mark.parametrize(
        "value", ["Basic dTpw", "Digest username=u", "Negotiate x", "Token x", "x", ""]
    )
    def test_other_schemes(self, server, value):
        headers = {"Authorization": value}
        assert_no_credentials(server.call("GET", ME, headers=headers))

    @rfc("6750", "3.1", "SHOULD", "an unknown token: 401 invalid_token")
    @pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "POST"])
    def test_unknown_token(self, server, method):
        assert_invalid_token(server.call(method, TEAMS, token="apa_unknown"))

    @rfc("6750", "3.1", "SHOULD", "an expired token: 401 invalid_token")
    def test_expired_token(self, server, token, change):
        change(
            update(OAuth2Token)
            .where(OAuth2Token.digest == digest(token))
            .values(expires=now())
        )
        assert_invalid_token(server.call("GET", ME, token=token))

    @rfc("6750", "3.1", "SHOULD", "a revoked token: 401 invalid_token")
    def test_revoked_token(self, server, client, make_token, user):
        token = make_token(user, client=client, scopes=["users:read"])
        server.post("revoke", client, token=token)
        assert_invalid_token(server.call("GET", ME, token=token))

    @rfc("6750", "3.1", "SHOULD", "a missing scope: 403 insufficient_scope")
    @rfc("6750", "3.1", "MAY", "the challenge names the scope that is needed")
    @pytest.mark.parametrize(
        ("method", "path", "scope"),
        [
            ("GET", ME, "users:read"),
            ("HEAD", ME, "users:read"),
            ("GET", TEAMS, "teams:read"),
            ("POST", TEAMS, "teams:write"),
            ("GET", "/api/v1/auth/grants/", "auth:read"),
            ("DELETE", "/api/v1/auth/grants/", "auth:write"),
        ],
    )
    def test_missing_scope(self, server, make_token, user, method, path, scope):
        names = ("users:read", "teams:read", "teams:write", "auth:read", "auth:write")
        token = make_token(user, scopes=[name for name in names if name != scope])
        value = challenge(server.call(method, path, token=token), 403)
        assert 'error="insufficient_scope"' in value
        assert f'scope="{scope}"' in value

    @rfc("6749", "7", "MUST", "the resource server checks that the scope covers it")
    def test_no_scope_at_all(self, server, make_token, user):
        token = make_token(user, scopes=[])
        assert challenge(server.call("GET", ME, token=token), 403)
        assert challenge(server.call("POST", TEAMS, token=token, json={}), 403)


class TestCaching:
    @rfc("6750", "2.3", "SHOULD", "answers to those who sign in are private")
    @rfc("6750", "5.3", "SHOULD", "what a token opens isn't kept by shared caches")
    @rfc("ASVS", "14.2.2", "L2", "no cache between keeps what is sensitive")
    @pytest.mark.parametrize(
        ("method", "path"),
        [
            ("GET", ME),
            ("HEAD", ME),
            ("GET", TEAMS),
            ("POST", TEAMS),
            ("OPTIONS", TEAMS),
            ("GET", "/api/v1/users/"),
            ("GET", "/api/v1/teams/999999"),
            ("PATCH", TEAMS),
            ("DELETE", "/api/v1/auth/grants/"),
        ],
    )
    def test_answers_are_private(self, server, make_token, user, method, path):
        scopes = ["users:read", "teams:read", "teams:write", "auth:write"]
        token = make_token(user, scopes=scopes)
        body = {"title": "Engineers"} if method == "POST" else None
        response = server.call(method, path, token=token, json=body)
        cached = set(response.headers["cache-control"].split(", "))
        assert cached & {"private", "no-store"}
