"""Listing OAuth2 clients (``/auth/oauth2_clients/``)."""

import pytest

from tests.auth.conftest import shown
from tests.factories import CLIENT_SECRET

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
        assert response.json == [shown(own)]
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
