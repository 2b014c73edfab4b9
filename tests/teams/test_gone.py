"""What is found by the URL can be gone before it is changed: 404 or 409, never 500."""

import pytest
from sqlalchemy import delete

from apiserver.teams.models import Team, TeamMember
from tests.meanwhile import meanwhile
from tests.patches import replace
from tests.problems import problem

RENAME = [replace("title", "Designers")]
PROMOTE = [replace("is_leader", True)]
ANY_VERSION = {"If-Match": "*"}


@pytest.fixture
def scene(api, make_user, make_team):
    """The client of a leader, the path of a team, the id of a member."""
    leader, member = make_user(), make_user()
    team = make_team(leaders=[leader], members=[member])
    return api(leader), f"/teams/{team.id}", member.id


class TestGoneTeam:
    """The bearer check and the look-up of the team are the first two statements."""

    @pytest.mark.parametrize(
        ("method", "body", "headers", "number"),
        [
            ("PATCH", RENAME, None, 3),
            ("PATCH", RENAME, ANY_VERSION, 3),
            ("PATCH", RENAME, ANY_VERSION, 4),
            ("DELETE", None, None, 3),
            ("DELETE", None, ANY_VERSION, 3),
            ("DELETE", None, None, 6),
        ],
    )
    def test_is_404(self, scene, connection, method, body, headers, number):
        client, path, _ = scene
        json = {"json": body} if body else {}
        with meanwhile(connection, number, lambda: connection.execute(delete(Team))):
            response = client.call(
                method, client.prefix + path, headers=headers, **json
            )
        assert response.status_int == 404
        assert response.json == problem(404, "The team is gone.")

    def test_gets_no_member(self, scene, make_user, connection):
        client, path, _ = scene
        member = {"user_id": make_user().id}
        with meanwhile(connection, 7, lambda: connection.execute(delete(Team))):
            response = client.post(f"{path}/members/", member)
        assert response.status_int == 409
        assert response.json == problem(409, "This conflicts with a concurrent change.")


class TestGoneMember:
    """The look-up of the member is the third statement, the team's lock is next."""

    @pytest.mark.parametrize(("method", "body"), [("PATCH", PROMOTE), ("DELETE", None)])
    @pytest.mark.parametrize(
        ("number", "statement", "detail"),
        [
            (4, delete(Team), "The team is gone."),
            (4, delete(TeamMember), "The member is gone."),
            (5, delete(TeamMember), "The member is gone."),
        ],
    )
    def test_is_404(self, scene, connection, method, body, number, statement, detail):
        client, path, user_id = scene
        json = {"json": body} if body else {}
        with meanwhile(connection, number, lambda: connection.execute(statement)):
            response = client.call(
                method, f"{client.prefix}{path}/members/{user_id}", **json
            )
        assert response.status_int == 404
        assert response.json == problem(404, detail)


class TestId:
    def test_of_a_deleted_team_is_never_used_again(self, api, make_user):
        client = api(make_user())
        used = client.post("/teams/", {"title": "Engineers"}).json["id"]
        assert client.delete(f"/teams/{used}").status_int == 204
        assert client.post("/teams/", {"title": "Designers"}).json["id"] > used
        assert client.get(f"/teams/{used}").status_int == 404
