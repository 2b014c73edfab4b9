"""The refresh grant: rotation and narrowing.

RFC 6749 section 6, RFC 9700 section 4.14.2.
"""

from datetime import timedelta
from unittest.mock import ANY

import pytest
from sqlalchemy import select, update

from apiserver.auth.models import OAuth2Grant, OAuth2Token
from apiserver.core.db import now
from tests.auth.conftest import assert_uncached
from tests.oauth_errors import (
    INVALID_CLIENT,
    INVALID_SCOPE,
    UNAUTHORIZED_CLIENT,
    UNKNOWN_REFRESH,
)


class TestRefresh:
    def test_gives_a_new_pair(self, sign_in, refresh, statements, live):
        old = sign_in()
        with statements() as executed:
            response = refresh(old["refresh_token"])
        assert response.status_int == 200
        assert response.json == {
            "access_token": ANY,
            "refresh_token": ANY,
            "token_type": "Bearer",
            "expires_in": 900,
            "scope": "teams:read users:read",
        }
        assert_uncached(response)
        assert len(executed) == 5, executed
        assert len({*old.values()} & {*response.json.values()}) == 3
        assert live(response.json) == [True, True]

    def test_access_token_ends_with_the_grant(self, sign_in, refresh, db):
        token = sign_in()["refresh_token"]
        ends = now() + timedelta(seconds=100)
        db.execute(update(OAuth2Grant).values(absolute_expires=ends))
        db.commit()
        assert 90 <= refresh(token).json["expires_in"] <= 100
        assert db.scalars(select(OAuth2Token.expires)).all().count(ends) == 2

    def test_the_old_access_token_lives_on(self, sign_in, refresh, me):
        old = sign_in()
        refresh(old["refresh_token"])
        assert me(old["access_token"]).status_int == 200

    def test_public_client_needs_only_its_id(self, sign_in, post, public_client):
        form = {"client_id": public_client.client_id, "grant_type": "refresh_token"}
        tokens = sign_in(client=None, client_id=public_client.client_id)
        assert post(**form, refresh_token=tokens["refresh_token"]).status_int == 200

    def test_confidential_client_must_authenticate(self, sign_in, post, client, me):
        tokens = sign_in()
        response = post(
            grant_type="refresh_token",
            client_id=client.client_id,
            refresh_token=tokens["refresh_token"],
        )
        assert response.status_int == 401
        assert response.json == INVALID_CLIENT

    def test_is_for_clients_of_this_grant(self, sign_in, refresh, client, db):
        tokens = sign_in()
        client.grant_types = ("password",)
        db.commit()
        response = refresh(tokens["refresh_token"])
        assert response.status_int == 400
        assert response.json == UNAUTHORIZED_CLIENT

    @pytest.mark.parametrize("form", [{}, {"refresh_token": ""}])
    def test_refresh_token_is_required(self, post, client, form):
        response = post(client, grant_type="refresh_token", **form)
        assert response.status_int == 400
        assert response.json == {
            "error": "invalid_request",
            "error_description": "Missing refresh token parameter.",
        }

    @pytest.mark.parametrize("token", ["unknown", "apr_" + "a" * 51, "é\N{SNOWMAN}"])
    def test_unknown_refresh_token_is_invalid(self, refresh, token):
        response = refresh(token)
        assert (response.status_int, response.json) == (400, UNKNOWN_REFRESH)
        assert_uncached(response)

    def test_access_token_is_no_refresh_token(self, sign_in, refresh, live):
        tokens = sign_in()
        response = refresh(tokens["access_token"])
        assert (response.status_int, response.json) == (400, UNKNOWN_REFRESH)
        assert live(tokens) == [True, True]

    def test_refresh_token_of_another_client_is_invalid(
        self, sign_in, refresh, make_client, live
    ):
        tokens = sign_in()
        response = refresh(tokens["refresh_token"], client=make_client())
        assert (response.status_int, response.json) == (400, UNKNOWN_REFRESH)
        assert live(tokens) == [True, True]


class TestScopeOfRefresh:
    def test_narrower_scope_narrows_the_access_token_alone(self, sign_in, refresh, me):
        narrow = refresh(sign_in()["refresh_token"], scope="teams:read").json
        assert narrow["scope"] == "teams:read"
        assert me(narrow["access_token"]).status_int == 403
        original = refresh(narrow["refresh_token"]).json
        assert original["scope"] == "teams:read users:read"
        assert me(original["access_token"]).status_int == 200

    @pytest.mark.parametrize("scope", ["users:read", "teams:read users:read", "x", "é"])
    def test_wider_scope_is_refused_and_the_token_not_used_up(
        self, sign_in, refresh, me, scope
    ):
        tokens = sign_in(scope="teams:read")
        response = refresh(tokens["refresh_token"], scope=scope)
        assert (response.status_int, response.json) == (400, INVALID_SCOPE)
        assert refresh(tokens["refresh_token"]).json["scope"] == "teams:read"

    def test_scope_that_the_client_has_lost_is_gone(self, sign_in, refresh, client, db):
        tokens = sign_in()
        client.default_scopes = ("teams:read",)
        db.commit()
        response = refresh(tokens["refresh_token"], scope="users:read")
        assert (response.status_int, response.json) == (400, INVALID_SCOPE)
        assert refresh(tokens["refresh_token"]).json["scope"] == "teams:read"

    def test_scope_that_the_client_has_got_since_is_not_added(
        self, sign_in, refresh, client, db
    ):
        tokens = sign_in()
        client.default_scopes = (*client.default_scopes, "teams:write")
        db.commit()
        refreshed = refresh(tokens["refresh_token"]).json
        assert refreshed["scope"] == "teams:read users:read"
