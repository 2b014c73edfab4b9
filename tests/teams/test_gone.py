"""What is found by the URL can be gone, or one's no more, before it is changed."""

import pytest
from sqlalchemy import delete, select, update

from apiserver.teams.models import Team, TeamMember
from tests.meanwhile import meanwhile
from tests.patches import replace
from tests.problems import problem

RENAME = [replace("title", "Designers")]
PROMOTE = [replace("is_leader", True)]
ANY_VERSION = {"If-Match": "*"}
TEAM_GONE = problem(404, "The team is gone.")
MEMBER_GONE = problem(404, "The member is gone.")
REFUSED = problem(403, "Only leaders of the team and administrators may do this.")


@pytest.fixture
def people(make_user):
    return {name: make_user() for name in ("leader", "other", "member", "stranger")}


@pytest.fixture
def team(make_team, people):
    leaders = [people["leader"], people["other"]]
    return make_team(leaders=leaders, members=[people["member"]])


@pytest.fixture
def send(api, people, team, connection):
    """A function that sends a request of the leader's, while something happens.

    Right before the statement of the number another process executes one.
    """
    client = api(people["leader"])
    ids = {name: user.id for name, user in people.items()}

    def call(method, path, body, number, statement, headers=None):
        body = {"user_id": ids["stranger"]} if body == "stranger" else body
        json = {"json": body} if body else {}
        url = f"{client.prefix}/teams/{team.id}{path.format(**ids)}"
        with meanwhile(connection, number, lambda: connection.execute(statement)):
            return client.call(method, url, headers=headers, **json)

    return call


class TestGone:
    """404 or 409, never 500.

    The bearer check and the look-up of the team are the first two statements; that of
    a member is the third, and the team's lock is next.
    """

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
    def test_team_is_404(self, send, method, body, headers, number):
        assert send(method, "", body, number, delete(Team), headers).json == TEAM_GONE

    def test_team_gets_no_member(self, send):
        answer = send("POST", "/members/", "stranger", 7, delete(Team))
        assert answer.json == problem(409, "This conflicts with a concurrent change.")

    @pytest.mark.parametrize(("method", "body"), [("PATCH", PROMOTE), ("DELETE", None)])
    @pytest.mark.parametrize(
        ("number", "statement", "document"),
        [
            (4, delete(Team), TEAM_GONE),
            (4, delete(TeamMember), MEMBER_GONE),
            (5, delete(TeamMember), MEMBER_GONE),
        ],
    )
    def test_member_is_404(self, send, method, body, number, statement, document):
        answer = send(method, "/members/{member}", body, number, statement)
        assert answer.json == document


# What a leader does, and how many statements let him in.
WRITES = {
    "rename": ("PATCH", "", RENAME, 2),
    "delete": ("DELETE", "", None, 2),
    "add": ("POST", "/members/", "stranger", 2),
    "promote": ("PATCH", "/members/{member}", PROMOTE, 3),
    "make oneself leader again": ("PATCH", "/members/{leader}", PROMOTE, 3),
    "remove": ("DELETE", "/members/{member}", None, 3),
}
LOSSES = {
    "demoted": update(TeamMember).values(is_leader=False),
    "removed": delete(TeamMember),
}


@pytest.mark.parametrize("version", [None, ANY_VERSION], ids=["", "If-Match"])
@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("write", WRITES)
def test_leader_who_loses_the_team_writes_nothing(
    send, connection, people, team, write, loss, version
):
    leader = people["leader"].id
    others = (TeamMember.team_id == team.id, TeamMember.user_id != leader)
    stored = (
        select(Team).where(Team.id == team.id),
        select(TeamMember).where(*others),
    )
    before = [connection.execute(each).all() for each in stored]
    *request, number = WRITES[write]
    lost = LOSSES[loss].where(
        TeamMember.team_id == team.id, TeamMember.user_id == leader
    )
    answer = send(*request, number + 1, lost, version)
    if loss == "removed" and "leader" in request[1]:
        assert answer.json == MEMBER_GONE
    elif write == "remove":
        assert answer.status_int == 403
    else:
        assert answer.json == REFUSED
    assert [connection.execute(each).all() for each in stored] == before


def test_id_of_a_deleted_team_is_never_used_again(api, make_user):
    client = api(make_user())
    used = client.post("/teams/", {"title": "Engineers"}).json["id"]
    assert client.delete(f"/teams/{used}").status_int == 204
    assert client.post("/teams/", {"title": "Designers"}).json["id"] > used
    assert client.get(f"/teams/{used}").status_int == 404
