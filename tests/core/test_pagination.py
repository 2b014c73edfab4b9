"""Lists by pages: which rows, X-Total-Count, and the links to the other pages."""

import pytest

from tests.client import Client
from tests.problems import invalid

PATH = "/api/v1/teams/"


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
        ids = [make_team().id for _ in range(21)]
        response = client.get("/teams/")
        assert [team["id"] for team in response.json] == ids[:20]
        assert response.headers["Link"] == link(20, first=0, next=20, last=20)

    def test_is_empty_where_nothing_is(self, client):
        response = client.get("/teams/")
        assert response.json == []
        assert response.headers["X-Total-Count"] == "0"
        assert response.headers["Link"] == link(20, first=0, last=0)

    def test_leads_through_the_whole_list(self, client, teams):
        seen, path = [], "/teams/?limit=2"
        while path:
            response = client.get(path)
            seen += response.json
            links = dict(
                reversed(part.split("; "))
                for part in response.headers["Link"].split(", ")
            )
            path = links.get('rel="next"', "")[1:-1].removeprefix(client.prefix)
        assert seen == teams

    def test_of_a_nested_list_links_to_it(self, api, make_user, make_team):
        leader = make_user()
        path = f"/teams/{make_team(leaders=[leader]).id}/members/"
        response = api(leader).get(path)
        assert response.headers["Link"].startswith(f"</api/v1{path}?limit=20&offset=0>")

    def test_links_below_the_path_of_the_application(self, app, client, teams):
        def mounted(environ, start_response):
            environ["SCRIPT_NAME"] = "/mounted"
            return app(environ, start_response)

        response = Client(mounted, client.token).get("/teams/?limit=7")
        path = f"/mounted{PATH}?limit=7&offset=0"
        expected = f'<{path}>; rel="first", <{path}>; rel="last"'
        assert response.headers["Link"] == expected

    def test_links_with_the_parameters_that_are_given_alone(self, client):
        response = client.get("/auth/oauth2_clients/")
        path = "/api/v1/auth/oauth2_clients/?limit=20&offset=0"
        expected = f'<{path}>; rel="first", <{path}>; rel="last"'
        assert response.headers["Link"] == expected

    def test_keeps_the_other_parameters_in_the_links(self, api, make_user):
        user = make_user()
        response = api(user).get(f"/auth/oauth2_clients/?user_id={user.id}&limit=5")
        path = f"/api/v1/auth/oauth2_clients/?limit=5&offset=0&user_id={user.id}"
        expected = f'<{path}>; rel="first", <{path}>; rel="last"'
        assert response.headers["Link"] == expected

    def test_is_asked_for_by_head_as_well(self, client, teams):
        response = client.head("/teams/?limit=3")
        assert response.body == b""
        assert response.headers["X-Total-Count"] == "7"
        assert response.headers["Link"] == link(3, first=0, next=3, last=6)


class TestQuery:
    @pytest.mark.parametrize(
        ("query", "name", "description"),
        [
            ("limit=0", "limit", "Must be at least 1."),
            ("limit=101", "limit", "Must be at most 100."),
            ("limit=ten", "limit", "Must be a whole number."),
            ("offset=-1", "offset", "Must be at least 0."),
            (f"offset={2**62 + 1}", "offset", f"Must be at most {2**62}."),
            (f"offset={2**64}", "offset", "Must be a whole number."),
            ("page=2", "page", "There is no such field."),
        ],
    )
    def test_out_of_range_is_refused(self, client, query, name, description):
        response = client.get(f"/teams/?{query}")
        assert response.status_int == 422
        assert response.json == invalid("querystring", **{name: description})
