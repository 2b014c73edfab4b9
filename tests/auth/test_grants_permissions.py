"""Who may do what with grants: every kind of caller at every endpoint."""

import pytest
from sqlalchemy import select

from apiserver.auth.models import OAuth2Grant
from tests.matrix import Caller, Operation, PermissionMatrix

# What is answered where the grant exists.
STATUSES = """
caller             list  another's  end all  revoke
anonymous          401   401        401      401
inactive owner     401   401        401      401
outsider           200   403        204      403
owner              200   403        204      204
read-only owner    200   403        403      403
admin              200   200        204      204
internal           200   200        204      204
owner, no scope    403   403        403      403
owner, auth:read   200   403        403      403
owner, auth:write  403   403        204      204
admin, no scope    403   403        403      403
client             403   403        403      403
"""

GRANTS = "/auth/grants/"
GRANT = "/auth/grants/{grant_id}"

OPERATIONS = {
    "list": Operation("GET", GRANTS),
    "another's": Operation("GET", GRANTS + "?user_id={user_id}"),
    "end all": Operation("DELETE", GRANTS),
    "revoke": Operation("DELETE", GRANT),
}

CALLERS = {
    "inactive owner": Caller("inactive", "owner"),
    "outsider": Caller("regular"),
    "owner": Caller("regular", "owner"),
    "read-only owner": Caller("read_only", "owner"),
    "admin": Caller("admin"),
    "internal": Caller("internal"),
    "owner, no scope": Caller("regular", "owner", ("users:read", "teams:write")),
    "owner, auth:read": Caller("regular", "owner", ("auth:read",)),
    "owner, auth:write": Caller("regular", "owner", ("auth:write",)),
    "admin, no scope": Caller("admin", "", ("users:read",)),
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
def sign_in(api, app, make_user, make_client, grant_of):
    """A function that returns the client of a caller, and the ids that it tries."""

    def call(name):
        other = make_user()
        ids = {"user_id": other.id, "grant_id": grant_of(other)}
        if name == "anonymous":
            return api(), ids
        if name == "client":
            client = make_client(default_scopes=tuple(app.registry.scopes))
            return api(client=client), ids
        caller = CALLERS[name]
        user = make_user(caller.kind)
        if caller.part == "owner":
            ids["grant_id"] = grant_of(user)
        return api(user, scopes=caller.scopes), ids

    return call


@pytest.mark.rfc("ASVS", "8.2.2", "L1", "nobody reaches the objects of others")
class TestPermissions(PermissionMatrix):
    endpoints = (GRANTS, GRANT)
    operations = OPERATIONS
    statuses = STATUSES
