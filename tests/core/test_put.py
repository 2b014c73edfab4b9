"""PUT: what replaces an object, or makes it at a known key; and singletons."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select

from apiserver.core.endpoints.services import services_of
from tests.client import Client
from tests.core.albums import actions, album_app, client, paths, successes
from tests.core.tags import AlbumSettings, Tag
from tests.patches import replace
from tests.problems import invalid, problem
from tests.recipes.callers import BOB

__all__ = ["actions", "album_app", "client", "paths"]

SEA = "/albums/1/tags/sea"
NO_OBJECT = problem(404, "There is no such object.")
CHANGED = problem(412, "The object has changed since it was read.")


def at_once(send):
    """Return the sorted statuses of what eight threads send."""
    with ThreadPoolExecutor(8) as pool:
        return sorted(answer.status_int for answer in pool.map(send, range(8)))


def number_of(app, model):
    with app.registry.read_sessions() as db:
        return db.scalar(select(func.count()).select_from(model))


class TestPutAtAKey:
    def test_makes_the_object_and_replaces_it(self, client, actions):
        made = client.put(SEA, {"weight": 3})
        sea = {"id": made.json["id"], "name": "sea", "weight": 3}
        assert (made.status_int, made.json) == (201, sea)
        assert "Location" not in made.headers
        assert client.get(SEA).headers["ETag"] == made.headers["ETag"]
        again = client.put(SEA, {"weight": 4})
        assert (again.status_int, again.json) == (200, {**sea, "weight": 4})
        assert client.get(SEA).json == again.json
        assert client.put(SEA, {}).json["weight"] == 1
        changed = "tag_of_a_test_changed"
        assert actions() == ["tag_of_a_test_created", changed, changed]

    def test_asks_for_another_permission_to_make_it(self, client):
        assert client.options(SEA, headers=BOB).headers["Allow"] == "PUT, OPTIONS"
        assert client.put(SEA, {}, headers=BOB).status_int == 201
        sentence = "Only the owner of the album and administrators may do this."
        answer = client.put(SEA, {"weight": 2}, headers=BOB)
        assert answer.json == problem(403, sentence)
        assert client.get(SEA).json["weight"] == 1
        allowed = client.options(SEA).headers["Allow"]
        assert allowed == "GET, HEAD, PUT, OPTIONS"
        allowed = client.options(SEA, headers=BOB).headers["Allow"]
        assert allowed == "GET, HEAD, OPTIONS"

    def test_asks_anonymous_callers_to_sign_in(self, client):
        anonymous = Client(client.app)
        for answer in (anonymous.put(SEA, {}), anonymous.options(SEA)):
            assert answer.status_int == 401
        client.put(SEA, {})
        assert anonymous.put(SEA, {}).status_int == 401

    @pytest.mark.parametrize(
        "path", ["/albums/1/tags/SEA", "/albums/2/tags/sea", f"{SEA}/x", f"{SEA}/"]
    )
    def test_makes_nothing_elsewhere(self, client, path):
        assert client.put(path, {}).status_int == 404

    def test_has_nothing_to_see_or_below_it_before(self, client):
        for look in (client.get, client.head):
            assert look(SEA).status_int == 404
        for send in (client.options, client.post):
            assert send(f"{SEA}/uses").json == NO_OBJECT
        client.put(SEA, {})
        assert client.post(f"{SEA}/uses").status_int == 204

    def test_refuses_wrong_bodies(self, client, actions):
        answer = client.put(SEA, {"color": "red"})
        assert answer.json == invalid(color="Unknown field.")
        answer = client.put(SEA, body=b"{}", content_type="text/plain")
        assert answer.status_int == 415
        assert "application/json" in answer.headers["Accept-Post"]
        assert actions() == []

    def test_takes_a_form(self, client):
        answer = client.call("PUT", client.prefix + SEA, form={"weight": "7"})
        assert (answer.status_int, answer.json["weight"]) == (201, 7)

    def test_depends_on_the_version(self, client):
        def put(**conditions):
            headers = {name.replace("_", "-"): v for name, v in conditions.items()}
            return client.put(SEA, {"weight": 5}, headers=headers)

        for version in ('"x"', "*"):
            assert put(If_Match=version).json == CHANGED
        made = put(If_None_Match="*")
        assert made.status_int == 201
        assert put(If_None_Match="*").json == CHANGED
        etag = made.headers["ETag"]
        assert put(If_None_Match=etag).json == CHANGED
        assert put(If_Match=etag).status_int == 200
        client.put(SEA, {"weight": 6})
        assert put(If_Match=etag).json == CHANGED
        assert put(If_Match="*").status_int == 200

    def test_may_be_sent_by_pages(self, client):
        asked = {
            "Origin": "https://app.example",
            "Access-Control-Request-Method": "PUT",
        }
        assert client.options(SEA, headers=asked).status_int == 204

    def test_is_found_where_it_was_posted(self, client):
        posted = client.post("/albums/1/tags/", {"name": "sky"})
        assert posted.headers["Location"] == "/api/v1/albums/1/tags/sky"
        answer = client.put("/albums/1/tags/sky", {"weight": 9})
        assert answer.json == {**posted.json, "weight": 9}

    def test_makes_one_of_many_at_the_same_time(self, client, album_app):
        statuses = at_once(lambda number: client.put(SEA, {"weight": number}))
        assert statuses == [*[200] * 7, 201]
        assert number_of(album_app, Tag) == 1

    def test_replaces_what_was_made_while_it_waited(
        self, client, album_app, monkeypatch
    ):
        """Where the database can write twice at once: the key decides it."""
        engine = album_app.registry.engine
        tries = []

        def meanwhile():
            tries.append(1)
            if len(tries) == 1 and engine.dialect.name == "postgresql":
                with engine.begin() as connection:
                    values = {"album_id": 1, "name": "sea", "weight": 8}
                    connection.execute(Tag.__table__.insert().values(values))

        monkeypatch.setattr(album_app.registry, "meanwhile", meanwhile)
        answer = client.put(SEA, {"weight": 2})
        expected = (200, 2) if engine.dialect.name == "postgresql" else (201, 1)
        assert (answer.status_int, len(tries)) == expected
        assert client.get(SEA).json["weight"] == 2


LIGHT = {"theme": "light", "motto": None}
DARK = {"theme": "dark", "motto": "Shine"}
SETTINGS = "/albums/1/settings"


class TestSingleton:
    def test_is_there_before_it_is_written(self, client, album_app):
        answer = client.get(SETTINGS)
        assert (answer.status_int, answer.json) == (200, LIGHT)
        known = {"If-None-Match": answer.headers["ETag"]}
        assert client.get(SETTINGS, headers=known).status_int == 304
        assert client.head(SETTINGS).status_int == 200
        assert number_of(album_app, AlbumSettings) == 0

    def test_is_replaced(self, client, actions):
        for body in (DARK, LIGHT, {"theme": "dark"}):
            answer = client.put(SETTINGS, body)
            assert (answer.status_int, answer.json) == (200, {**LIGHT, **body})
            assert client.get(SETTINGS).json == answer.json
        created = "album_settings_of_a_test_created"
        changed = "album_settings_of_a_test_changed"
        assert actions() == [created, changed, changed]

    def test_is_patched(self, client):
        patch, etag = [replace("theme", "dark")], client.get(SETTINGS).headers["ETag"]
        answer = client.patch(SETTINGS, patch, headers={"If-Match": etag})
        assert (answer.status_int, answer.json) == (200, {**LIGHT, "theme": "dark"})
        again = client.patch(SETTINGS, patch, headers={"If-Match": etag})
        assert again.json == CHANGED

    def test_is_reset(self, client):
        assert client.delete(SETTINGS).status_int == 204
        client.put(SETTINGS, DARK)
        assert client.delete(SETTINGS).status_int == 204
        assert client.get(SETTINGS).json == LIGHT

    def test_of_the_root_is_one(self, client):
        assert client.get("/motto").json == {"text": "Hello"}
        for text in ("One", "Two"):
            answer = client.put("/motto", {"text": text}, headers=BOB)
            assert (answer.status_int, answer.body) == (204, b"")
            assert client.get("/motto").json == {"text": text}

    def test_that_is_refused_is_not_written(self, client, actions):
        for body in ({}, {"theme": ""}, {**DARK, "id": 1}):
            assert client.put(SETTINGS, body).status_int == 422
        assert client.put(SETTINGS, DARK, headers=BOB).status_int == 403
        assert client.put("/albums/2/settings", DARK).json == NO_OBJECT
        assert client.put(f"{SETTINGS}/1", DARK).status_int == 404
        assert actions() == []

    def test_is_written_by_many_at_the_same_time(self, client):
        assert at_once(lambda _: client.put(SETTINGS, LIGHT)) == [200] * 8


class TestDocument:
    def test_says_that_put_may_make_the_object(self, paths):
        operation = paths["/albums/{album_id}/tags/{name}"]["put"]
        assert successes(operation) == {"200", "201"}
        made, replaced = operation["responses"]["201"], operation["responses"]["200"]
        assert made["content"] == replaced["content"]
        assert set(made["headers"]) == set(replaced["headers"]) >= {"ETag"}
        assert operation["x-creates"] == {
            "x-permission": "album:tag",
            "x-roles": ["role:user", "role:admin", "role:internal"],
        }
        said = "Creates the object if there is none: active users"
        assert said in operation["description"]
        names = {each.get("name") for each in operation["parameters"]}
        assert {"If-Match", "If-None-Match"} <= names

    def test_has_no_keys_of_singletons(self, paths):
        for path in ("/albums/{album_id}/settings", "/motto"):
            assert set(paths[path]) >= {"get", "put", "options"}
        keys = paths["/albums/{album_id}/settings"]["parameters"]
        assert [each["name"] for each in keys] == ["album_id"]
        assert "parameters" not in paths["/motto"]
        assert successes(paths["/motto"]["put"]) == {"204"}

    def test_has_every_service(self, paths, album_app):
        services = services_of(album_app.registry)
        assert set(paths) == {service.path for service in services}
