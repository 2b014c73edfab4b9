"""Projects, through the whole stack."""

from datetime import date
from unittest.mock import ANY

import pytest

from examples.projects.actions import TitleTaken
from examples.projects.models import ProjectAssignee, Status
from tests.patches import op, replace
from tests.problems import conflict, problem

STATUS = {"A": "PLANNED", "B": "ACTIVE", "C": "DONE"}
TAKEN = conflict(TitleTaken.sentence, "title")


def summary(row, **changes):
    """Return what lists show of a project."""
    return {
        "id": row.id,
        "team_id": row.team_id,
        "title": row.title,
        "status": "planned",
        "due_on": None,
        "archived": None,
        **changes,
    }


def detail(row, **changes):
    """Return what the API shows of a project."""
    more = {"budget": None, "tags": [], "created": ANY, "updated": ANY}
    return {**summary(row), **more, **changes}


@pytest.fixture
def of_team(team):
    """The path of the team's projects."""
    return f"/teams/{team.id}/projects/"


class TestCreate:
    def test_belongs_to_its_team(self, client, team, of_team):
        values = {
            "title": "New website",
            "status": "active",
            "due_on": "2026-12-24",
            "budget": "1500.5",
            "tags": ["web", "design"],
        }
        response = client.post(of_team, values)
        assert response.json == {
            **values,
            "id": ANY,
            "team_id": team.id,
            "budget": "1500.50",
            "archived": None,
            "created": ANY,
            "updated": ANY,
        }
        location = response.headers["Location"]
        assert location == f"/api/v1{of_team}{response.json['id']}"
        assert client.call("GET", location).json == response.json

    def test_needs_a_title_alone(self, client, of_team):
        shown = client.post(of_team, {"title": "New website"}).json
        assert (shown["status"], shown["tags"]) == ("planned", [])
        assert (shown["due_on"], shown["budget"]) == (None, None)

    def test_title_is_unique_in_a_team(self, client, make_team, leader, row, of_team):
        assert client.post(of_team, {"title": row.title}).json == TAKEN
        other = make_team(leaders=[leader])
        response = client.post(f"/teams/{other.id}/projects/", {"title": row.title})
        assert response.status_int == 201


class TestList:
    @pytest.fixture
    def titles(self, client, make_project, team, of_team):
        """A function that returns the titles that a query leaves of three."""
        for title, due_on in (("A", None), ("B", 24), ("C", 25)):
            day = due_on and date(2026, 12, due_on)
            make_project(team, title=title, due_on=day, status=Status[STATUS[title]])
        get = client.get
        return lambda query: "".join(p["title"] for p in get(of_team + query).json)

    def test_shows_summaries(self, client, row, of_team):
        assert client.get(of_team).json == [summary(row)]

    def test_own_projects_are_those_of_ones_teams(
        self, client, row, make_project, make_team, make_user
    ):
        make_project(make_team(leaders=[make_user()]))
        assert client.get("/projects/").json == [summary(row)]

    @pytest.mark.parametrize(
        ("query", "expected"),
        [
            ("?sort=due_on", "BCA"),
            ("?status=planned&status=done", "AC"),
            ("?due_from=2026-12-25", "C"),
            ("?due_until=2026-12-24", "B"),
            ("?without_due_date=true", "A"),
            ("?without_due_date=false&title=c", "C"),
        ],
    )
    def test_is_sorted_and_filtered(self, titles, query, expected):
        assert titles(query) == expected

    def test_of_one_who_works_on_it(
        self, client, row, make_project, team, leader, make_assignee, of_team
    ):
        make_assignee(make_project(team, title="His"), leader)
        listed = client.get(f"{of_team}?assignee={leader.id}").json
        assert [each["title"] for each in listed] == ["His"]


class TestTwoUrls:
    def test_are_one_object(self, client, row, path, of_team):
        for each in (path, f"{of_team}{row.id}"):
            response = client.patch(each, [replace("title", each[-9:])])
            assert response.json == detail(row, title=each[-9:])
            assert client.get(path).json == client.get(f"{of_team}{row.id}").json

    def test_another_team_has_it_not(self, client, row, make_team, leader):
        other = make_team(leaders=[leader])
        response = client.get(f"/teams/{other.id}/projects/{row.id}")
        assert response.json == problem(404, "There is no such object.")


class TestPatch:
    def test_null_is_taken_and_left_alone(self, client, row, path):
        day = client.patch(path, [replace("due_on", "2026-12-24")]).json
        assert day == detail(row, due_on="2026-12-24")
        changes = [
            op("test", "/budget", value=None),
            op("add", "/tags/-", value="web"),
            op("remove", "/due_on"),
        ]
        assert client.patch(path, changes).json == detail(row, tags=["web"])

    def test_title_of_another_one(self, client, make_project, team, row, path):
        make_project(team, title="Taken")
        assert client.patch(path, [replace("title", "Taken")]).json == TAKEN
        assert client.get(path).json == detail(row)


class TestArchive:
    def test_is_read_only_and_in_no_list(self, client, row, path, leader, of_team):
        shown = detail(row, archived=ANY)
        assert client.post(f"{path}/archive").json == shown
        assert client.get(path).json == shown
        assert client.get(of_team).json == []
        assert len(client.get(f"{of_team}?archived=true").json) == 1
        assert client.patch(path, [replace("title", "Another")]).status_int == 409
        assert client.post(f"{path}/restore").json == detail(row)
        assert client.patch(path, [replace("title", "Another")]).status_int == 200

    def test_its_title_is_free(self, client, row, path, of_team):
        client.post(f"{path}/archive")
        assert client.post(of_team, {"title": row.title}).status_int == 201
        assert client.post(f"{path}/restore").json == TAKEN


class TestDelete:
    def test_is_gone_with_all_that_belongs_to_it(
        self, client, row, path, make_assignee, leader, db
    ):
        make_assignee(row, leader)
        assert client.delete(path).status_int == 204
        assert client.get(path).json == problem(404, "There is no such object.")
        assert db.query(ProjectAssignee).count() == 0

    def test_goes_with_its_team(self, client, row, path, team):
        assert client.delete(f"/teams/{team.id}").status_int == 204
        assert client.get(path).status_int == 404
