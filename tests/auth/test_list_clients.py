"""Listing OAuth2 clients (``/auth/oauth2_clients/``)."""

from unittest.mock import ANY

import pytest

from tests.factories import CLIENT_SECRET
from tests.problems import invalid

PATH = "/auth/oauth2_clients/"


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

    @pytest.mark.parametrize("user_id", ["0", "-1", "x", "", str(2**63)])
    def test_of_no_id_is_refused(self, api, user, user_id):
        response = api(user).get(f"{PATH}?user_id={user_id}")
        assert response.status_int == 422
        assert response.json == invalid("querystring", user_id=ANY)
