"""The refresh grant: rotation, narrowing, expiry, and the end of a grant.

RFC 6749 section 6, RFC 9700 section 4.14.2.
"""

from datetime import timedelta
from unittest.mock import ANY

import pytest
from sqlalchemy import select, update

from apiserver.auth.models import OAuth2Grant, OAuth2Token
from apiserver.core.db import now
from tests.auth.conftest import assert_uncached

INVALID_GRANT = {"error": "invalid_grant"}


def live(me, refresh, tokens):
    """Which of the two tokens still work."""
    return [
        me(tokens["access_token"]).status_int == 200,
        refresh(tokens["refresh_token"]).status_int == 200,
    ]


def expire(db, column):
    """Let the time go by after which a token or a grant has expired."""
    statement = update(column.class_).values({column: now() - timedelta(seconds=1)})
    if column.class_ is OAuth2Token:
        statement = statement.where(OAuth2Token.kind == "refresh")
    db.execute(statement)
    db.commit()


class TestRefresh:
    def test_gives_a_new_pair(self, sign_in, refresh, me, statements):
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
        assert len(executed) == 4, executed
        assert len({*old.values()} & {*response.json.values()}) == 3
        assert live(me, refresh, response.json) == [True, True]

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
        assert response.json == {"error": "invalid_client"}

    def test_is_for_clients_of_this_grant(self, sign_in, refresh, client, db):
        tokens = sign_in()
        client.grant_types = ("password",)
        db.commit()
        response = refresh(tokens["refresh_token"])
        assert response.status_int == 400
        assert response.json == {"error": "unauthorized_client"}

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
        assert (response.status_int, response.json) == (400, INVALID_GRANT)
        assert_uncached(response)

    def test_access_token_is_no_refresh_token(self, sign_in, refresh, me):
        tokens = sign_in()
        response = refresh(tokens["access_token"])
        assert (response.status_int, response.json) == (400, INVALID_GRANT)
        assert live(me, refresh, tokens) == [True, True]

    def test_refresh_token_of_another_client_is_invalid(
        self, sign_in, refresh, make_client, me
    ):
        tokens = sign_in()
        response = refresh(tokens["refresh_token"], client=make_client())
        assert (response.status_int, response.json) == (400, INVALID_GRANT)
        assert live(me, refresh, tokens) == [True, True]


class TestReuse:
    def test_revokes_the_grant_although_it_is_refused(self, sign_in, refresh, me, db):
        old = sign_in()
        new = refresh(old["refresh_token"]).json
        response = refresh(old["refresh_token"])
        assert (response.status_int, response.json) == (400, INVALID_GRANT)
        assert_uncached(response)
        assert live(me, refresh, new) == [False, False]
        assert me(old["access_token"]).status_int == 401
        grant = db.scalars(select(OAuth2Grant)).one()
        assert (grant.revoked, grant.revoke_reason) == (ANY, "refresh_token_reuse")
        assert grant.revoked is not None

    def test_is_noticed_however_old_the_token_is(self, sign_in, refresh, me):
        first = sign_in()
        second = refresh(first["refresh_token"]).json
        third = refresh(second["refresh_token"]).json
        assert refresh(first["refresh_token"]).json == INVALID_GRANT
        assert live(me, refresh, third) == [False, False]

    def test_is_noticed_whatever_scope_is_asked_for(self, sign_in, refresh, me):
        old = sign_in()
        new = refresh(old["refresh_token"]).json
        response = refresh(old["refresh_token"], scope="teams:write")
        assert (response.status_int, response.json) == (400, INVALID_GRANT)
        assert live(me, refresh, new) == [False, False]

    def test_by_another_client_revokes_nothing(self, sign_in, refresh, make_client, me):
        old = sign_in()
        new = refresh(old["refresh_token"]).json
        response = refresh(old["refresh_token"], client=make_client())
        assert (response.status_int, response.json) == (400, INVALID_GRANT)
        assert live(me, refresh, new) == [True, True]

    def test_leaves_other_grants_of_the_user_alone(self, sign_in, refresh, me):
        other = sign_in()
        old = sign_in()
        refresh(old["refresh_token"])
        refresh(old["refresh_token"])
        assert live(me, refresh, other) == [True, True]


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
        assert (response.status_int, response.json) == (400, {"error": "invalid_scope"})
        assert refresh(tokens["refresh_token"]).json["scope"] == "teams:read"

    def test_scope_that_the_client_has_lost_is_gone(self, sign_in, refresh, client, db):
        tokens = sign_in()
        client.default_scopes = ("teams:read",)
        db.commit()
        response = refresh(tokens["refresh_token"], scope="users:read")
        assert (response.status_int, response.json) == (400, {"error": "invalid_scope"})
        assert refresh(tokens["refresh_token"]).json["scope"] == "teams:read"

    def test_scope_that_the_client_has_got_since_is_not_added(
        self, sign_in, refresh, client, db
    ):
        tokens = sign_in()
        client.default_scopes = (*client.default_scopes, "teams:write")
        db.commit()
        refreshed = refresh(tokens["refresh_token"]).json
        assert refreshed["scope"] == "teams:read users:read"


class TestExpiryOfRefresh:
    @pytest.mark.parametrize(
        "column", [OAuth2Token.expires, OAuth2Grant.absolute_expires]
    )
    def test_expired_token_is_invalid_and_revokes_nothing(
        self, sign_in, refresh, me, db, column
    ):
        tokens = sign_in()
        expire(db, column)
        response = refresh(tokens["refresh_token"])
        assert (response.status_int, response.json) == (400, INVALID_GRANT)
        assert me(tokens["access_token"]).status_int == 200

    def test_the_idle_time_begins_anew_with_each_use(self, sign_in, refresh, db):
        tokens = sign_in()
        soon = now() + timedelta(seconds=60)
        db.execute(update(OAuth2Token).values(expires=soon))
        db.commit()
        refresh(tokens["refresh_token"])
        statement = select(OAuth2Token.expires).where(
            OAuth2Token.kind == "refresh", OAuth2Token.consumed.is_(None)
        )
        left = db.scalars(statement).one() - now()
        assert timedelta(days=13, hours=23) < left <= timedelta(days=14)

    def test_no_use_moves_the_absolute_end(self, sign_in, refresh, db):
        tokens = sign_in()
        end = now() + timedelta(days=1)
        db.execute(update(OAuth2Grant).values(absolute_expires=end))
        db.commit()
        refresh(tokens["refresh_token"])
        assert db.scalars(select(OAuth2Grant.absolute_expires)).one() == end
        statement = select(OAuth2Token.expires).where(
            OAuth2Token.kind == "refresh", OAuth2Token.consumed.is_(None)
        )
        assert db.scalars(statement).one() == end
