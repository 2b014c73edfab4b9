"""The end of a refresh token: it is used twice, or has expired.

RFC 9700 section 4.14.2.
"""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from apiserver.auth.models import OAuth2Grant, OAuth2Token
from apiserver.core.db import now
from tests.auth.conftest import assert_uncached
from tests.oauth_errors import EXPIRED_REFRESH, UNKNOWN_REFRESH, USED_REFRESH


def expire(db, column):
    """Let the time go by after which a token or a grant has expired."""
    statement = update(column.class_).values({column: now() - timedelta(seconds=1)})
    if column.class_ is OAuth2Token:
        statement = statement.where(OAuth2Token.kind == "refresh")
    db.execute(statement)
    db.commit()


class TestReuse:
    def test_revokes_the_grant_although_it_is_refused(
        self, sign_in, refresh, me, db, live
    ):
        old = sign_in()
        new = refresh(old["refresh_token"]).json
        response = refresh(old["refresh_token"])
        assert (response.status_int, response.json) == (400, USED_REFRESH)
        assert_uncached(response)
        assert live(new) == [False, False]
        assert me(old["access_token"]).status_int == 401
        grant = db.scalars(select(OAuth2Grant)).one()
        assert grant.revoke_reason == "refresh_token_reuse"
        assert grant.revoked is not None

    def test_is_noticed_however_old_the_token_is(self, sign_in, refresh, live):
        first = sign_in()
        second = refresh(first["refresh_token"]).json
        third = refresh(second["refresh_token"]).json
        assert refresh(first["refresh_token"]).json == USED_REFRESH
        assert live(third) == [False, False]

    def test_is_noticed_whatever_scope_is_asked_for(self, sign_in, refresh, live):
        old = sign_in()
        new = refresh(old["refresh_token"]).json
        response = refresh(old["refresh_token"], scope="teams:write")
        assert (response.status_int, response.json) == (400, USED_REFRESH)
        assert live(new) == [False, False]

    def test_by_another_client_revokes_nothing(
        self, sign_in, refresh, make_client, live
    ):
        old = sign_in()
        new = refresh(old["refresh_token"]).json
        response = refresh(old["refresh_token"], client=make_client())
        assert (response.status_int, response.json) == (400, UNKNOWN_REFRESH)
        assert live(new) == [True, True]

    def test_leaves_other_grants_of_the_user_alone(self, sign_in, refresh, live):
        other = sign_in()
        old = sign_in()
        refresh(old["refresh_token"])
        refresh(old["refresh_token"])
        assert live(other) == [True, True]


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
        assert (response.status_int, response.json) == (400, EXPIRED_REFRESH)
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
