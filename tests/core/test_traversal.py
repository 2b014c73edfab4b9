"""From a URL to its node: each segment is taken literally."""

from types import SimpleNamespace

import pytest
from sqlalchemy import bindparam, select

from apiserver.core.tree import NoSuchNode, Resource, parse_id
from apiserver.core.tree.resources import Root
from apiserver.core.tree.traversal import classes_at
from apiserver.teams.models import Team
from apiserver.teams.resources import (
    TeamCollection,
    TeamMemberCollection,
    TeamMemberResource,
    TeamResource,
)
from tests.core.notes import NoteClient
from tests.problems import problem

NAMELESS = select(Team.id).where(Team.id == bindparam("misspelt"))
NOTHING = problem(404, "There is nothing at this URL.")
NO_OBJECT = problem(404, "There is no such object.")


STRANGE_PATHS = [
    *("//teams/", "/teams//", "/teams/./", "/teams/../users/", "/users/..%2Fteams/"),
    *("/teams/%2e%2e/users/", "/Teams/", "/teams/@@list", "/@@teams/", "/teams/{id}/"),
    *("/teams/{id}/members/../", "/teams/{id}/@@members/"),
    *("/teams/{id}/members//{user}", "/teams/{id}/members/{user}/team"),
    *("/teams/{id}/__parent__", "/teams/{id}/request/"),
]


@pytest.fixture
def admin(make_user):
    return make_user("admin")


@pytest.fixture
def client(api, admin):
    return api(admin)


@pytest.fixture
def team(make_team, admin):
    return make_team(leaders=[admin])


class TestPath:
    @pytest.mark.parametrize("path", STRANGE_PATHS)
    def test_is_not_interpreted(self, client, admin, team, path):
        response = client.get(path.format(id=team.id, user=admin.id))
        assert response.status_int == 404
        assert response.json in (NOTHING, NO_OBJECT)

    @pytest.mark.parametrize("name", ["X-Vhm-Root", "X-Vhm-Host", "X-Original-Url"])
    def test_is_not_changed_by_headers(self, client, team, name):
        path = f"/teams/{team.id}"
        response = client.get(path, headers={name: "/users"})
        assert response.json == client.get(path).json

    def test_means_the_same_with_an_encoded_slash(self, api, make_user, team):
        """WSGI decodes it before anyone could tell; the permissions are the same."""
        stranger = api(make_user())
        path = f"/teams/{team.id}/members/"
        for client in (api(), stranger):
            plain, encoded = client.get(path), client.get(path.replace("/m", "%2Fm"))
            assert plain.status_int == encoded.status_int
            assert plain.status_int in (401, 403)

    def test_finds_a_member_of_the_team_in_the_path_alone(
        self, client, make_team, team
    ):
        other = make_team()
        assert client.get(f"/teams/{other.id}/members/1").json == NO_OBJECT

    @pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
    def test_to_nothing_is_404_before_the_scope_is_looked_at(
        self, api, make_user, team, method
    ):
        client = api(make_user(), scopes=["users:read"])
        body = {"json": []} if method == "PATCH" else {}
        path = "/api/v1/teams/"
        assert client.call(method, f"{path}{team.id}", **body).status_int == 403
        response = client.call(method, f"{path}{2**62}", **body)
        assert (response.status_int, response.json) == (404, NO_OBJECT)


def test_ids_are_of_the_row_whatever_the_url_calls_it(app, make_user):
    user = make_user()
    root = Root(
        SimpleNamespace(registry=app.registry, identity=SimpleNamespace(user=user))
    )
    assert root["users"]["me"].ids() == {"user_id": user.id}
    root.request.identity = SimpleNamespace(user=None)
    assert root["users"]["me"].ids() == {"user_id": None}


def test_slash_is_added_to_a_path_as_it_was_sent(api):
    response = api().call("GET", "/api/v1/teams/%C3%A4%0D%0A/members")
    assert response.status_int == 308
    assert response.headers["Location"] == "/api/v1/teams/%C3%A4%0D%0A/members/"


class TestMistakeOfANode:
    """A KeyError of a feature's own code is none of the client's mistakes."""

    @pytest.mark.parametrize(
        "load", [lambda node: {}["owner"], lambda node: node.request.db.row(NAMELESS)]
    )
    def test_is_no_404(self, api, make_user, make_team, monkeypatch, load):
        user = make_user()
        team = make_team(leaders=[user])
        monkeypatch.setattr(TeamResource, "load", load)
        client = NoteClient(api(user).app, api(user).token)
        response = client.get(f"/teams/{team.id}")
        assert response.status_int == 500


class TestAbove:
    def test_is_a_mistake_where_there_is_no_such_node(self):
        with pytest.raises(LookupError, match="No TeamResource is above Resource"):
            Resource(None).above(TeamResource)


class TestParseId:
    @pytest.mark.parametrize(
        ("segment", "number"), [("1", 1), (str(2**63 - 1), 2**63 - 1)]
    )
    def test_reads_a_number(self, segment, number):
        assert parse_id(segment) == number

    @pytest.mark.parametrize(
        "segment", ["", "0", "1\u0661", "1\n", str(2**63), "1" * 20]
    )
    def test_reads_nothing_else(self, segment):
        with pytest.raises(NoSuchNode):
            parse_id(segment)


class TestClassesAt:
    def test_knows_the_lineage_without_a_database(self, app):
        path = "/teams/{team_id}/members/{user_id}"
        assert classes_at(app.registry.tree, path) == [
            TeamMemberResource,
            TeamMemberCollection,
            TeamResource,
            TeamCollection,
            Root,
        ]
