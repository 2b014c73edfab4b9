"""The endpoints of ``/teams``, through the whole stack."""

import pytest
from sqlalchemy import func, select

from apiserver.teams.models import Team, TeamMember
from apiserver.users.models import User
from tests.patches import replace
from tests.problems import problem
from tests.teams.documents import detail, membership


@pytest.fixture
def path(team):
    return f"/teams/{team.id}"


def test_list_shows_titles_alone(api, make_user, make_team):
    teams = [make_team(title, members=[make_user()]) for title in ("Two", "One")]
    response = api(make_user()).get("/teams/")
    assert response.json == [{"id": t.id, "title": t.title} for t in teams]


@pytest.mark.parametrize("kind", ["regular", "admin", "internal"])
def test_creator_becomes_leader(api, db, make_user, make_team, kind):
    """Of one of many teams with that title."""
    other = make_team("Engineers")
    user = make_user(kind, first_name="Ada")
    client = api(user)
    response = client.post("/teams/", {"title": "Engineers"})
    team = db.scalars(select(Team).where(Team.id != other.id)).one()
    assert response.json == detail(team, membership(user, leads=True))
    location = response.headers["Location"]
    assert (response.status_int, location) == (201, f"/api/v1/teams/{team.id}")
    assert client.call("GET", location).json == response.json


def test_shows_its_members_alone_in_the_order_of_their_ids(api, make_user, make_team):
    users = [make_user(last_name=name) for name in ("Z", "Y", "X")]
    team = make_team(leaders=[users[1]], members=[users[2], users[0]])
    make_team(leaders=[make_user()], members=users)
    shown = [membership(user, leads=user is users[1]) for user in users]
    assert api(users[2]).get(f"/teams/{team.id}").json == detail(team, *shown)


def test_title_is_changed(client, team, path, leader):
    response = client.patch(path, [replace("title", "Designers")])
    members = (membership(leader, leads=True),)
    assert response.json == detail(team, *members, title="Designers")
    assert client.get(path).json == response.json


def test_deleted_team_is_gone_with_its_memberships(
    api, db, make_user, make_team, leader, client
):
    member = make_user()
    path = f"/teams/{make_team(leaders=[leader], members=[member]).id}"
    other = make_team(leaders=[member], members=[leader])
    response = client.delete(path)
    assert (response.status_int, response.body) == (204, b"")
    assert client.get(path).json == problem(404, "There is no such object.")
    assert client.delete(path).status_int == 404
    assert db.scalars(select(Team.id)).all() == [other.id]
    assert db.scalars(select(TeamMember.team_id)).all() == [other.id, other.id]
    accounts = select(func.count()).where(User.id.in_([leader.id, member.id]))
    assert db.scalar(accounts) == 2


def test_version_is_another_with_another_member(client, path, make_user):
    before = client.get(path).headers["ETag"]
    client.post(f"{path}/members/", {"user_id": make_user().id})
    assert client.get(path).headers["ETag"] != before
