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

    def test_is_not_changed_by_headers(self, client, team):
        path = f"/teams/{team.id}"
        for name in ("X-Vhm-Root", "X-Vhm-Host", "X-Original-Url"):
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
        path = "/api/v1/teams/"
        assert client.call(method, f"{path}{team.id}", json=[]).status_int == 403
        assert client.call(method, f"{path}{2**62}", json=[]).json == NO_OBJECT


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


@pytest.mark.parametrize(
    "load", [lambda node: {}["owner"], lambda node: node.request.db.row(NAMELESS)]
)
def test_mistake_of_a_node_is_no_404(client, team, monkeypatch, load):
    """A KeyError of a feature's own code is none of the client's mistakes."""
    monkeypatch.setattr(TeamResource, "load", load)
    unsurprised = NoteClient(client.app, client.token)
    assert unsurprised.get(f"/teams/{team.id}").status_int == 500


def test_above_is_a_mistake_where_there_is_no_such_node():
    with pytest.raises(LookupError, match="No TeamResource is above Resource"):
        Resource(None).above(TeamResource)


def test_ids_are_numbers_as_they_are_written():
    assert [parse_id(text) for text in ("1", str(2**63 - 1))] == [1, 2**63 - 1]
    for text in ("", "0", "1\u0661", "1\n", str(2**63), "1" * 20):
        with pytest.raises(NoSuchNode):
            parse_id(text)


def test_lineage_is_known_without_a_database(app):
    classes = classes_at(app.registry.tree, "/teams/{team_id}/members/{user_id}")
    team = [TeamResource, TeamCollection, Root]
    assert classes == [TeamMemberResource, TeamMemberCollection, *team]
