"""Creating OAuth2 clients, and giving them new secrets (``/auth/oauth2_clients/``)."""

from unittest.mock import ANY

import pytest

from apiserver.auth.models import OAuth2Client
from apiserver.auth.tokens import SECRET, digest, is_token
from tests.conformance.server import basic
from tests.problems import invalid, problem

PATH = "/auth/oauth2_clients/"
REFUSED_SCOPE = "You can't grant this scope."

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
ASKED = [
    {},
    {
        "redirect_uris": ["https://example.com/cb?a=b", "com.example.app:/cb"],
        "default_scopes": ["users:read", "teams:write"],
        "grant_types": ["client_credentials"],
    },
    {"token_endpoint_auth_method": "client_secret_post"},
    {"client_type": "public"},
]


class TestCreateClient:
    @pytest.mark.rfc("6749", "2.2", "MUST", "the server chooses a unique identifier")
    @pytest.mark.rfc("9700", "4.15", "SHOULD NOT", "clients choose no identifier")
    @pytest.mark.parametrize("asked", ASKED, ids=lambda asked: " ".join(asked))
    def test_gets_what_is_asked_for(self, api, user, db, statements, asked):
        caller = api(user)
        with statements() as executed:
            response = caller.post(PATH, asked)
        assert response.status_int == 201
        created = response.json
        assert created == {**CREATED, "user_id": user.id, **asked}
        assert response.headers["Location"] == f"/api/v1{PATH}{created['client_id']}"
        assert response.headers["Cache-Control"] == "no-store"
        assert len(executed) == 4, executed
        # Longer than any id of a user can be, and than what can be guessed.
        assert len(bytes.fromhex(created["client_id"])) == 16
        assert caller.post(PATH, asked).json["client_id"] != created["client_id"]
        stored = db.query(OAuth2Client).filter_by(client_id=created["client_id"]).one()
        secret = created["client_secret"]
        if asked.get("client_type") == "public":
            assert (secret, stored.secret_digest) == (None, None)
        else:
            assert is_token(secret, "aps_")
            assert stored.secret_digest == digest(secret)

    def test_in_a_form_a_list_is_its_name_again_and_again(self, api, user):
        uris = ["https://example.com/a", "https://example.com/b"]
        form = [("redirect_uris", uri) for uri in uris]
        form += [("grant_types", "client_credentials")]
        response = api(user).call("POST", f"/api/v1{PATH}", form=form)
        assert response.status_int == 201
        more = {"redirect_uris": uris, "grant_types": ["client_credentials"]}
        assert response.json == {**CREATED, "user_id": user.id, **more}

    def test_works_at_once(self, api, user, post):
        scopes, grants = ["teams:read"], ["client_credentials"]
        asked = {"default_scopes": scopes, "grant_types": grants}
        created = api(user).post(PATH, asked).json
        names = ("client_id", "client_secret")
        credentials = {name: created[name] for name in names}
        response = post(grant_type="client_credentials", **credentials)
        assert response.json["scope"] == "teams:read"

    def test_public_one_has_no_client_credentials(self, api, user):
        asked = {"client_type": "public", "grant_types": ["client_credentials"]}
        response = api(user).post(PATH, asked)
        assert response.status_int == 422
        assert response.json == invalid(
            grant_types="Public clients can't use client credentials."
        )


class TestScopesOfClient:
    """Nobody gives away more than his own token may."""

    @pytest.mark.parametrize("scope", ["teams:write", "unknown", "teams:read x"])
    @pytest.mark.parametrize("kind", ["regular", "admin", "internal"])
    def test_beyond_the_creators_are_refused(self, api, make_user, scope, kind):
        caller = api(make_user(kind), scopes=["auth:write", "teams:read"])
        response = caller.post(PATH, {"default_scopes": ["teams:read", scope]})
        assert response.status_int == 422
        assert response.json == invalid(**{"default_scopes.1": REFUSED_SCOPE})

    def test_the_creators_own_are_given_and_no_others(self, api, make_user, app):
        admin, scopes = api(make_user("admin")), list(app.registry.scopes)
        response = admin.post(PATH, {"default_scopes": scopes})
        assert response.json["default_scopes"] == scopes
        response = admin.post(PATH, {"default_scopes": [*scopes, "root"]})
        beyond = f"default_scopes.{len(scopes)}"
        assert (response.status_int, response.json) == (
            422,
            invalid(**{beyond: REFUSED_SCOPE}),
        )


class TestNewSecret:
    def test_is_shown_once_with_the_end_of_the_old_one(
        self, api, make_user, client, post, db
    ):
        path = f"{PATH}{client.client_id}/secret"
        response = api(make_user("admin")).post(path)
        assert response.status_int == 201
        db.refresh(client)
        secret = response.json["client_secret"]
        assert is_token(secret, SECRET)
        assert response.json == {
            "client_secret": secret,
            "previous_secret_expires": client.previous_secret_expires.isoformat(),
        }
        assert response.headers["Cache-Control"] == "no-store"
        headers = basic(client.client_id, secret)
        response = post(grant_type="client_credentials", headers=headers)
        assert response.status_int == 200

    def test_is_not_for_public_clients(self, api, make_user, public_client):
        path = f"{PATH}{public_client.client_id}/secret"
        response = api(make_user("admin")).post(path)
        assert response.json == problem(409, "Public clients have no secret.")
