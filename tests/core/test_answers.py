"""Answers: entity tags, conditions, and what is not answered in parts."""

import re

import pytest

from apiserver.core.endpoints import Request
from tests.client import Client
from tests.core.notes import notes
from tests.core.things import things

HEADERS = ("Content-Type", "Cache-Control", "Vary")


@pytest.fixture
def leader(make_user):
    return make_user()


@pytest.fixture
def client(api, leader):
    return api(leader)


@pytest.fixture
def path(make_team, leader):
    return f"/teams/{make_team(leaders=[leader]).id}"


class TestEntityTag:
    def test_is_of_the_body(self, client, path):
        first, again = client.get(path), client.get(path)
        assert re.fullmatch('"[0-9a-f]{24}"', first.headers["ETag"])
        assert first.headers["ETag"] == again.headers["ETag"]
        # And belongs to single objects alone.
        for other in ("/teams/", "/users/signup-form"):
            assert "ETag" not in client.get(other).headers

    def test_of_anything_else_is_another(self, client, path):
        whole = client.get(path)
        for value in ('"x"', "x", "", "\xff", '"' * 99, "W/"):
            response = client.get(path, headers={"If-None-Match": value})
            assert (response.status_int, response.json) == (200, whole.json)
        for value in ("x", "\xff"):
            response = client.delete(path, headers={"If-Match": value})
            assert response.status_int == 412

    def test_of_any_version_asks_for_the_object_alone(self, client, path):
        assert client.delete(path, headers={"If-Match": "*"}).status_int == 204
        assert client.delete(path, headers={"If-Match": "*"}).status_int == 404

    def test_says_nothing_where_no_version_can_be_read(self, make_core_app):
        caller = {"X-Caller": "ada", "If-Match": '"x"'}
        response = Client(make_core_app(things)).patch("/things/1", headers=caller)
        assert response.status_int == 200


def test_range_is_ignored(client, path):
    whole = client.get(path)
    for value in ("bytes=0-5", "bytes=99999-", "bytes=-1", "x"):
        response = client.get(path, headers={"Range": value})
        assert (response.status_int, response.body) == (200, whole.body)


def test_headers_keep_answers_out_of_shared_caches(client, path):
    for target in (path, "/teams/", "/users/me"):
        response = client.get(target)
        assert {name: response.headers[name] for name in HEADERS} == {
            "Content-Type": "application/json",
            "Cache-Control": "private, no-cache",
            "Vary": "Authorization",
        }


def test_location_is_relative_to_the_server(client):
    """Its name would be the client's word: the header Host."""
    host = {"Host": "evil.example.com"}
    response = client.post("/teams/", {"title": "Engineers"}, headers=host)
    assert response.headers["Location"] == f"/api/v1/teams/{response.json['id']}"


class TestCookies:
    @pytest.mark.parametrize(
        ("header", "cookies"),
        [
            *(("a=1", {"a": "1"}), ("a=1; a=2", {"a": "1"}), ("a", {"a": ""})),
            *(("a=b=c", {"a": "b=c"}), ("a=\xff", {"a": "\xff"})),
            ("a=1; b=2", {"a": "1", "b": "2"}),
            ("a=1;b = 2 ;", {"a": "1", "b": "2", "": ""}),
            ('a="\\015\\012"', {"a": '"\\015\\012"'}),
        ],
    )
    def test_are_taken_as_they_are(self, header, cookies):
        assert Request.blank("/", headers={"Cookie": header}).cookies == cookies
        assert Request.blank("/").cookies.get("session") is None

    def test_that_are_junk_take_no_time(self, make_core_app):
        seen = []
        app = make_core_app(notes)
        app.registry.act = lambda request: seen.append(request.cookies)
        Client(app).get("/notes/", headers={"Cookie": "x" * 2**20})
        assert seen == [{"x" * 2**20: ""}]
