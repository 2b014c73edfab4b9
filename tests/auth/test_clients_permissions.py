"""Who may do what with OAuth2 clients: every kind of caller at every endpoint."""

import pytest

from tests.matrix import Operation, PermissionMatrix

# What is answered where the client exists.
STATUSES = """
caller              list  another's  create  read  change  delete  new secret
anonymous           401   401        401     401   401     401     401
inactive owner      401   401        401     401   401     401     401
outsider            200   403        201     403   403     403     403
owner               200   403        201     200   200     204     201
read-only owner     200   403        403     200   403     403     403
admin               200   200        201     200   200     204     201
internal            200   200        201     200   200     204     201
owner, no scope     403   403        403     403   403     403     403
owner, read scope   200   403        403     200   403     403     403
owner, write scope  403   403        201     403   200     204     201
admin, no scope     403   403        403     403   403     403     403
client              403   403        403     403   403     403     403
"""

CLIENTS = "/auth/oauth2_clients/"
CLIENT = "/auth/oauth2_clients/{client_id}"
SECRET = "/auth/oauth2_clients/{client_id}/secret"

CHANGES = [{"op": "replace", "path": "/enabled", "value": True}]

OPERATIONS = {
    "list": Operation("GET", CLIENTS),
    "another's": Operation("GET", CLIENTS + "?user_id={user_id}"),
    "create": Operation("POST", CLIENTS, lambda ids: {}),
    "read": Operation("GET", CLIENT),
    "change": Operation("PATCH", CLIENT, lambda ids: CHANGES),
    "delete": Operation("DELETE", CLIENT),
    "new secret": Operation("POST", SECRET),
}


@pytest.fixture
def make_ids(make_user, make_client):
    """A function that makes a client, the user's or another's, and returns ids."""

    def make(user, part):
        other = make_user()
        client = make_client(user if part == "owner" else other)
        return {"user_id": other.id, "client_id": client.client_id}

    return make


@pytest.mark.rfc("ASVS", "8.2.2", "L1", "nobody reaches the objects of others")
class TestPermissions(PermissionMatrix):
    feature = "auth"
    endpoints = (CLIENTS, CLIENT, SECRET)
    operations = OPERATIONS
    statuses = STATUSES
