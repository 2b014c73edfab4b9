"""The secret of a client: how it is sent, and how it is changed."""

from datetime import timedelta

import pytest

from apiserver.auth.tokens import SECRET, is_token
from apiserver.core.db import now
from tests.auth.conftest import basic
from tests.factories import CLIENT_SECRET
from tests.problems import invalid, problem

FORM = {"grant_type": "client_credentials"}
PATH = "/auth/oauth2_clients/"


@pytest.fixture
def send(post, client):
    """A function that sends a secret in a way, and returns the response."""

    def call(secret, method="client_secret_basic"):
        client_id = client.client_id
        if method == "client_secret_basic":
            return post(**FORM, headers=basic(client_id, secret))
        return post(**FORM, client_id=client_id, client_secret=secret)

    return call


class TestAuthMethod:
    @pytest.mark.parametrize("agreed", ["client_secret_basic", "client_secret_post"])
    @pytest.mark.parametrize("used", ["client_secret_basic", "client_secret_post"])
    def test_only_the_agreed_one_is_taken(self, send, client, db, agreed, used):
        client.token_endpoint_auth_method = agreed
        db.commit()
        response = send(CLIENT_SECRET, used)
        assert response.status_int == (200 if used == agreed else 401)

    def test_without_an_agreement_both_are(self, send):
        assert send(CLIENT_SECRET, "client_secret_basic").status_int == 200
        assert send(CLIENT_SECRET, "client_secret_post").status_int == 200

    def test_is_agreed_on_when_the_client_is_created(self, api, user):
        agreed = {"token_endpoint_auth_method": "client_secret_post"}
        response = api(user).post(PATH, agreed)
        assert response.status_int == 201
        assert response.json["token_endpoint_auth_method"] == "client_secret_post"

    def test_is_one_that_the_server_knows(self, api, user):
        agreed = {"token_endpoint_auth_method": "none"}
        response = api(user).post(PATH, agreed)
        assert response.json == invalid(
            token_endpoint_auth_method=(
                "Must be one of client_secret_basic, client_secret_post."
            )
        )


class TestNewSecret:
    @pytest.fixture
    def renew(self, api, make_user, client):
        """A function that gives the client a new secret, and returns the response."""
        admin = api(make_user("admin"))
        return lambda: admin.post(f"{PATH}{client.client_id}/secret")

    def test_is_shown_once_with_the_end_of_the_old_one(self, renew, client, db):
        response = renew()
        assert response.status_int == 201
        db.refresh(client)
        assert is_token(response.json["client_secret"], SECRET)
        assert response.json == {
            "client_secret": response.json["client_secret"],
            "previous_secret_expires": client.previous_secret_expires.isoformat(),
        }
        assert response.headers["Cache-Control"] == "no-store"

    def test_and_the_old_one_work_until_the_overlap_ends(self, renew, send, client, db):
        secret = renew().json["client_secret"]
        assert send(secret).status_int == 200
        assert send(CLIENT_SECRET).status_int == 200
        db.refresh(client)
        client.previous_secret_expires = now() - timedelta(seconds=1)
        db.commit()
        assert send(secret).status_int == 200
        assert send(CLIENT_SECRET).status_int == 401

    def test_ends_the_overlap_of_an_older_one(self, renew, send):
        secrets = [renew().json["client_secret"] for _ in range(2)]
        assert send(CLIENT_SECRET).status_int == 401
        assert [send(secret).status_int for secret in secrets] == [200, 200]

    def test_is_not_for_public_clients(self, api, make_user, public_client):
        path = f"{PATH}{public_client.client_id}/secret"
        response = api(make_user("admin")).post(path)
        assert response.json == problem(409, "Public clients have no secret.")
