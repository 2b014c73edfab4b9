"""PUT: what replaces an object, or makes it at a known key; and singletons."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from openapi_spec_validator import validate
from sqlalchemy import func, select

from apiserver.core.endpoints.services import services_of
from tests.core.albums import actions, album_app, client
from tests.core.tags import AlbumSettings, Tag
from tests.problems import problem
from tests.recipes.callers import ADA, BOB

__all__ = ["actions", "album_app", "client"]

SEA = "/albums/1/tags/sea"
NO_OBJECT = problem(404, "There is no such object.")
CHANGED = problem(412, "The object has changed since it was read.")


def put(client, path, body, headers=ADA, **more):
    url = client.prefix + path
    return client.call("PUT", url, json=body, headers={**headers, **more})


class TestPutAtAKey:
    def test_makes_the_object_and_replaces_it(self, client, actions):
        made = put(client, SEA, {"weight": 3})
        assert (made.status_int, made.json) == (
            *(201, {"id": made.json["id"], "name": "sea", "weight": 3}),
        )
        assert "Location" not in made.headers
        assert client.get(SEA, headers=BOB).headers["ETag"] == made.headers["ETag"]
        again = put(client, SEA, {"weight": 4})
        assert (again.status_int, again.json) == (200, {**made.json, "weight": 4})
        assert client.get(SEA, headers=BOB).json == again.json
        assert actions() == ["tag_of_a_test_created", "tag_of_a_test_changed"]

    def test_replaces_what_is_left_out_by_its_default(self, client):
        put(client, SEA, {"weight": 3})
        assert put(client, SEA, {}).json["weight"] == 1

    def test_asks_for_another_permission_to_make_it(self, client):
        assert put(client, SEA, {}, BOB).status_int == 201
        answer = put(client, SEA, {"weight": 2}, BOB)
        assert answer.json == problem(
            403, "Only the owner of the album and administrators may do this."
        )
        assert client.get(SEA, headers=BOB).json["weight"] == 1
        assert put(client, SEA, {}, {}).status_int == 401
        assert put(client, "/albums/1/tags/sky", {}, {}).status_int == 401

    @pytest.mark.parametrize(
        "path", ["/albums/1/tags/SEA", "/albums/2/tags/sea", f"{SEA}/x", f"{SEA}/"]
    )
    def test_makes_nothing_elsewhere(self, client, path):
        assert put(client, path, {}).status_int == 404

    @pytest.mark.parametrize("method", ["GET", "HEAD"])
    def test_is_the_only_method_that_finds_what_is_not_there(self, client, method):
        answer = client.call(method, client.prefix + SEA, headers=ADA)
        assert answer.status_int == 404
        assert client.options(SEA, headers=BOB).headers["Allow"] == "PUT, OPTIONS"
        assert client.options(SEA).status_int == 401

    def test_refuses_wrong_bodies(self, client, actions):
        assert put(client, SEA, {"color": "red"}).json["errors"] == [
            {"location": "body", "name": "color", "description": "Unknown field."}
        ]
        text = {"body": b"{}", "content_type": "text/plain", "headers": ADA}
        answer = client.call("PUT", client.prefix + SEA, **text)
        assert answer.status_int == 415
        assert "application/json" in answer.headers["Accept-Post"]
        assert actions() == []

    def test_takes_a_form(self, client):
        answer = client.call(
            "PUT", client.prefix + SEA, form={"weight": "7"}, headers=ADA
        )
        assert (answer.status_int, answer.json["weight"]) == (201, 7)

    def test_depends_on_the_version(self, client):
        for name, value in (("If-Match", '"x"'), ("If-Match", "*")):
            answer = put(client, SEA, {}, **{name: value})
            assert answer.json == CHANGED
        only_new = {"If-None-Match": "*"}
        made = put(client, SEA, {}, **only_new)
        assert made.status_int == 201
        assert put(client, SEA, {}, **only_new).json == CHANGED
        etag = made.headers["ETag"]
        assert put(client, SEA, {}, **{"If-None-Match": etag}).json == CHANGED
        assert put(client, SEA, {"weight": 5}, **{"If-Match": etag}).status_int == 200
        assert put(client, SEA, {"weight": 6}, **{"If-Match": etag}).json == CHANGED
        assert put(client, SEA, {}, **{"If-Match": "*"}).status_int == 200

    def test_has_what_is_below_it_once_it_is_there(self, client):
        assert client.options(f"{SEA}/uses", headers=BOB).json == NO_OBJECT
        assert client.post(f"{SEA}/uses", headers=BOB).json == NO_OBJECT
        put(client, SEA, {})
        assert client.post(f"{SEA}/uses", headers=BOB).status_int == 204

    def test_is_allowed_to_whoever_may(self, client):
        put(client, SEA, {})
        for caller, allowed in (
            (ADA, "GET, HEAD, PUT, OPTIONS"),
            (BOB, "GET, HEAD, OPTIONS"),
        ):
            assert client.options(SEA, headers=caller).headers["Allow"] == allowed

    def test_may_be_sent_by_pages(self, client):
        asked = {
            "Origin": "https://app.example",
            "Access-Control-Request-Method": "PUT",
        }
        answer = client.options(SEA, headers=asked)
        assert answer.status_int == 204

    def test_is_found_where_it_was_posted(self, client):
        posted = client.post("/albums/1/tags/", {"name": "sky"}, headers=ADA)
        assert posted.headers["Location"] == "/api/v1/albums/1/tags/sky"
        assert put(client, "/albums/1/tags/sky", {"weight": 9}).json == {
            **posted.json,
            "weight": 9,
        }

    def test_makes_one_of_many_at_the_same_time(self, client, album_app):
        with ThreadPoolExecutor(8) as pool:
            answers = pool.map(lambda n: put(client, SEA, {"weight": n}), range(8))
            statuses = sorted(answer.status_int for answer in answers)
        assert statuses == [*[200] * 7, 201]
        with album_app.registry.read_sessions() as db:
            assert db.scalar(select(func.count()).select_from(Tag)) == 1

    def test_replaces_what_was_made_while_it_waited(self, client, album_app):
        """Where the database can write twice at once: the key decides it."""
        engine = album_app.registry.engine
        tries = []

        def meanwhile():
            tries.append(1)
            if len(tries) == 1 and engine.dialect.name == "postgresql":
                with engine.begin() as connection:
                    values = {"album_id": 1, "name": "sea", "weight": 8}
                    connection.execute(Tag.__table__.insert().values(values))

        album_app.registry.meanwhile = meanwhile
        try:
            answer = put(client, SEA, {"weight": 2})
        finally:
            album_app.registry.meanwhile = lambda: None
        expected = (200, 2) if engine.dialect.name == "postgresql" else (201, 1)
        assert (answer.status_int, len(tries)) == expected
        assert client.get(SEA, headers=ADA).json["weight"] == 2


LIGHT = {"theme": "light", "motto": None}
DARK = {"theme": "dark", "motto": "Shine"}
SETTINGS = "/albums/1/settings"


class TestSingleton:
    def test_is_there_before_it_is_written(self, client, album_app):
        answer = client.get(SETTINGS, headers=BOB)
        assert (answer.status_int, answer.json) == (200, LIGHT)
        etag = answer.headers["ETag"]
        again = client.get(SETTINGS, headers={**BOB, "If-None-Match": etag})
        assert again.status_int == 304
        assert client.head(SETTINGS, headers=BOB).status_int == 200
        assert client.get("/motto", headers=BOB).json == {"text": "Hello"}
        with album_app.registry.read_sessions() as db:
            assert db.scalar(select(func.count()).select_from(AlbumSettings)) == 0

    def test_is_replaced(self, client, actions):
        for body in (DARK, LIGHT, {"theme": "dark"}):
            answer = put(client, SETTINGS, body)
            assert (answer.status_int, answer.json) == (200, {**LIGHT, **body})
            assert client.get(SETTINGS, headers=BOB).json == answer.json
        created = "album_settings_of_a_test_created"
        changed = "album_settings_of_a_test_changed"
        assert actions() == [created, changed, changed]

    def test_is_patched(self, client):
        etag = client.get(SETTINGS, headers=ADA).headers["ETag"]
        patch = [{"op": "replace", "path": "/theme", "value": "dark"}]
        headers = {**ADA, "If-Match": etag}
        answer = client.patch(SETTINGS, patch, headers=headers)
        assert (answer.status_int, answer.json) == (200, {**LIGHT, "theme": "dark"})
        assert client.patch(SETTINGS, patch, headers=headers).json == CHANGED

    def test_is_reset(self, client):
        assert client.delete(SETTINGS, headers=ADA).status_int == 204
        put(client, SETTINGS, DARK)
        assert client.delete(SETTINGS, headers=ADA).status_int == 204
        assert client.get(SETTINGS, headers=ADA).json == LIGHT

    def test_of_the_root_is_one(self, client):
        for text in ("One", "Two"):
            assert put(client, "/motto", {"text": text}, BOB).status_int == 204
            assert client.get("/motto", headers=ADA).json == {"text": text}

    @pytest.mark.parametrize("body", [{}, {"theme": ""}, {**DARK, "id": 1}])
    def test_that_is_refused_is_not_written(self, client, actions, body):
        assert put(client, SETTINGS, body).status_int == 422
        assert put(client, SETTINGS, DARK, BOB).status_int == 403
        assert put(client, "/albums/2/settings", DARK).json == NO_OBJECT
        assert put(client, f"{SETTINGS}/1", DARK).status_int == 404
        assert actions() == []

    def test_is_written_by_many_at_the_same_time(self, client):
        with ThreadPoolExecutor(8) as pool:
            body = {"theme": "dark"}
            answers = pool.map(lambda _: put(client, SETTINGS, body), range(8))
            assert [answer.status_int for answer in answers] == [200] * 8


class TestDocument:
    @pytest.fixture
    def paths(self, client):
        validate(client.get("/swagger.json").json)
        document = client.get("/openapi.json").json
        validate(document)
        return document["paths"]

    def test_says_that_put_may_make_the_object(self, paths):
        operation = paths["/albums/{album_id}/tags/{name}"]["put"]
        assert {s for s in operation["responses"] if s < "3"} == {"200", "201"}
        made, replaced = operation["responses"]["201"], operation["responses"]["200"]
        assert made["content"] == replaced["content"]
        assert set(made["headers"]) == set(replaced["headers"])
        assert "ETag" in made["headers"]
        assert operation["x-creates"] == {
            "x-permission": "album:tag",
            "x-roles": ["role:user", "role:admin", "role:internal"],
        }
        assert (
            "Creates the object if there is none: active users"
            in (operation["description"])
        )
        names = {each.get("name") for each in operation["parameters"]}
        assert {"If-Match", "If-None-Match"} <= names

    def test_has_no_keys_of_singletons(self, paths):
        for path in ("/albums/{album_id}/settings", "/motto"):
            assert set(paths[path]) >= {"get", "put", "options"}
        keys = paths["/albums/{album_id}/settings"]["parameters"]
        assert [each["name"] for each in keys] == ["album_id"]
        assert "parameters" not in paths["/motto"]
        answers = paths["/motto"]["put"]["responses"]
        assert {status for status in answers if status < "3"} == {"204"}

    def test_has_every_service(self, paths, album_app):
        assert set(paths) == {
            service.path for service in services_of(album_app.registry)
        }
