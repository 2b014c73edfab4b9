"""What the tests of projects share: a team, the parts in it, its project."""

import pytest

from tests.factories import make_team_of
from tests.project import app
from tests.projects import factories


@pytest.fixture
def make_project(db):
    return lambda *args, **kw: factories.make_project(db, *args, **kw)


@pytest.fixture
def make_assignee(db):
    return lambda *args, **kw: factories.make_assignee(db, *args, **kw)


@pytest.fixture
def leader(make_user):
    return make_user()


@pytest.fixture
def member(make_user):
    return make_user()


@pytest.fixture
def team(make_team, leader, member):
    return make_team(leaders=[leader], members=[member])


@pytest.fixture
def client(api, leader):
    return api(leader)


@pytest.fixture
def row(make_project, team):
    return make_project(team)


@pytest.fixture
def path(row):
    return f"/projects/{row.id}"


@pytest.fixture
def make_ids(db, make_user, make_project, make_assignee):
    """A function that makes a team in which the user has a part, and returns ids."""

    def make(user, part):
        member, newcomer = make_user(), make_user()
        team = make_team_of(db, user, f"team:{part}", member, newcomer)
        project = make_project(team)
        make_assignee(project, member)
        return {
            "team_id": project.team_id,
            "project_id": project.id,
            "user_id": member.id,
            "newcomer_id": newcomer.id,
        }

    return make
