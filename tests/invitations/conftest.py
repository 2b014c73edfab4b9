"""What the tests of invitations share: a team, its leader, and what is mailed."""

import pytest

from tests.invitations import factories
from tests.mail.features import mailed_link, mailed_token, mails, notified, written
from tests.project import app, browser

__all__ = [
    "app",
    "browser",
    "mailed_link",
    "mailed_token",
    "mails",
    "notified",
    "written",
]


@pytest.fixture
def leader(make_user):
    return make_user()


@pytest.fixture
def team(make_team, leader):
    return make_team(leaders=[leader])


@pytest.fixture
def path(team):
    return f"/teams/{team.id}/invitations/"


@pytest.fixture
def client(api, leader):
    return api(leader)


@pytest.fixture
def make_invitation(db):
    """A function that makes an invitation; it returns the row, and the token."""
    return lambda *args, **kw: factories.make_invitation(db, *args, **kw)


@pytest.fixture
def make_ids(make_user, make_team, make_invitation):
    """A function that makes a team in which the user has a part, and returns ids."""

    def make(user, part):
        team = make_team(
            leaders=[make_user(), *([user] if part == "leader" else [])],
            members=[user] if part == "member" else [],
        )
        row, _ = make_invitation(team)
        _, token = make_invitation(team)
        return {"team_id": team.id, "invitation_id": row.id, "token": token}

    return make
