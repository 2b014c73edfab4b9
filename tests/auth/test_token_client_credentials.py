"""The client credentials grant (RFC 6749 section 4.4): a client acts for itself."""

from unittest.mock import ANY

import pytest
from sqlalchemy import select

from apiserver.auth.models import OAuth2Grant
from tests.auth.conftest import assert_uncached, basic
from tests.oauth_errors import INVALID_CLIENT, INVALID_SCOPE, UNAUTHORIZED_CLIENT
from tests.problems import problem


class TestClientCredentialsGrant:
    def test_gives_an_access_token_alone(self, post, client, statements):
        with statements() as executed:
            response = post(client, grant_type="client_credentials")
        assert response.status_int == 200
        assert response.json == {
            "access_token": ANY,
            "token_type": "Bearer",
            "expires_in": 900,
            "scope": "teams:read users:read",
        }
        assert_uncached(response)
        assert len(executed) == 4, executed

    def test_the_subject_is_the_client_and_not_its_owner(self, post, client, me, db):
        token = post(client, grant_type="client_credentials").json["access_token"]
        assert me(token, "/teams/").json == []
        response = me(token)
        assert response.status_int == 403
        detail = "Only for the user itself and administrators."
        assert response.json == problem(403, detail)
        assert db.scalars(select(OAuth2Grant.user_id)).all() == [None]

    def test_narrower_scope_is_given(self, post, client, me):
        response = post(client, grant_type="client_credentials", scope="users:read")
        assert response.json["scope"] == "users:read"
        assert me(response.json["access_token"], "/teams/").status_int == 403

    @pytest.mark.parametrize("scope", ["teams:write", "users:read x", "é", 'a"', "\\"])
    def test_scope_beyond_the_clients_is_invalid(self, post, client, scope):
        response = post(client, grant_type="client_credentials", scope=scope)
        assert (response.status_int, response.json) == (400, INVALID_SCOPE)
        assert_uncached(response)


class TestRightToClientCredentials:
    def test_is_for_clients_of_this_grant(self, post, make_client):
        client = make_client(grant_types=("refresh_token",))
        response = post(client, grant_type="client_credentials")
        assert response.status_int == 400
        assert response.json == UNAUTHORIZED_CLIENT

    @pytest.mark.parametrize("secret", ["", "guess"])
    def test_public_client_has_none(self, post, public_client, secret):
        headers = basic(public_client.client_id, secret)
        response = post(grant_type="client_credentials", headers=headers)
        assert response.status_int == 401
        assert response.json == INVALID_CLIENT
        assert response.headers["WWW-Authenticate"] == 'Basic realm="apiserver"'

    def test_public_client_that_has_a_secret_must_present_it(self, post, make_client):
        """As the demo client does: to know its name is not enough."""
        client = make_client(client_type="public")
        form = {"grant_type": "client_credentials"}
        named = {"client_id": client.client_id}
        assert post(client, **form).status_int == 200
        for response in (
            post(**form, **named),
            post(**form, **named, client_secret="guess"),
            post(**form, headers=basic(client.client_id, "")),
            post(**form, headers=basic(client.client_id, "guess")),
        ):
            assert response.status_int == 401
            assert response.json == INVALID_CLIENT
