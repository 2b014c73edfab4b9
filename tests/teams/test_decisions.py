"""Leaders who lose a team while their request is under way have it no more."""

import pytest
from sqlalchemy import delete, select, update

from apiserver.teams.models import Team, TeamMember
from tests.meanwhile import meanwhile
from tests.patches import replace
from tests.problems import problem

RENAME = [replace("title", "Designers")]
REFUSED = problem(403, "Only leaders of the team and administrators may do this.")

# What a leader does, and how many statements let him in.
WRITES = {
    "rename": ("PATCH", "", RENAME, 2),
    "delete": ("DELETE", "", None, 2),
    "add": ("POST", "/members/", {"user_id": "{stranger}"}, 2),
    "promote": ("PATCH", "/members/{member}", [replace("is_leader", True)], 3),
    "make oneself leader again": (
        "PATCH",
        "/members/{leader}",
        [replace("is_leader", True)],
        3,
    ),
    "remove": ("DELETE", "/members/{member}", None, 3),
}
LOSSES = {
    "demoted": update(TeamMember).values(is_leader=False),
    "removed": delete(TeamMember),
}


@pytest.fixture
def people(make_user):
    return {name: make_user() for name in ("leader", "other", "member", "stranger")}


@pytest.fixture
def team(make_team, people):
    leaders = [people["leader"], people["other"]]
    return make_team(leaders=leaders, members=[people["member"]])


@pytest.fixture
def stored(connection, team):
    """A function that returns what is stored of the team and its other members."""

    def rows(leader):
        members = select(TeamMember).where(
            TeamMember.team_id == team.id, TeamMember.user_id != leader.id
        )
        teams = select(Team).where(Team.id == team.id)
        return [connection.execute(each).all() for each in (teams, members)]

    return rows


@pytest.mark.parametrize("version", [None, "*"], ids=["", "If-Match"])
@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("write", WRITES)
def test_writes_nothing(api, connection, people, team, stored, write, loss, version):
    method, path, body, number = WRITES[write]
    ids = {name: user.id for name, user in people.items()}
    if isinstance(body, dict):
        body = {"user_id": ids["stranger"]}
    leader, before = people["leader"], stored(people["leader"])
    client = api(leader)
    lost = LOSSES[loss].where(
        TeamMember.team_id == team.id, TeamMember.user_id == leader.id
    )
    with meanwhile(connection, number + 1, lambda: connection.execute(lost)):
        response = client.call(
            method,
            f"{client.prefix}/teams/{team.id}{path.format(**ids)}",
            headers={"If-Match": version} if version else None,
            **({"json": body} if body else {}),
        )
    if loss == "removed" and "leader" in path:
        assert response.json == problem(404, "The member is gone.")
    elif write == "remove":
        assert response.status_int == 403
    else:
        assert response.json == REFUSED
    assert stored(leader) == before
