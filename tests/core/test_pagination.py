"""Lists by pages: which rows, X-Total-Count, and the links to the other pages."""

from base64 import urlsafe_b64encode
from functools import wraps

import pytest
from sqlalchemy import delete, select

from apiserver.core.db.sessions import ReadSession
from apiserver.core.lists import totals
from apiserver.core.lists.orders import decode, encode
from apiserver.core.lists.pages import link_header
from apiserver.teams.models import Team
from tests.client import Client
from tests.conftest import SERVER
from tests.problems import invalid

PATH = "/api/v1/teams/"

NO_CURSOR = invalid("querystring", after="Is not a cursor of this list.")


def link(limit, **offsets):
    """Return the header for the offsets of the named pages."""
    return ", ".join(
        f'<{PATH}?limit={limit}&offset={offset}>; rel="{relation}"'
        for relation, offset in offsets.items()
    )


@pytest.fixture
def client(api, make_user):
    return api(make_user())


@pytest.fixture
def teams(make_team):
    """Seven teams, in the order in which they were made."""
    return [{"id": make_team(f"Team {n}").id, "title": f"Team {n}"} for n in range(7)]


class TestPage:
    @pytest.mark.parametrize(
        ("limit", "offset", "offsets"),
        [
            (3, 0, {"first": 0, "next": 3, "last": 6}),
            (3, 3, {"first": 0, "prev": 0, "next": 6, "last": 6}),
            (3, 6, {"first": 0, "prev": 3, "last": 6}),
            (3, 1, {"first": 0, "prev": 0, "next": 4, "last": 6}),
            (3, 5, {"first": 0, "prev": 2, "last": 6}),
            # Beyond the end the way back leads to the last page.
            (3, 90, {"first": 0, "prev": 6, "last": 6}),
            (7, 0, {"first": 0, "last": 0}),
            (100, 0, {"first": 0, "last": 0}),
            (6, 0, {"first": 0, "next": 6, "last": 6}),
            (1, 6, {"first": 0, "prev": 5, "last": 6}),
            (1, 2**62, {"first": 0, "prev": 6, "last": 6}),
        ],
    )
    def test_is_a_part_of_the_list(self, client, teams, limit, offset, offsets):
        response = client.get(f"/teams/?limit={limit}&offset={offset}")
        assert response.json == teams[offset : offset + limit]
        assert response.headers["X-Total-Count"] == "7"
        assert response.headers["Link"] == link(limit, **offsets)

    def test_has_twenty_objects_by_default(self, client, make_team):
        empty = client.get("/teams/")
        assert (empty.json, empty.headers["X-Total-Count"]) == ([], "0")
        assert empty.headers["Link"] == link(20, first=0, last=0)
        ids = [make_team().id for _ in range(21)]
        response = client.get("/teams/?offset=0")
        assert [team["id"] for team in response.json] == ids[:20]
        assert response.headers["Link"] == link(20, first=0, next=20, last=20)

    def test_of_a_nested_list_links_to_it(self, api, make_user, make_team):
        leader = make_user()
        path = f"/teams/{make_team(leaders=[leader]).id}/members/"
        response = api(leader).get(path)
        assert response.headers["Link"].startswith(f"</api/v1{path}?limit=20&offset=0>")

    def test_links_below_the_path_of_the_application(self, app, client, teams):
        @wraps(app)
        def mounted(environ, start_response):
            environ["SCRIPT_NAME"] = "/mounted"
            return app(environ, start_response)

        response = Client(mounted, client.token).get("/teams/?limit=7")
        path = f"/mounted{PATH}?limit=7&offset=0"
        expected = f'<{path}>; rel="first", <{path}>; rel="last"'
        assert response.headers["Link"] == expected

    def test_keeps_parameters_that_are_given_several_times(self):
        query = [("tag", "a"), ("limit", "3"), ("tag", "b c"), ("offset", "5")]
        header = link_header("/notes/", 3, query, {"next": {"after": "x"}})
        assert header == '</notes/?limit=3&after=x&tag=a&tag=b+c>; rel="next"'


class TestCursor:
    def test_names_a_place(self):
        assert decode("team.id", encode("team.id", [7])) == [7]

    @pytest.mark.parametrize(
        "place",
        [[0], [-1], [2**63], [True], ["1"], [None], [1.5], [[1]], [], [1, 2], ["a", 1]],
        ids=str,
    )
    def test_holds_the_key_that_the_order_asks_for(self, client, place):
        cursor = encode("team.id", place)
        assert client.get(f"/teams/?after={cursor}").json == NO_CURSOR

    @pytest.mark.parametrize("content", [b'["team.id", 7]', b'["team.id",7 ]'])
    def test_has_one_form(self, content):
        cursor = urlsafe_b64encode(content).decode().rstrip("=")
        with pytest.raises(ValueError):
            decode("team.id", cursor)

    def test_of_a_row_that_is_gone_still_has_its_place(self, client, teams, db):
        cursor = encode("team.id", [teams[3]["id"]])
        db.execute(delete(Team).where(Team.id == teams[3]["id"]))
        db.commit()
        assert client.get(f"/teams/?after={cursor}").json == teams[4:]
        assert client.get(f"/teams/?before={cursor}").json == teams[:3]

    def test_beyond_the_end_shows_nothing(self, client, teams):
        for way, team in (("after", teams[-1]), ("before", teams[0])):
            response = client.get(f"/teams/?{way}={encode('team.id', [team['id']])}")
            assert response.json == []
            assert response.headers["Link"] == f'<{PATH}?limit=20>; rel="first"'


class TestPrefer:
    @pytest.mark.parametrize(
        ("header", "applied"),
        [
            ("count=none", "none"),
            ('Count="none"', "none"),
            ("respond-async, count = none; x=1", "none"),
            ("count=none, count=exact", "none"),
            ("count=exact", "exact"),
            ("count=many", None),
            ("account=none", None),
            ("", None),
        ],
    )
    def test_is_read_as_a_list(self, client, teams, header, applied):
        response = client.get("/teams/", headers={"Prefer": header})
        said = response.headers.get("Preference-Applied")
        assert said == (f"count={applied}" if applied else None)
        counted = response.headers.get("X-Total-Count")
        assert counted == (None if applied == "none" else "7")

    def test_is_estimated_by_the_planner_alone(self, client):
        response = client.get("/teams/", headers={"Prefer": "count=estimated"})
        applied = "exact" if SERVER is None else "estimated"
        assert response.headers["Preference-Applied"] == f"count={applied}"


class TestTotal:
    @pytest.fixture
    def total(self, monkeypatch):
        """The total of all teams, of which six may be counted."""
        monkeypatch.setattr(totals, "BOUND", 6)
        return totals.Total(select(Team.id), Team.id)

    def test_is_counted_exactly(self, total, db, teams):
        assert total.number(reading(db), totals.EXACT, None, {}) == 7

    @pytest.mark.skipif(SERVER is None, reason="needs TEST_DATABASE_URL")
    def test_of_many_is_estimated(self, total, db, teams):
        assert total.number(reading(db), totals.ESTIMATED, None, {}) >= 7


def reading(db):
    return ReadSession(db.connection())
