"""What the tests of projects share: a team, the parts in it, its project."""

import pytest

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
def make_ids(make_user, make_team, make_project, make_assignee):
    """A function that makes a team in which the user has a part, and returns ids."""

    def make(user, part):
        member, newcomer = make_user(), make_user()
        parts = {"leader": "leaders", "member": "members"}
        groups = {"leaders": [make_user()], "members": [member, newcomer]}
        if part in parts:
            groups[parts[part]].append(user)
        project = make_project(make_team(**groups))
        make_assignee(project, member)
        return {
            "team_id": project.team_id,
            "project_id": project.id,
            "user_id": member.id,
            "newcomer_id": newcomer.id,
        }

    return make
