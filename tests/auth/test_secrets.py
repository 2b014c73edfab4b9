"""No secret is kept or told in clear (RFC 6819 section 5.1.4.1.3)."""

import logging

import pytest
from sqlalchemy import MetaData, select

from apiserver.auth.tokens import digest
from tests.auth.conftest import basic
from tests.factories import CLIENT_SECRET, PASSWORD

NEW_PASSWORD = "tr0ub4dor and then some"
GUESS = "a guess at a password"


def stored(connection):
    """Return the values of all columns of all tables, as one text."""
    metadata = MetaData()
    metadata.reflect(connection)
    return "\n".join(
        readable(value)
        for table in metadata.tables.values()
        for row in connection.execute(select(table))
        for value in row
    )


def readable(value):
    """Let a secret that is stored as bytes be found as well."""
    return bytes(value).decode("latin-1") if isinstance(value, bytes) else str(value)


@pytest.fixture
def told(caplog):
    """A function that returns what all loggers have told, at their most talkative.

    To be asked for before the database's connection, which looks once at the level.
    """
    with caplog.at_level(logging.DEBUG), caplog.at_level(logging.DEBUG, "sqlalchemy"):
        yield lambda: "\n".join(
            f"{record.getMessage()} {record.__dict__}"
            for record in [*caplog.get_records("setup"), *caplog.records]
        )


@pytest.fixture
def tokens(told, sign_in, refresh):
    """The tokens of a grant that was refreshed."""
    first = sign_in()
    second = refresh(first["refresh_token"]).json
    return [
        answer[kind]
        for answer in (first, second)
        for kind in ("access_token", "refresh_token")
    ]


@pytest.fixture
def new_secrets(told, api, user):
    """The secret of a client and a password that the API has taken or given."""
    caller = api(user)
    created = caller.post("/auth/oauth2_clients/", {}).json
    change = [
        {"op": "test", "path": "/current_password", "value": PASSWORD},
        {"op": "replace", "path": "/password", "value": NEW_PASSWORD},
    ]
    assert caller.patch(f"/users/{user.id}", change).status_int == 200
    return [created["client_secret"], NEW_PASSWORD, caller.token]


@pytest.fixture
def errors(tokens, new_secrets, api, post, client, user):
    """What is answered to secrets in wrong places."""
    access, refresh, *_ = tokens
    client_secret = new_secrets[0]
    sign_up = {"username": "", "email": "x", "password": NEW_PASSWORD}
    guess = {"op": "test", "path": "/current_password", "value": GUESS}
    credentials = {"client_id": client.client_id, "client_secret": client_secret}
    return [
        post(client, grant_type="refresh_token", refresh_token=refresh),
        post(client, grant_type="refresh_token", refresh_token=access),
        post(client, grant_type=refresh),
        post(client, grant_type="client_credentials", scope=access),
        post(grant_type="client_credentials", **credentials),
        post(client, grant_type="password", username=user.username, password=GUESS),
        post(headers={"Authorization": f"Basic {client_secret}"}, grant_type="x"),
        api().call("GET", f"/auth/oauth2/token?refresh_token={refresh}"),
        api().call("POST", f"/auth/oauth2/token?password={NEW_PASSWORD}", form={}),
        api().get("/users/me", headers={"Authorization": f"Bearer {access}x"}),
        api().get(f"/users/me?access_token={access}"),
        api().post("/users/", sign_up),
        api(user).patch(f"/users/{user.id}", [guess]),
        api(user).post("/auth/oauth2_clients/", {"client_secret": client_secret}),
    ]


class TestSecrets:
    @pytest.fixture
    def secrets(self, tokens, new_secrets, client):
        authorization = basic(client.client_id, CLIENT_SECRET)["Authorization"]
        encoded = authorization.removeprefix("Basic ")
        return [*tokens, *new_secrets, PASSWORD, GUESS, CLIENT_SECRET, encoded]

    def test_are_stored_as_digests_alone(self, tokens, secrets, errors, connection):
        text = stored(connection)
        found = [readable(digest(token)) in text for token in tokens]
        assert found == [True] * 4
        assert "$argon2id$" in text
        assert [secret for secret in secrets if secret in text] == []

    def test_are_not_logged(self, told, secrets, errors):
        text = told()
        assert "INSERT INTO oauth2_token" in text
        assert [secret for secret in secrets if secret in text] == []

    def test_are_not_answered_by_errors(self, secrets, errors):
        assert {response.status_int // 100 for response in errors} == {4}
        for response in errors:
            text = f"{response.headers} {response.text}"
            assert [secret for secret in secrets if secret in text] == []
