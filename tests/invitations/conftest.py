"""What the tests of invitations share: a team, its leader, and what is mailed."""

import re

import pytest
from sqlalchemy import select

from apiserver.core.jobs import work_off
from apiserver.mail.models import ShownMail
from tests.invitations import factories
from tests.mail.features import written
from tests.project import app, browser

__all__ = ["app", "browser", "written"]


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
def mailed(app, db):
    """A function that lets the worker work; it returns the mails, with their links."""

    def work():
        before = {*db.scalars(select(ShownMail.id))}
        assert {*work_off(app.registry)} <= {"done"}
        new = select(ShownMail).order_by(ShownMail.id)
        mails = [mail for mail in db.scalars(new) if mail.id not in before]
        links = [re.findall(r"\S+token=\S+", mail.text) for mail in mails]
        return [(m.recipient, link) for m, [link] in zip(mails, links, strict=True)]

    return work


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
