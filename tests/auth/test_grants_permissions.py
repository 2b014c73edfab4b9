"""Who may do what with grants: every kind of caller at every endpoint."""

import pytest
from sqlalchemy import select

from apiserver.auth.models import OAuth2Grant
from tests.matrix import Operation, PermissionMatrix

# What is answered where the grant exists.
STATUSES = """
caller              list  another's  end all  revoke
anonymous           401   401        401      401
inactive owner      401   401        401      401
outsider            200   403        204      403
owner               200   403        204      204
read-only owner     200   403        403      403
admin               200   200        204      204
internal            200   200        204      204
owner, no scope     403   403        403      403
owner, read scope   200   403        403      403
owner, write scope  403   403        204      204
client              403   403        403      403
"""

GRANTS = "/auth/grants/"
GRANT = "/auth/grants/{grant_id}"

OPERATIONS = {
    "list": Operation("GET", GRANTS),
    "another's": Operation("GET", GRANTS + "?user_id={user_id}"),
    "end all": Operation("DELETE", GRANTS),
    "revoke": Operation("DELETE", GRANT),
}


@pytest.fixture
def grant_of(db, make_client, make_token):
    """A function that returns the id of a new grant of the user's."""

    def call(user):
        client = make_client()
        make_token(user, client=client, scopes=["users:read"])
        statement = select(OAuth2Grant.id).where(OAuth2Grant.client_id == client.id)
        return db.scalar(statement)

    return call


@pytest.fixture
def make_ids(make_user, grant_of):
    """A function that makes a grant, the user's or another's, and returns ids."""

    def make(user, part):
        other = make_user()
        grant_id = grant_of(user if part == "owner" else other)
        return {"user_id": other.id, "grant_id": grant_id}

    return make


@pytest.mark.rfc("ASVS", "8.2.2", "L1", "nobody reaches the objects of others")
class TestPermissions(PermissionMatrix):
    feature = "auth"
    endpoints = (GRANTS, GRANT)
    operations = OPERATIONS
    statuses = STATUSES
