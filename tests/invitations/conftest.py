"""What the tests of invitations share: a team, its leader, and what is mailed."""

import pytest

from tests.invitations import factories
from tests.mail.features import mailed_link, mailed_token, mails, notified, written
from tests.project import app, browser


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
