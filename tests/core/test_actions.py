"""POST at a single object and below it: actions, and objects that are made in bulk."""

import pytest
from sqlalchemy import select

from apiserver.core.endpoints import ApiService
from apiserver.core.schemas import List, Object, Text
from tests.client import Client
from tests.core.albums import actions, album_app, client, paths, successes
from tests.core.tags import MOST, Tag
from tests.problems import problem
from tests.recipes.callers import BOB

__all__ = ["actions", "album_app", "client", "paths"]

ALBUM = {"id": 1, "is_open": True}
CLOSED = {**ALBUM, "is_open": False}
TAKEN = "The album has this tag already."
BULK = "/albums/1/bulk"


class TestAction:
    def test_answers_with_the_object_as_it_is_now(self, client, actions):
        answer = client.post("/albums/1/close")
        assert (answer.status_int, answer.json) == (200, CLOSED)
        assert {"Location", "ETag"}.isdisjoint(answer.headers)
        assert client.get("/albums/1").json == CLOSED
        assert actions() == ["album_of_a_test_changed"]
        again = client.post("/albums/1/close")
        assert again.json == problem(409, "The album is closed already.")

    def test_at_the_object_itself_may_answer_with_nothing(self, client):
        etag = client.get("/albums/1").headers["ETag"]
        answer = client.post("/albums/1", headers={"If-Match": etag})
        assert (answer.status_int, answer.body) == (204, b"")
        assert client.get("/albums/1").json == CLOSED
        again = client.post("/albums/1", headers={"If-Match": etag})
        assert again.status_int == 412

    def test_answers_with_the_status_that_is_declared(self, client):
        answer = client.delete("/albums/1/close")
        assert (answer.status_int, answer.body) == (202, b"")
        # So that the connection stays open for others.
        assert answer.headers["Content-Length"] == "0"

    @pytest.mark.parametrize(
        ("path", "ada", "bob"),
        [
            ("/albums/1", "GET, HEAD, POST, OPTIONS", "GET, HEAD, OPTIONS"),
            ("/albums/1/close", "POST, DELETE, OPTIONS", "OPTIONS"),
        ],
    )
    def test_needs_its_permission(self, client, path, ada, bob):
        assert client.options(path).headers["Allow"] == ada
        assert client.options(path, headers=BOB).headers["Allow"] == bob
        sentence = "Only the owner of the album and administrators may do this."
        assert client.post(path, headers=BOB).json == problem(403, sentence)
        assert Client(client.app).post(path).status_int == 401
        assert client.get("/albums/1").json == ALBUM

    @pytest.mark.parametrize("path", ["/albums/2", "/albums/2/close", "/albums/1/x"])
    def test_of_nothing_is_not_found(self, client, path):
        assert client.post(path).status_int == 404


def named(*names):
    return [{"name": name} for name in names]


def refusals(answer):
    errors = answer.json["errors"]
    assert {error["location"] for error in errors} == {"body"}
    return {error["name"]: error["description"] for error in errors}


class TestBulk:
    @pytest.fixture
    def stored(self, album_app):
        """A function that returns the names of the tags that are stored."""

        def read():
            with album_app.registry.read_sessions() as db:
                return list(db.scalars(select(Tag.name).order_by(Tag.id)))

        return read

    @pytest.mark.parametrize("number", [1, MOST])
    def test_creates_all(self, client, stored, actions, number):
        names = [f"tag {n}" for n in range(number)]
        answer = client.post(BULK, named(*names))
        assert answer.status_int == 201
        assert "Location" not in answer.headers
        found = [(tag["name"], tag["weight"]) for tag in answer.json]
        assert found == [(name, 1) for name in names]
        assert stored() == names
        assert actions() == ["tag_of_a_test_created"] * number

    @pytest.mark.parametrize(
        ("body", "description"),
        [
            ([], "Must have at least 1 item."),
            (named(*map(str, range(MOST + 1))), f"Must have at most {MOST} items."),
            ({"name": "a"}, "Must be a list."),
            (None, "Must be a list."),
        ],
    )
    def test_is_a_list_with_limits(self, client, stored, body, description):
        answer = client.post(BULK, body)
        assert (answer.status_int, refusals(answer)) == (422, {"": description})
        assert stored() == []

    def test_tells_all_invalid_items_by_their_index(self, client, stored):
        body = [*named("a", "", "c"), {"weight": 10, "color": "red"}, None]
        answer = client.post(BULK, body)
        assert answer.status_int == 422
        assert refusals(answer) == {
            "1.name": "Must be at least 1 character long.",
            "3.name": "Is required.",
            "3.weight": "Must be at most 9.",
            "3.color": "Unknown field.",
            "4": "Must be an object.",
        }
        assert stored() == []

    def test_tells_all_conflicts_by_their_index(self, client, stored, actions):
        assert client.post(BULK, named("a")).status_int == 201
        answer = client.post(BULK, named("b", "a", "c", "b", "d"))
        assert (answer.status_int, answer.json["detail"]) == (409, TAKEN)
        assert refusals(answer) == {"1.name": TAKEN, "3.name": TAKEN}
        assert stored() == ["a"]
        assert actions() == ["tag_of_a_test_created"]

    def test_takes_no_form_and_needs_its_permission(self, client, stored):
        form = client.call("POST", f"/api/v1{BULK}", form={"name": "a"})
        assert form.status_int == 415
        assert client.post(BULK, named("a"), headers=BOB).status_int == 403
        assert stored() == []

    @pytest.mark.parametrize(
        ("most", "sentence"),
        [
            (None, "Say how many items a body may hold"),
            (334, "A body can't hold more than 333 items of these fields"),
        ],
    )
    def test_must_fit_into_a_body(self, most, sentence):
        class Pair(Object):
            first, second = Text(1, 5), Text(1, 5)

        service = ApiService("pairs", "/pairs/")
        with pytest.raises(TypeError, match=sentence):
            service.post(permission=None, takes=List(Pair(), most))(print)


class TestDocument:
    def test_has_the_response_of_each_action(self, paths):
        album, closing = paths["/albums/{album_id}"], paths["/albums/{album_id}/close"]
        assert (successes(album["get"]), successes(album["post"])) == ({"200"}, {"204"})
        assert successes(closing["post"]) == {"200"}
        assert successes(closing["delete"]) == {"202"}

    def test_says_how_many_items_there_may_be(self, paths):
        operation = paths["/albums/{album_id}/bulk"]["post"]
        body = operation["requestBody"]
        schema = body["content"]["application/json"]["schema"]
        limits = (schema["type"], schema["minItems"], schema["maxItems"])
        assert limits == ("array", 1, MOST)
        assert list(body["content"]) == ["application/json"]
        assert body["description"].startswith(f"At least one object and at most {MOST}")
        created = operation["responses"]["201"]
        assert "Location" not in created["headers"]
        assert created["content"]["application/json"]["schema"]["type"] == "array"
