"""OAuth2 clients: who sees and creates them (``/auth/oauth2_clients/``)."""

from unittest.mock import ANY

import pytest

from apiserver.auth.models import OAuth2Client
from apiserver.auth.tokens import SECRET, digest, is_token
from tests.factories import CLIENT_SECRET
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
        assert len(executed) == 2, executed

    def test_it_gets_what_is_asked_for(self, api, user):
        asked = {
            "redirect_uris": ["https://example.com/cb?a=b", "com.example.app:/cb"],
            "default_scopes": ["users:read", "teams:write"],
            "grant_types": ["client_credentials"],
        }
        response = api(user).post(PATH, asked)
        assert response.status_int == 201
        assert response.json == {**CREATED, "user_id": user.id, **asked}

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


class TestListClients:
    @pytest.fixture
    def make_clients(self, make_client):
        return lambda owner, number=1: [make_client(owner) for _ in range(number)]

    def test_shows_ones_own_without_secrets(
        self, api, user, make_clients, make_client, statements
    ):
        make_client()
        caller = api(user)
        own = make_clients(user)[0]
        with statements() as executed:
            response = caller.get(f"{PATH}?offset=1")
        assert response.status_int == 200
        assert response.json == [
            {
                "client_id": own.client_id,
                "user_id": user.id,
                "client_type": "confidential",
                "token_endpoint_auth_method": None,
                "redirect_uris": [],
                "default_scopes": ["users:read", "teams:read"],
                "grant_types": ["client_credentials", "password", "refresh_token"],
                "first_party": False,
                "enabled": True,
                "created": own.created.isoformat(),
                "updated": own.updated.isoformat(),
            }
        ]
        assert CLIENT_SECRET not in response.text
        assert len(executed) == 2, executed

    def test_is_read_by_pages(self, api, user, make_clients):
        caller = api(user)
        made = [client.client_id for client in make_clients(user, 5)]
        response = caller.get(f"{PATH}?limit=2&offset=2&user_id={user.id}")
        assert [client["client_id"] for client in response.json] == made[1:3]
        assert response.headers["X-Total-Count"] == "6"
        page = f"</api/v1{PATH}?limit=2&offset=%d&user_id={user.id}>"
        assert response.headers["Link"] == (
            f'{page % 0}; rel="first", {page % 0}; rel="prev", '
            f'{page % 4}; rel="next", {page % 4}; rel="last"'
        )

    @pytest.mark.parametrize("kind", ["admin", "internal"])
    def test_shows_anyones_to_administrators(self, api, make_user, make_clients, kind):
        owner = make_user()
        made = make_clients(owner, 2)
        response = api(make_user(kind)).get(f"{PATH}?user_id={owner.id}")
        assert [client["client_id"] for client in response.json] == [
            client.client_id for client in made
        ]
        assert {client["user_id"] for client in response.json} == {owner.id}

    def test_of_nobody_is_empty(self, api, make_user):
        response = api(make_user("admin")).get(f"{PATH}?user_id={2**62}")
        assert (response.status_int, response.json) == (200, [])
        assert response.headers["X-Total-Count"] == "0"

    @pytest.mark.parametrize(
        ("query", "name"),
        [
            ("limit=0", "limit"),
            ("limit=101", "limit"),
            ("offset=-1", "offset"),
            ("user_id=0", "user_id"),
            ("user_id=x", "user_id"),
            (f"user_id={2**63}", "user_id"),
            ("client_secret=x", "client_secret"),
        ],
    )
    def test_bad_query_is_refused(self, api, user, query, name):
        response = api(user).get(f"{PATH}?{query}")
        assert response.status_int == 422
        assert response.json == invalid("querystring", **{name: ANY})
