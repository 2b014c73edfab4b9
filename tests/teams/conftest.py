"""What the tests of teams share: a team, and everyone who may call."""

import pytest

from tests.matrix import Caller

CALLERS = {
    "inactive leader": Caller("inactive", "leader"),
    "outsider": Caller("regular"),
    "member": Caller("regular", "member"),
    "leader": Caller("regular", "leader"),
    "read-only outsider": Caller("read_only"),
    "read-only member": Caller("read_only", "member"),
    "read-only leader": Caller("read_only", "leader"),
    "admin": Caller("admin"),
    "internal": Caller("internal"),
    "leader, no scope": Caller("regular", "leader", ("users:read",)),
    "leader, read scope": Caller("regular", "leader", ("teams:read",)),
    "leader, write scope": Caller("regular", "leader", ("teams:write",)),
    "admin, no scope": Caller("admin", "", ("users:read",)),
}


@pytest.fixture
def sign_in(api, app, make_user, make_client, make_ids):
    """A function that returns the client of a caller, and the ids that it tries."""

    def call(name):
        caller = CALLERS.get(name, Caller("regular"))
        user = make_user(caller.kind)
        ids = make_ids(user, caller.part)
        if name == "anonymous":
            return api(), ids
        if name == "client":
            client = make_client(default_scopes=tuple(app.registry.scopes))
            return api(client=client), ids
        return api(user, scopes=caller.scopes), ids

    return call


@pytest.fixture
def make_ids(make_user, make_team):
    """A function that makes a team in which the user has a part, and returns ids.

    The team has another leader and a member besides; a newcomer is in no team.
    """

    def make(user, part):
        member = make_user()
        team = make_team(
            leaders=[make_user(), *([user] if part == "leader" else [])],
            members=[member, *([user] if part == "member" else [])],
        )
        return {
            "team_id": team.id,
            "user_id": member.id,
            "newcomer_id": make_user().id,
            "own_id": user.id,
        }

    return make
