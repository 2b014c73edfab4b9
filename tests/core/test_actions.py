"""POST at a single object and below it: actions, and objects that are made in bulk."""

import pytest
from openapi_spec_validator import validate
from sqlalchemy import select

from apiserver.core.endpoints import ApiService
from apiserver.core.schemas import List, Object, Text
from tests.core.albums import actions, album_app, client
from tests.core.tags import MOST, Tag
from tests.problems import problem
from tests.recipes.callers import ADA, BOB

__all__ = ["actions", "album_app", "client"]

ALBUM = {"id": 1, "is_open": True}
CLOSED = {**ALBUM, "is_open": False}
CLOSING = ["/albums/1", "/albums/1/close"]
TAKEN = "The album has this tag already."


@pytest.fixture
def stored(album_app):
    """A function that returns the names of the tags that are stored."""

    def read():
        with album_app.registry.read_sessions() as db:
            return list(db.scalars(select(Tag.name).order_by(Tag.id)))

    return read


class TestAction:
    def test_answers_with_the_object_as_it_is_now(self, client, actions):
        answer = client.post("/albums/1/close", headers=ADA)
        assert (answer.status_int, answer.json) == (200, CLOSED)
        assert "Location" not in answer.headers
        assert "ETag" not in answer.headers
        assert client.get("/albums/1", headers=BOB).json == CLOSED
        assert actions() == ["album_of_a_test_changed"]

    def test_at_the_object_itself_may_answer_with_nothing(self, client):
        answer = client.post("/albums/1", headers=ADA)
        assert (answer.status_int, answer.body) == (204, b"")
        assert client.get("/albums/1", headers=BOB).json == CLOSED

    def test_answers_with_the_status_that_is_declared(self, client):
        answer = client.delete("/albums/1/close", headers=ADA)
        assert (answer.status_int, answer.body) == (202, b"")
        # So that the connection stays open for others.
        assert answer.headers["Content-Length"] == "0"

    @pytest.mark.parametrize("path", CLOSING)
    def test_that_is_refused_changes_nothing(self, client, path):
        assert client.post(path, headers=ADA).status_int < 300
        answer = client.post(path, headers=ADA)
        assert answer.json == problem(409, "The album is closed already.")

    @pytest.mark.parametrize("path", CLOSING)
    def test_needs_its_permission(self, client, path):
        answer = client.post(path, headers=BOB)
        assert answer.json == problem(
            403, "Only the owner of the album and administrators may do this."
        )
        assert client.post(path).status_int == 401
        assert client.get("/albums/1", headers=BOB).json == ALBUM

    @pytest.mark.parametrize(
        ("path", "methods"),
        [
            ("/albums/1", {1: "GET, HEAD, POST, OPTIONS", 2: "GET, HEAD, OPTIONS"}),
            ("/albums/1/close", {1: "POST, DELETE, OPTIONS", 2: "OPTIONS"}),
        ],
    )
    def test_is_allowed_to_whoever_may(self, client, path, methods):
        for caller, allowed in ((ADA, methods[1]), (BOB, methods[2])):
            answer = client.options(path, headers=caller)
            assert answer.headers["Allow"] == allowed

    def test_of_a_version_is_of_no_other(self, client):
        etag = client.get("/albums/1", headers=ADA).headers["ETag"]
        match = {**ADA, "If-Match": etag}
        assert client.post("/albums/1", headers=match).status_int == 204
        assert client.post("/albums/1", headers=match).status_int == 412

    @pytest.mark.parametrize("path", ["/albums/2", "/albums/2/close", "/albums/1/x"])
    def test_of_nothing_is_not_found(self, client, path):
        assert client.post(path, headers=ADA).status_int == 404


def named(*names):
    return [{"name": name} for name in names]


def refusals(answer):
    errors = answer.json["errors"]
    assert {error["location"] for error in errors} == {"body"}
    return {error["name"]: error["description"] for error in errors}


class TestBulk:
    def post(self, client, body, **kw):
        return client.post("/albums/1/bulk", body, headers=ADA, **kw)

    @pytest.mark.parametrize("number", [1, MOST])
    def test_creates_all(self, client, stored, actions, number):
        names = [f"tag {n}" for n in range(number)]
        answer = self.post(client, named(*names))
        assert answer.status_int == 201
        assert "Location" not in answer.headers
        assert [(tag["name"], tag["weight"]) for tag in answer.json] == [
            (name, 1) for name in names
        ]
        assert stored() == names
        assert actions() == ["tag_of_a_test_created"] * number

    @pytest.mark.parametrize(
        ("number", "description"),
        [
            (0, "Must have at least 1 item."),
            (MOST + 1, f"Must have at most {MOST} items."),
        ],
    )
    def test_has_limits(self, client, stored, number, description):
        answer = self.post(client, named(*map(str, range(number))))
        assert (answer.status_int, refusals(answer)) == (422, {"": description})
        assert stored() == []

    def test_tells_all_invalid_items_by_their_index(self, client, stored):
        body = named("a", "", "c", "d")
        body[3] = {"weight": 10, "color": "red"}
        answer = self.post(client, body)
        assert answer.status_int == 422
        assert refusals(answer) == {
            "1.name": "Must be at least 1 character long.",
            "3.name": "Is required.",
            "3.weight": "Must be at most 9.",
            "3.color": "Unknown field.",
        }
        assert stored() == []

    def test_tells_all_conflicts_by_their_index(self, client, stored, actions):
        assert self.post(client, named("a")).status_int == 201
        answer = self.post(client, named("b", "a", "c", "b", "d"))
        assert (answer.status_int, answer.json["detail"]) == (409, TAKEN)
        assert refusals(answer) == {"1.name": TAKEN, "3.name": TAKEN}
        assert stored() == ["a"]
        assert actions() == ["tag_of_a_test_created"]

    @pytest.mark.parametrize("body", [{}, {"name": "a"}, None, "a", 1])
    def test_is_a_list(self, client, stored, body):
        answer = self.post(client, body)
        assert (answer.status_int, refusals(answer)) == (422, {"": "Must be a list."})
        assert self.post(client, [body]).status_int in {201, 422}

    def test_takes_no_form(self, client):
        answer = client.call(
            "POST", "/api/v1/albums/1/bulk", form={"name": "a"}, headers=ADA
        )
        assert answer.status_int == 415

    def test_needs_its_permission(self, client, stored):
        answer = client.post("/albums/1/bulk", named("a"), headers=BOB)
        assert (answer.status_int, stored()) == (403, [])

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
    @pytest.fixture
    def paths(self, client):
        validate(client.get("/swagger.json").json)
        document = client.get("/openapi.json").json
        validate(document)
        return document["paths"]

    def test_has_the_response_of_each_action(self, paths):
        answers = {
            (path, method): {s for s in paths[path][method]["responses"] if s < "3"}
            for path in ("/albums/{album_id}", "/albums/{album_id}/close")
            for method in {"get", "post", "delete"} & paths[path].keys()
        }
        assert answers == {
            ("/albums/{album_id}", "get"): {"200"},
            ("/albums/{album_id}", "post"): {"204"},
            ("/albums/{album_id}/close", "post"): {"200"},
            ("/albums/{album_id}/close", "delete"): {"202"},
        }

    def test_says_how_many_items_there_may_be(self, paths):
        operation = paths["/albums/{album_id}/bulk"]["post"]
        body = operation["requestBody"]
        schema = body["content"]["application/json"]["schema"]
        assert (schema["type"], schema["minItems"], schema["maxItems"]) == (
            *("array", 1, MOST),
        )
        assert list(body["content"]) == ["application/json"]
        assert body["description"].startswith(f"At least one object and at most {MOST}")
        created = operation["responses"]["201"]
        assert "Location" not in created["headers"]
        assert created["content"]["application/json"]["schema"]["type"] == "array"
