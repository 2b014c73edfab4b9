"""Changing and deleting an OAuth2 client (``/auth/oauth2_clients/{client_id}``)."""

from unittest.mock import ANY

import pytest

from apiserver.auth.models import OAuth2Client, OAuth2Grant, OAuth2Token
from tests.auth.conftest import shown
from tests.auth.test_client_fields import REDIRECT
from tests.oauth_errors import INVALID_CLIENT
from tests.patches import op, replace
from tests.problems import invalid

URI = "https://example.com/cb"


@pytest.fixture
def own(make_client, user):
    """A client of the user's."""
    return make_client(user)


@pytest.fixture
def path(own):
    return f"/auth/oauth2_clients/{own.client_id}"


@pytest.fixture
def caller(api, user):
    return api(user)


class TestGetClient:
    def test_shows_it_without_its_secret(self, caller, user, own, path, statements):
        with statements() as executed:
            response = caller.get(path)
        assert response.status_int == 200
        assert response.json == shown(own)
        assert len(executed) == 2, executed


class TestPatchClient:
    def test_changes_what_may_be_changed(self, caller, path):
        before = caller.get(path).json
        changes = {"redirect_uris": [URI], "default_scopes": ["teams:write"]}
        response = caller.patch(path, [replace(*change) for change in changes.items()])
        assert response.status_int == 200
        assert response.json == {**before, **changes, "updated": ANY}
        assert response.json["updated"] > before["updated"]
        assert caller.get(path).json == response.json

    def test_keeps_the_limits(self, caller, path):
        uris = [URI, "http://example.com"]
        response = caller.patch(path, [replace("redirect_uris", uris)])
        assert response.status_int == 422
        assert response.json == invalid(**{"redirect_uris.1": REDIRECT})

    def test_scopes_beyond_the_callers_are_refused(self, api, user, path):
        """But for those that it has."""
        caller = api(user, scopes=["auth:write", "users:write"])
        scopes = ["users:read", "users:write"]
        response = caller.patch(path, [replace("default_scopes", scopes)])
        assert response.json["default_scopes"] == scopes
        added = op("add", "/default_scopes/-", value="teams:write")
        response = caller.patch(path, [added])
        assert (response.status_int, response.json) == (
            422,
            invalid(**{"default_scopes.2": "You can't grant this scope."}),
        )


class TestDisableClient:
    def test_ends_what_was_granted_for_good(self, api, make_user, client, sign_in, me):
        tokens = sign_in()
        path = f"/auth/oauth2_clients/{client.client_id}"
        admin = api(make_user("admin"))
        assert admin.patch(path, [replace("enabled", False)]).status_int == 200
        assert me(tokens["access_token"]).status_int == 401
        assert sign_in() == INVALID_CLIENT
        assert admin.patch(path, [replace("enabled", True)]).status_int == 200
        assert me(tokens["access_token"]).status_int == 401
        assert me(sign_in()["access_token"]).status_int == 200


class TestDeleteClient:
    def test_takes_what_was_granted_along(
        self, api, make_user, client, sign_in, me, db, statements
    ):
        tokens = sign_in()
        path = f"/auth/oauth2_clients/{client.client_id}"
        admin = api(make_user("admin"))
        with statements() as executed:
            response = admin.delete(path)
        assert (response.status_int, response.body) == (204, b"")
        assert len(executed) == 8, executed
        assert me(tokens["access_token"]).status_int == 401
        assert admin.get(path).status_int == 404
        assert db.query(OAuth2Client).filter_by(id=client.id).all() == []
        assert db.query(OAuth2Grant).filter_by(client_id=client.id).all() == []
        # What is left is the administrator's own token.
        assert db.query(OAuth2Token).count() == 1
