"""The revocation endpoint (RFC 7009)."""

import pytest
from sqlalchemy import select

from apiserver.auth.models import OAuth2Grant
from tests.auth.conftest import assert_uncached
from tests.oauth_errors import (
    ENDED_GRANT,
    INVALID_CLIENT,
    OTHERS_TOKEN,
    invalid_request,
)


@pytest.fixture
def revoke(post, client):
    """A function that revokes a token, and returns the response."""

    def call(token, client=client, **form):
        return post(client, to="revoke", token=token, **form)

    return call


def assert_revoked(response):
    assert (response.status_int, response.body) == (200, b"")
    assert_uncached(response)


def reasons(db):
    return db.scalars(select(OAuth2Grant.revoke_reason)).all()


class TestRevoke:
    @pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
    def test_either_token_ends_the_whole_grant_at_once(
        self, sign_in, revoke, refresh, me, db, statements, kind
    ):
        tokens = sign_in()
        with statements() as executed:
            assert_revoked(revoke(tokens[kind]))
        assert len(executed) == 4, executed
        assert me(tokens["access_token"]).status_int == 401
        assert refresh(tokens["refresh_token"]).json == ENDED_GRANT
        assert reasons(db) == ["revoked_by_client"]

    def test_rotated_refresh_token_ends_the_grant_as_well(
        self, sign_in, revoke, refresh, me
    ):
        old = sign_in()
        new = refresh(old["refresh_token"]).json
        assert_revoked(revoke(old["refresh_token"]))
        assert me(new["access_token"]).status_int == 401

    def test_leaves_other_grants_alone(self, sign_in, revoke, me):
        other = sign_in()
        assert_revoked(revoke(sign_in()["access_token"]))
        assert me(other["access_token"]).status_int == 200

    def test_twice_is_no_error(self, sign_in, revoke, db):
        token = sign_in()["refresh_token"]
        assert_revoked(revoke(token))
        first = db.scalars(select(OAuth2Grant.revoked)).one()
        assert_revoked(revoke(token))
        assert db.scalars(select(OAuth2Grant.revoked)).one() == first

    @pytest.mark.parametrize("token", ["unknown", "apa_" + "a" * 51, "é☃", "x" * 8000])
    def test_unknown_token_is_no_error(self, revoke, token):
        assert_revoked(revoke(token))

    @pytest.mark.parametrize("hint", ["access_token", "refresh_token", "x", ""])
    @pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
    def test_hint_does_not_matter(self, sign_in, revoke, me, kind, hint):
        tokens = sign_in()
        assert_revoked(revoke(tokens[kind], token_type_hint=hint))
        assert me(tokens["access_token"]).status_int == 401

    def test_there_is_no_callback(self, sign_in, revoke):
        assert_revoked(revoke(sign_in()["access_token"], callback="alert"))


class TestRightToRevoke:
    def test_token_of_another_client_stays(
        self, sign_in, revoke, make_client, refresh, me
    ):
        tokens = sign_in()
        for kind in ("access_token", "refresh_token"):
            response = revoke(tokens[kind], client=make_client())
            assert response.status_int == 400
            assert response.json == OTHERS_TOKEN
            assert_uncached(response)
        assert me(tokens["access_token"]).status_int == 200
        assert refresh(tokens["refresh_token"]).status_int == 200

    def test_confidential_client_must_authenticate(self, sign_in, post, client, me):
        token = sign_in()["access_token"]
        response = post(to="revoke", token=token, client_id=client.client_id)
        assert response.status_int == 401
        assert response.json == INVALID_CLIENT
        assert response.headers["WWW-Authenticate"] == 'Basic realm="apiserver"'
        assert me(token).status_int == 200

    def test_public_client_names_itself(self, sign_in, post, public_client, me):
        client_id = public_client.client_id
        token = sign_in(client=None, client_id=client_id)["access_token"]
        assert_revoked(post(to="revoke", token=token, client_id=client_id))
        assert me(token).status_int == 401

    @pytest.mark.parametrize("form", [{}, {"token": ""}])
    def test_token_is_required(self, post, client, form):
        response = post(client, to="revoke", **form)
        assert response.status_int == 400
        assert response.json == invalid_request("Missing token parameter.")
        assert_uncached(response)
