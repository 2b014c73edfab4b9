"""Changing and deleting an OAuth2 client (``/auth/oauth2_clients/{client_id}``)."""

from unittest.mock import ANY

import pytest

from apiserver.auth.models import OAuth2Client, OAuth2Grant, OAuth2Token
from tests.oauth_errors import INVALID_CLIENT
from tests.patches import op, replace
from tests.problems import invalid, problem

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
        assert response.json == {
            "client_id": own.client_id,
            "user_id": user.id,
            "client_type": "confidential",
            "token_endpoint_auth_method": None,
            "redirect_uris": [],
            "default_scopes": ["users:read", "teams:read"],
            "grant_types": ["client_credentials", "password", "refresh_token"],
            "first_party": False,
            "enabled": True,
            "created": ANY,
            "updated": ANY,
        }
        assert len(executed) == 2, executed

    @pytest.mark.parametrize("client_id", ["unknown", "x" * 81, "a%20b", "%C3%A9"])
    def test_unknown_one_is_not_found(self, caller, client_id):
        response = caller.get(f"/auth/oauth2_clients/{client_id}")
        assert response.status_int == 404
        assert response.json == problem(404, ANY)


class TestPatchClient:
    def test_changes_what_may_be_changed(self, caller, path):
        before = caller.get(path).json
        changes = {"redirect_uris": [URI], "default_scopes": ["teams:write"]}
        response = caller.patch(path, [replace(*change) for change in changes.items()])
        assert response.status_int == 200
        assert response.json == {**before, **changes, "updated": ANY}
        assert response.json["updated"] > before["updated"]
        assert caller.get(path).json == response.json

    @pytest.mark.parametrize(
        ("field", "value", "name", "description"),
        [
            ("redirect_uris", [URI, "http://example.com"], "redirect_uris.1", ANY),
            (
                "default_scopes",
                [f"x{number}" for number in range(51)],
                "default_scopes",
                ANY,
            ),
            ("enabled", "yes", "enabled", "Must be true or false."),
        ],
    )
    def test_keeps_the_limits(self, caller, path, field, value, name, description):
        response = caller.patch(path, [replace(field, value)])
        assert response.status_int == 422
        assert response.json == invalid(**{name: description})

    @pytest.mark.parametrize(
        "field",
        ["client_id", "client_type", "secret_digest", "first_party", "grant_types"],
    )
    def test_nothing_else_can_be_changed(self, api, make_user, path, field):
        response = api(make_user("admin")).patch(path, [replace(field, True)])
        assert response.status_int == 422

    def test_scopes_beyond_the_callers_are_refused(self, api, user, path):
        caller = api(user, scopes=["auth:write", "teams:read"])
        scopes = ["teams:read", "teams:write"]
        response = caller.patch(path, [replace("default_scopes", scopes)])
        assert response.status_int == 422
        assert response.json == invalid(
            **{"default_scopes.1": "You can't give this scope."}
        )

    def test_scopes_that_it_has_may_stay(self, api, user, path):
        caller = api(user, scopes=["auth:write", "teams:write"])
        scopes = ["users:read", "teams:write"]
        response = caller.patch(path, [replace("default_scopes", scopes)])
        assert response.json["default_scopes"] == scopes

    def test_single_scope_can_be_added(self, caller, path):
        added = op("add", "/default_scopes/-", value="teams:write")
        response = caller.patch(path, [added])
        scopes = ["users:read", "teams:read", "teams:write"]
        assert response.json["default_scopes"] == scopes


class TestUntouchedFields:
    """What was stored before a rule was tightened, or by other doors."""

    STORED = {"redirect_uris": ("nonsense", "nonsense"), "default_scopes": ("a", "a")}

    @pytest.fixture
    def own(self, make_client, user):
        return make_client(user, **self.STORED)

    @pytest.fixture
    def caller(self, api, user):
        caller = api(user)
        # No document describes what its schemas refuse.
        caller.compare = lambda *args: None
        return caller

    def shown(self, **changes):
        stored = {name: list(value) for name, value in self.STORED.items()}
        return {**stored, "enabled": True, **changes}

    @pytest.mark.parametrize(
        ("operation", "changes"),
        [
            (replace("enabled", False), {"enabled": False}),
            (replace("redirect_uris", [URI]), {"redirect_uris": [URI]}),
            (op("test", "/redirect_uris/1", value="nonsense"), {}),
            (op("remove", "/default_scopes/1"), {"default_scopes": ["a"]}),
        ],
        ids=str,
    )
    def test_never_fail(self, caller, path, operation, changes):
        answer = caller.patch(path, [operation])
        assert answer.status_int == 200
        expected = self.shown(**changes)
        assert {name: answer.json[name] for name in expected} == expected

    def test_are_validated_once_they_are_touched(self, caller, path):
        added = op("add", "/redirect_uris/-", value=URI)
        assert caller.patch(path, [added]).status_int == 422


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
