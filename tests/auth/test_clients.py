"""Creating OAuth2 clients (``/auth/oauth2_clients/``)."""

from unittest.mock import ANY

import pytest

from apiserver.auth.models import OAuth2Client
from apiserver.auth.tokens import SECRET, digest, is_token
from tests.problems import invalid

PATH = "/auth/oauth2_clients/"

CREATED = {
    "client_id": ANY,
    "client_secret": ANY,
    "user_id": ANY,
    "client_type": "confidential",
    "token_endpoint_auth_method": None,
    "redirect_uris": [],
    "default_scopes": [],
    "grant_types": ["authorization_code", "refresh_token"],
    "first_party": False,
    "enabled": True,
    "created": ANY,
    "updated": ANY,
}


class TestCreateClient:
    def test_by_default_it_is_confidential_and_may_nothing(self, api, user, statements):
        caller = api(user)
        with statements() as executed:
            response = caller.post(PATH, {})
        assert response.status_int == 201
        assert response.json == {**CREATED, "user_id": user.id}
        client_id = response.json["client_id"]
        assert response.headers["Location"] == f"/api/v1{PATH}{client_id}"
        assert response.headers["Cache-Control"] == "no-store"
        assert len(executed) == 4, executed

    def test_it_gets_what_is_asked_for(self, api, user):
        asked = {
            "redirect_uris": ["https://example.com/cb?a=b", "com.example.app:/cb"],
            "default_scopes": ["users:read", "teams:write"],
            "grant_types": ["client_credentials"],
        }
        response = api(user).post(PATH, asked)
        assert response.status_int == 201
        assert response.json == {**CREATED, "user_id": user.id, **asked}

    def test_in_a_form_a_list_is_its_name_again_and_again(self, api, user):
        form = [
            ("redirect_uris", "https://example.com/a"),
            ("redirect_uris", "https://example.com/b"),
            ("grant_types", "client_credentials"),
        ]
        response = api(user).call("POST", f"/api/v1{PATH}", form=form)
        assert response.status_int == 201
        assert response.json == {
            **CREATED,
            "user_id": user.id,
            "redirect_uris": ["https://example.com/a", "https://example.com/b"],
            "grant_types": ["client_credentials"],
        }

    def test_only_a_digest_of_the_secret_is_stored(self, api, user, db):
        created = api(user).post(PATH, {}).json
        assert is_token(created["client_secret"], SECRET)
        client = db.query(OAuth2Client).filter_by(user_id=user.id, enabled=True)
        stored = client.filter_by(client_id=created["client_id"]).one()
        assert stored.secret_digest == digest(created["client_secret"])

    def test_id_and_secret_are_the_servers_choice(self, api, user):
        caller = api(user)
        made = [caller.post(PATH, {}).json for _ in range(3)]
        for name in ("client_id", "client_secret"):
            assert len({client[name] for client in made}) == 3
            assert all(len(client[name]) >= 32 for client in made)

    def test_it_works_at_once(self, api, user, post):
        asked = {
            "default_scopes": ["teams:read"],
            "grant_types": ["client_credentials"],
        }
        created = api(user).post(PATH, asked).json
        response = post(
            grant_type="client_credentials",
            client_id=created["client_id"],
            client_secret=created["client_secret"],
        )
        assert response.json["scope"] == "teams:read"

    def test_public_one_has_no_secret(self, api, user, db):
        response = api(user).post(PATH, {"client_type": "public"})
        assert response.status_int == 201
        public = {"client_type": "public", "client_secret": None, "user_id": user.id}
        assert response.json == {**CREATED, **public}

    def test_public_one_has_no_client_credentials(self, api, user):
        asked = {"client_type": "public", "grant_types": ["client_credentials"]}
        response = api(user).post(PATH, asked)
        assert response.status_int == 422
        assert response.json == invalid(
            grant_types="Public clients have no client credentials."
        )


class TestScopesOfClient:
    """Nobody gives away more than his own token may."""

    @pytest.mark.parametrize("scope", ["teams:write", "unknown", "teams:read x"])
    @pytest.mark.parametrize("kind", ["regular", "admin", "internal"])
    def test_beyond_the_creators_are_refused(self, api, make_user, scope, kind):
        caller = api(make_user(kind), scopes=["auth:write", "teams:read"])
        response = caller.post(PATH, {"default_scopes": ["teams:read", scope]})
        assert response.status_int == 422
        assert response.json == invalid(
            **{"default_scopes.1": "You can't give this scope."}
        )

    def test_beyond_the_registry_are_refused(self, api, make_user, app):
        scopes = [*app.registry.scopes, "root"]
        response = api(make_user("admin")).post(PATH, {"default_scopes": scopes})
        assert response.status_int == 422
        assert response.json == invalid(
            **{f"default_scopes.{len(scopes) - 1}": "You can't give this scope."}
        )

    def test_the_creators_own_are_given(self, api, user, app):
        scopes = list(app.registry.scopes)
        response = api(user).post(PATH, {"default_scopes": scopes})
        assert response.json["default_scopes"] == scopes
