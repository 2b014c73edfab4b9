"""What the tests of teams share: a team of one leader and a member, and its paths."""

import pytest

from tests.project import user


@pytest.fixture
def leader(make_user):
    return make_user(first_name="Ada")


@pytest.fixture
def client(api, leader):
    """The client of the leader."""
    return api(leader)


@pytest.fixture
def team(make_team, leader):
    return make_team(leaders=[leader])


@pytest.fixture
def members(team):
    """The path of the members."""
    return f"/teams/{team.id}/members/"
