"""The password grant (RFC 6749 section 4.3), which an operator may switch on."""

from datetime import timedelta
from unittest.mock import ANY

import pytest
from sqlalchemy import select

from apiserver.auth.models import OAuth2Grant, OAuth2Token
from apiserver.auth.tokens import digest
from apiserver.users.hashing import hash_password
from tests.auth.conftest import assert_uncached
from tests.factories import PASSWORD
from tests.oauth_errors import INVALID_SCOPE, UNAUTHORIZED_CLIENT, UNSUPPORTED_GRANT

INVALID_GRANT = {
    "error": "invalid_grant",
    "error_description": "Invalid credentials given.",
}


def find_token(db, token):
    statement = select(OAuth2Token).where(OAuth2Token.digest == digest(token))
    return db.scalars(statement).one()


class TestPasswordGrant:
    def test_gives_an_access_and_a_refresh_token(self, post, client, user, statements):
        with statements() as executed:
            response = post(
                client,
                grant_type="password",
                username=user.username,
                password=PASSWORD,
            )
        assert response.status_int == 200
        assert response.json == {
            "access_token": ANY,
            "refresh_token": ANY,
            "token_type": "Bearer",
            "expires_in": 900,
            "scope": "teams:read users:read",
        }
        assert response.headers["Content-Type"] == "application/json"
        assert_uncached(response)
        assert len(executed) == 10, executed

    def test_the_token_is_the_users(self, sign_in, user, me):
        response = me(sign_in()["access_token"])
        assert (response.status_int, response.json["id"]) == (200, user.id)

    @pytest.mark.parametrize(
        "username", ["Zoë", "ZOË", "zoe\N{COMBINING DIAERESIS}", "ｚｏë"]
    )
    def test_takes_each_spelling_of_the_name(self, sign_in, make_user, username):
        user = make_user(username="Zoë")
        given = {"user": user, "username": username}
        assert sign_in(**given)["token_type"] == "Bearer"

    def test_public_client_needs_only_its_id(self, post, public_client, user):
        response = post(
            grant_type="password",
            client_id=public_client.client_id,
            username=user.username,
            password=PASSWORD,
        )
        assert response.status_int == 200

    def test_refresh_token_is_for_clients_that_may_use_it(self, sign_in, make_client):
        client = make_client(first_party=True, grant_types=("password",))
        assert sign_in(client).keys() == {
            "access_token",
            "token_type",
            "expires_in",
            "scope",
        }

    @pytest.mark.parametrize(
        "asked", ["teams:read", "  teams:read", "teams:read  teams:read "]
    )
    def test_gives_the_scope_that_is_asked_for(self, sign_in, me, asked):
        """However many spaces there are, none of them makes an empty scope."""
        tokens = sign_in(scope=asked)
        assert tokens["scope"] == "teams:read"
        assert me(tokens["access_token"], "/teams/").status_int == 200
        assert me(tokens["access_token"]).status_int == 403

    @pytest.mark.parametrize("asked", ["", " "])
    def test_gives_the_clients_scopes_when_none_is_asked_for(self, sign_in, asked):
        assert sign_in(scope=asked)["scope"] == "teams:read users:read"

    def test_says_the_lifetime_that_is_stored(self, sign_in, db):
        tokens = sign_in()
        access = find_token(db, tokens["access_token"])
        later = find_token(db, tokens["refresh_token"])
        grant = db.get(OAuth2Grant, access.grant_id)
        lifetimes = [
            round((moment - grant.created) / timedelta(seconds=1))
            for moment in (
                access.expires,
                later.expires,
                grant.absolute_expires,
            )
        ]
        assert lifetimes == [tokens["expires_in"], 14 * 86400, 30 * 86400]

    def test_the_case_of_the_username_does_not_matter(self, sign_in, make_user):
        user = make_user(username="Straße")
        assert sign_in(user=user, username="STRASSE")["access_token"]

    @pytest.mark.parametrize("password", ["q", "é\N{SNOWMAN} \U0001f600", "x" * 1024])
    def test_takes_any_password(self, post, sign_in, make_user, db, password):
        user = make_user()
        user.set_password(hash_password(password))
        db.commit()
        assert sign_in(user=user, password=password)["token_type"] == "Bearer"


class TestRefusedPassword:
    @pytest.fixture
    def answers(self, post, client, user, make_user):
        """What is answered for what is wrong."""
        inactive = make_user("inactive")
        forms = {
            "wrong password": {"username": user.username, "password": "guess"},
            "unknown user": {"username": "nobody", "password": PASSWORD},
            "inactive user": {"username": inactive.username, "password": PASSWORD},
            "long username": {"username": "x" * 5000, "password": PASSWORD},
            "long password": {"username": user.username, "password": "x" * 50_000},
        }
        return {
            reason: post(client, grant_type="password", **form)
            for reason, form in forms.items()
        }

    def test_nothing_tells_what_was_wrong(self, answers):
        for response in answers.values():
            assert (response.status_int, response.json) == (400, INVALID_GRANT)
            assert_uncached(response)
        lengths = {len(response.headers) for response in answers.values()}
        assert len(lengths) == 1

    def test_no_token_is_stored(self, answers, db):
        assert db.scalars(select(OAuth2Token)).all() == []
        assert db.scalars(select(OAuth2Grant)).all() == []

    @pytest.mark.parametrize("missing", ["username", "password"])
    @pytest.mark.parametrize("empty", [{}, {"username": "", "password": ""}])
    def test_username_and_password_are_required(
        self, post, client, user, missing, empty
    ):
        form = {**empty, "username": user.username, "password": PASSWORD}
        form[missing] = empty.get(missing)
        form = {name: value for name, value in form.items() if value is not None}
        response = post(client, grant_type="password", **form)
        assert response.status_int == 400
        assert response.json == {
            "error": "invalid_request",
            "error_description": f"Request is missing {missing} parameter.",
        }

    @pytest.mark.parametrize("asked", ["teams:write", "teams:read x", "auth:read"])
    def test_scopes_beyond_the_clients_are_invalid(self, post, client, user, asked):
        form = {"username": user.username, "password": PASSWORD, "scope": asked}
        response = post(client, grant_type="password", **form)
        assert (response.status_int, response.json) == (400, INVALID_SCOPE)


class TestRightToThePasswordGrant:
    @pytest.mark.parametrize("password", [PASSWORD, "guess"])
    def test_is_for_first_party_clients(
        self, post, make_client, user, statements, password
    ):
        """Answered before the password is looked at: it would be an oracle."""
        client = make_client(first_party=False)
        form = {"username": user.username, "password": password}
        with statements() as executed:
            response = post(client, grant_type="password", **form)
        assert response.status_int == 400
        assert response.json == UNAUTHORIZED_CLIENT
        assert len(executed) == 1, executed

    def test_is_for_clients_of_this_grant(self, post, make_client, user):
        client = make_client(first_party=True, grant_types=("refresh_token",))
        form = {"username": user.username, "password": PASSWORD}
        response = post(client, grant_type="password", **form)
        assert response.status_int == 400
        assert response.json == UNAUTHORIZED_CLIENT

    def test_is_off_unless_the_operator_wants_it(
        self, post, client, user, make_app, database_url
    ):
        strict = make_app(database_url, oauth2_password_grant="false")
        form = {"username": user.username, "password": PASSWORD}
        response = post(client, app=strict, grant_type="password", **form)
        assert response.status_int == 400
        assert response.json == UNSUPPORTED_GRANT
