"""How many SQL statements an endpoint takes, however many rows there are."""

import pytest
from sqlalchemy import select

from apiserver.auth.models import OAuth2Grant
from tests.auth.conftest import basic
from tests.factories import CLIENT_SECRET
from tests.patches import op, replace

NOTHING = [op("test", "/enabled", value=True)]
DISABLE = [replace("enabled", False)]
NEW = {
    "client_type": "confidential",
    "grant_types": ["client_credentials"],
    "default_scopes": ["teams:read"],
}

# The last column; the bearer check is one of them, and so is an event of the audit log.
STATEMENTS = [
    ("anonymous", "GET", "/auth/oauth2_clients/", None, 401, 0),
    ("anonymous", "GET", "/auth/oauth2_clients/{client}", None, 401, 1),
    ("owner", "GET", "/auth/oauth2_clients/", None, 200, 2),
    ("owner", "GET", "/auth/oauth2_clients/?limit=100", None, 200, 2),
    ("owner", "OPTIONS", "/auth/oauth2_clients/", None, 204, 1),
    ("owner", "POST", "/auth/oauth2_clients/", NEW, 201, 4),
    ("owner", "GET", "/auth/oauth2_clients/{client}", None, 200, 2),
    ("owner", "HEAD", "/auth/oauth2_clients/{client}", None, 200, 2),
    ("owner", "OPTIONS", "/auth/oauth2_clients/{client}", None, 204, 2),
    ("owner", "PATCH", "/auth/oauth2_clients/{client}", NOTHING, 200, 6),
    ("owner", "PATCH", "/auth/oauth2_clients/{client}", DISABLE, 200, 8),
    ("owner", "DELETE", "/auth/oauth2_clients/{client}", None, 204, 8),
    ("owner", "OPTIONS", "/auth/oauth2_clients/{client}/secret", None, 204, 2),
    ("owner", "POST", "/auth/oauth2_clients/{client}/secret", None, 201, 8),
    ("anonymous", "GET", "/auth/grants/", None, 401, 0),
    ("owner", "GET", "/auth/grants/", None, 200, 2),
    ("owner", "GET", "/auth/grants/?limit=100", None, 200, 2),
    ("owner", "OPTIONS", "/auth/grants/", None, 204, 1),
    ("owner", "DELETE", "/auth/grants/", None, 204, 6),
    ("owner", "OPTIONS", "/auth/grants/{grant}", None, 204, 2),
    ("owner", "DELETE", "/auth/grants/{grant}", None, 204, 10),
]


@pytest.fixture
def make_scene(db, make_user, make_client, make_token):
    """A function that makes so many clients, with a grant to each, and returns ids."""

    def make(count):
        owner = make_user()
        clients = [make_client(owner) for _ in range(count)]
        for client in clients:
            make_token(owner, client=client, scopes=["teams:read"])
        grant_id = db.scalar(
            select(OAuth2Grant.id).where(OAuth2Grant.client_id == clients[0].id)
        )
        return owner, {"client": clients[0].client_id, "grant": grant_id}

    return make


@pytest.mark.parametrize("rows", [1, 20])
@pytest.mark.parametrize(
    ("caller", "method", "path", "body", "status", "number"), STATEMENTS
)
def test_number_of_statements(
    api, make_scene, statements, caller, method, path, body, status, number, rows
):
    owner, ids = make_scene(rows)
    client = api(owner if caller == "owner" else None)
    json = {"json": body} if body else {}
    with statements() as executed:
        response = client.call(method, client.prefix + path.format(**ids), **json)
    assert response.status_int == status
    assert len(executed) == number, executed


CREDENTIALS = {"grant_type": "client_credentials"}

# Of the authorization server: what the client posts, with its own token among it.
SERVER = [
    ("token", CREDENTIALS, 200, 4),
    ("introspect", {"token": "{token}"}, 200, 2),
    ("revoke", {"token": "{token}"}, 200, 4),
]


@pytest.mark.parametrize("rows", [1, 20])
@pytest.mark.parametrize(("endpoint", "form", "status", "number"), SERVER)
def test_number_of_statements_of_the_server(
    api, make_client, make_token, statements, endpoint, form, status, number, rows
):
    client = make_client()
    tokens = [make_token(client=client, scopes=["teams:read"]) for _ in range(rows)]
    form = {name: text.format(token=tokens[0]) for name, text in form.items()}
    headers = basic(client.client_id, CLIENT_SECRET)
    with statements() as executed:
        response = api().call(
            "POST", f"/auth/oauth2/{endpoint}", form=form, headers=headers
        )
    assert response.status_int == status
    assert len(executed) == number, executed
