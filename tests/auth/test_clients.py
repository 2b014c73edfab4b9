"""OAuth2 clients (``/auth/oauth2_clients/``): what they may be, and who decides it."""

from unittest.mock import ANY

import pytest

from apiserver.auth.models import OAuth2Client, OAuth2Grant, OAuth2Token
from apiserver.auth.tokens import SECRET, digest, is_token
from tests.conformance.server import basic
from tests.oauth_errors import INVALID_CLIENT
from tests.patches import op, replace
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
# What is asked for, the field that is blamed, and why.
REFUSED = [
    ({"client_type": "x"}, "client_type", "Must be one of public, confidential."),
    (
        {"redirect_uris": ["https://a.b/"] * 2},
        "redirect_uris",
        "Must not contain duplicate items.",
    ),
    (
        {"grant_types": ["password"]},
        "grant_types.0",
        "Must be one of authorization_code, refresh_token, client_credentials.",
    ),
    (
        {"client_type": "public", "grant_types": ["client_credentials"]},
        "grant_types",
        "Public clients can't use client credentials.",
    ),
    (
        {"token_endpoint_auth_method": "none"},
        "token_endpoint_auth_method",
        "Must be one of client_secret_basic, client_secret_post.",
    ),
]


def path_of(client):
    return f"{PATH}{client.client_id}"


@pytest.fixture
def admin(api, make_user):
    return api(make_user("admin"))


class TestCreateClient:
    @pytest.mark.rfc("6749", "2.2", "MUST", "the server chooses a unique identifier")
    @pytest.mark.rfc("9700", "4.15", "SHOULD NOT", "clients choose no identifier")
    @pytest.mark.parametrize("asked", ASKED, ids=lambda asked: " ".join(asked))
    def test_gets_what_is_asked_for(self, api, user, db, asked):
        caller = api(user)
        response = caller.post(PATH, asked)
        assert response.status_int == 201
        created = response.json
        assert created == {**CREATED, "user_id": user.id, **asked}
        assert response.headers["Location"] == f"/api/v1{PATH}{created['client_id']}"
        assert response.headers["Cache-Control"] == "no-store"
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

    def test_works_at_once(self, api, user, post):
        grant = "client_credentials"
        asked = {"default_scopes": ["teams:read"], "grant_types": [grant]}
        created = api(user).post(PATH, asked).json
        headers = basic(created["client_id"], created["client_secret"])
        response = post(grant_type=grant, headers=headers)
        assert response.json["scope"] == "teams:read"

    @pytest.mark.parametrize(("asked", "name", "description"), REFUSED)
    def test_refuses_what_is_no_client(self, api, user, asked, name, description):
        response = api(user).post(PATH, asked)
        assert response.json == invalid(**{name: description})


class TestScopesOfClient:
    """Nobody gives away more than his own token may."""

    @pytest.mark.parametrize("kind", ["regular", "admin"])
    def test_beyond_the_creators_are_refused(self, api, make_user, kind):
        caller = api(make_user(kind), scopes=["auth:write", "teams:read"])
        for scope in ("teams:write", "unknown", "teams:read x"):
            response = caller.post(PATH, {"default_scopes": ["teams:read", scope]})
            assert response.json == invalid(**{"default_scopes.1": REFUSED_SCOPE})

    def test_the_creators_own_are_given_and_no_others(self, admin, app):
        scopes = list(app.registry.scopes)
        response = admin.post(PATH, {"default_scopes": scopes})
        assert response.json["default_scopes"] == scopes
        response = admin.post(PATH, {"default_scopes": [*scopes, "root"]})
        beyond = f"default_scopes.{len(scopes)}"
        assert response.json == invalid(**{beyond: REFUSED_SCOPE})

    def test_beyond_the_changers_are_refused(self, api, user, make_client):
        """But for those that it has."""
        caller = api(user, scopes=["auth:write", "users:write"])
        path, scopes = path_of(make_client(user)), ["users:read", "users:write"]
        response = caller.patch(path, [replace("default_scopes", scopes)])
        assert response.json["default_scopes"] == scopes
        added = op("add", "/default_scopes/-", value="teams:write")
        response = caller.patch(path, [added])
        assert response.json == invalid(**{"default_scopes.2": REFUSED_SCOPE})


class TestNewSecret:
    def test_is_shown_once_with_the_end_of_the_old_one(self, admin, client, post, db):
        response = admin.post(f"{path_of(client)}/secret")
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

    def test_is_not_for_public_clients(self, admin, public_client):
        response = admin.post(f"{path_of(public_client)}/secret")
        assert response.json == problem(409, "Public clients have no secret.")


class TestShownClient:
    def test_has_no_secret(self, api, user):
        caller = api(user)
        created = caller.post(PATH, {}).json
        del created["client_secret"]
        assert caller.get(f"{PATH}{created['client_id']}").json == created
        # The first one is that of the caller's token.
        assert caller.get(f"{PATH}?offset=1").json == [created]

    def test_is_the_owners_unless_an_administrator_asks(self, api, user, make_client):
        response = api(user).get(path_of(make_client()))
        detail = "Only the owner of the client and administrators may do this."
        assert response.json == problem(403, detail)

    @pytest.mark.parametrize("kind", ["admin", "internal"])
    def test_is_listed_to_administrators(self, api, make_user, make_client, kind):
        owner = make_user()
        made = [make_client(owner) for _ in range(2)]
        query = f"{PATH}?user_id={owner.id}"
        listed = api(make_user(kind)).get(query).json
        assert [client["client_id"] for client in listed] == [c.client_id for c in made]
        assert {client["user_id"] for client in listed} == {owner.id}
        response = api(make_user()).get(query)
        detail = "Only administrators may see what belongs to others."
        assert response.json == problem(403, detail)


class TestPatchClient:
    def test_changes_what_may_be_changed(self, api, user, make_client):
        caller, path = api(user), path_of(make_client(user))
        before = caller.get(path).json
        uris = ["https://example.com/cb"]
        changes = {"redirect_uris": uris, "default_scopes": ["teams:write"]}
        response = caller.patch(path, [replace(*change) for change in changes.items()])
        assert response.json == {**before, **changes, "updated": ANY}
        assert response.json["updated"] > before["updated"]
        assert caller.get(path).json == response.json
        wrong = replace("redirect_uris", [*uris, "http://example.com"])
        (error,) = caller.patch(path, [wrong]).json["errors"]
        assert error["name"] == "redirect_uris.1"


class TestEndOfClient:
    def test_that_is_disabled_is_so_for_what_was_granted_before(
        self, admin, client, sign_in, me
    ):
        tokens, path = sign_in(), path_of(client)
        assert admin.patch(path, [replace("enabled", False)]).status_int == 200
        assert me(tokens["access_token"]).status_int == 401
        assert sign_in() == INVALID_CLIENT
        assert admin.patch(path, [replace("enabled", True)]).status_int == 200
        assert me(tokens["access_token"]).status_int == 401
        assert me(sign_in()["access_token"]).status_int == 200

    def test_takes_what_was_granted_along(self, admin, client, sign_in, me, db):
        tokens, path = sign_in(), path_of(client)
        response = admin.delete(path)
        assert (response.status_int, response.body) == (204, b"")
        assert me(tokens["access_token"]).status_int == 401
        assert admin.get(path).status_int == 404
        assert db.query(OAuth2Client).filter_by(id=client.id).all() == []
        assert db.query(OAuth2Grant).filter_by(client_id=client.id).all() == []
        # What is left is the administrator's own token.
        assert db.query(OAuth2Token).count() == 1
