"""The access token at the API (RFC 6750)."""

from datetime import timedelta

import pytest

from apiserver.auth.tokens import REFRESH
from apiserver.auth.tokens import make_token as random_token
from tests.problems import problem

REALM = 'Bearer realm="apiserver"'
INVALID = f'{REALM}, error="invalid_token", error_description="The token is not valid."'

# What can be no token: refused before the database is asked.
GARBAGE = [
    "Bearer",
    "Bearer ",
    "Bearer a b",
    "Bearer null",
    "Bearer é☃".encode().decode("latin-1"),
    "Bearer \xff\xfe",
    "Bearer " + "x" * 8192,
    "Bearer apa_" + "a" * 51,
    f"Bearer {random_token(REFRESH)}",
]
OTHER_SCHEMES = ["Basic YTpi", "Digest username=a", "Negotiate x", "apa_x", "", " "]


@pytest.fixture
def ask(api):
    """A function that asks with an Authorization header, and returns the response."""

    def call(authorization, path="/users/me", method="GET"):
        headers = {"Authorization": authorization}
        return api().call(method, "/api/v1" + path, headers=headers)

    return call


def assert_unauthenticated(response, challenge=INVALID):
    detail = (
        "The token is not valid."
        if challenge == INVALID
        else "Sign in: this needs an access token."
    )
    assert response.status_int == 401
    assert response.headers["WWW-Authenticate"] == challenge
    assert response.json == problem(401, detail)


class TestToken:
    @pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER", "Bearer  "])
    def test_says_who_calls(self, ask, make_user, make_token, scheme):
        user = make_user()
        token = make_token(user, scopes=["users:read"])
        response = ask(f"{scheme} {token}")
        assert (response.status_int, response.json["id"]) == (200, user.id)
        assert response.headers["Cache-Control"] == "private, no-cache"

    def test_is_checked_by_one_statement(self, api, user, statements):
        caller = api(user)
        with statements() as executed:
            assert caller.get("/users/me").status_int == 200
        assert len(executed) == 1, executed

    @pytest.mark.parametrize("authorization", GARBAGE, ids=range(len(GARBAGE)))
    def test_garbage_is_refused_without_a_statement(
        self, ask, statements, authorization
    ):
        with statements() as executed:
            response = ask(authorization)
        assert_unauthenticated(response)
        assert executed == []

    def test_unknown_one_is_refused(self, ask, statements):
        with statements() as executed:
            assert_unauthenticated(ask(f"Bearer {random_token('apa_')}"))
        assert len(executed) == 1, executed

    def test_expired_one_is_refused(self, ask, user, make_token):
        lifetime = timedelta(seconds=-1)
        token = make_token(user, scopes=["users:read"], lifetime=lifetime)
        assert_unauthenticated(ask(f"Bearer {token}"))

    def test_refresh_token_is_none(self, ask, sign_in):
        assert_unauthenticated(ask(f"Bearer {sign_in()['refresh_token']}"))

    @pytest.mark.parametrize("method", ["HEAD", "OPTIONS"])
    def test_every_method_asks_for_it(self, ask, api, user, method):
        refused = ask("Bearer x", method=method)
        assert refused.status_int == 401
        assert refused.headers["WWW-Authenticate"] == INVALID
        assert api(user).call(method, "/api/v1/users/me").status_int in {200, 204}

    def test_invalid_one_is_refused_where_none_is_needed(self, ask, api):
        assert api().get("/users/signup-form").status_int == 200
        assert_unauthenticated(ask("Bearer x", "/users/signup-form"))


class TestNoToken:
    def test_challenge_holds_no_error(self, api):
        assert_unauthenticated(api().get("/users/me"), REALM)

    @pytest.mark.parametrize("authorization", OTHER_SCHEMES)
    def test_other_schemes_are_none(self, ask, authorization):
        """Section 3.1: no error code for a scheme that is not supported."""
        assert_unauthenticated(ask(authorization), REALM)

    def test_token_in_the_query_is_none(self, api, user, make_token):
        token = make_token(user, scopes=["users:read"])
        response = api().get(f"/users/me?access_token={token}")
        assert_unauthenticated(response, REALM)

    def test_token_in_the_body_is_none(self, api, user, make_token):
        token = make_token(user, scopes=["teams:write"])
        form = {"title": "Engineers", "access_token": token}
        response = api().call("POST", "/api/v1/teams/", form=form)
        assert_unauthenticated(response, REALM)


class TestTwoTokens:
    """Section 2: a client uses one way of sending its token."""

    @pytest.mark.parametrize(
        "path", ["/users/me", "/users/", "/teams/7", "/users/signup-form", "/nowhere"]
    )
    def test_header_and_query_are_refused(self, api, user, path):
        assert_two_tokens(api(user).get(f"{path}?access_token=x"))

    def test_header_and_body_are_refused(self, api, user):
        form = {"title": "Engineers", "access_token": "x"}
        assert_two_tokens(api(user).call("POST", "/api/v1/teams/", form=form))


def assert_two_tokens(response):
    assert response.status_int == 400
    challenge = f'{REALM}, error="invalid_request"'
    assert response.headers["WWW-Authenticate"] == challenge
    assert response.json == problem(400, "Send the token in the header alone.")


class TestScope:
    def test_missing_one_is_named(self, api, user):
        response = api(user, scopes=["teams:read", "users:write"]).get("/users/me")
        assert response.status_int == 403
        assert response.headers["WWW-Authenticate"] == (
            f'{REALM}, error="insufficient_scope", scope="users:read"'
        )
        assert response.json == problem(403, "The token needs the scope users:read.")

    def test_is_what_an_administrator_needs_as_well(self, api, make_user):
        admin = make_user("admin")
        assert api(admin, scopes=["users:read"]).get("/teams/").status_int == 403

    def test_taken_from_the_client_is_gone_at_once(self, sign_in, me, client, db):
        token = sign_in()["access_token"]
        assert me(token).status_int == 200
        client.default_scopes = ("teams:read",)
        db.commit()
        assert me(token).status_int == 403
