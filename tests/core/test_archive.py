"""Archived rows: left out of lists, read-only, restored; unique among live ones."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from unittest.mock import ANY

import pytest
from sqlalchemy import select

from apiserver.core.archive import ArchivableItem, Archived
from apiserver.core.audit import AuditEvent
from apiserver.core.tree import KEY
from tests.client import Client
from tests.core.drawers import TABLES, Letter, TitleTaken, drawers
from tests.core.tables import empty, known
from tests.patches import replace
from tests.problems import conflict, problem
from tests.recipes.callers import ADA, BOB, AdasClient

REFUSED = problem(409, Archived.sentence)
TAKEN = conflict(TitleTaken.sentence, "title")
RENAME = [replace("title", "Taxes")]


@pytest.fixture(scope="module")
def database(make_stored_app):
    with known(TABLES):
        yield make_stored_app(drawers, tables=TABLES)


@pytest.fixture
def client(database):
    """Ada's client, of an application whose drawer 1 has the letter 1."""
    empty(database, AuditEvent, *TABLES)
    client = AdasClient(database)
    assert client.post("/drawers/", {"title": "Bills"}).json == drawer(1, "Bills")
    assert client.post("/drawers/1/letters/", {"title": "A"}).json == drawer(1, "A")
    return client


def drawer(number, title, archived=None, by=None):
    return {"id": number, "title": title, "archived": archived, "archived_by": by}


def archived(number, title, by=1):
    return drawer(number, title, ANY, by)


def titles(client, path):
    return [each["title"] for each in client.get(path).json]


def events(client):
    statement = select(AuditEvent.action, AuditEvent.target, AuditEvent.actor_id)
    with client.app.registry.read_sessions() as db:
        rows = db.execute(statement.order_by(AuditEvent.id)).all()
    return [tuple(row) for row in rows]


class TestArchive:
    def test_says_when_and_by_whom(self, client):
        answer = client.post("/drawers/1/archive")
        assert (answer.status_int, answer.json) == (200, archived(1, "Bills"))
        assert datetime.fromisoformat(answer.json["archived"]).tzinfo is not None
        assert client.get("/drawers/1").json == answer.json
        before = events(client)
        event = ("drawer_of_a_test_archived", "drawer_of_a_test:1", 1)
        assert before[-1] == event
        again = client.post("/drawers/1/archive", headers=BOB)
        assert (again.status_int, again.json) == (200, answer.json)
        assert events(client) == before

    def test_happens_once_however_many_ask(self, client):
        """Whoever comes second finds what the first has done."""

        def archive(caller):
            return client.post("/drawers/1/archive", headers=caller)

        with ThreadPoolExecutor(8) as threads:
            answers = list(threads.map(archive, [ADA, BOB] * 4))
        assert {answer.status_int for answer in answers} == {200}
        assert len({answer.body for answer in answers}) == 1
        done = [event for event in events(client) if event[0].endswith("_archived")]
        assert done == [(*done[0][:2], answers[0].json["archived_by"])]


class TestRestore:
    def test_makes_it_live_again(self, client):
        client.post("/drawers/1/archive")
        answer = client.post("/drawers/1/restore", headers=BOB)
        assert (answer.status_int, answer.json) == (200, drawer(1, "Bills"))
        before = events(client)
        event = ("drawer_of_a_test_restored", "drawer_of_a_test:1", 2)
        assert before[-1] == event
        again = client.post("/drawers/1/restore")
        assert (again.status_int, again.json) == (200, drawer(1, "Bills"))
        assert events(client) == before
        assert client.patch("/drawers/1", RENAME).json == drawer(1, "Taxes")

    def test_is_refused_where_its_name_is_taken_by_now(self, client):
        client.post("/drawers/1/archive")
        assert client.post("/drawers/", {"title": "Bills"}).status_int == 201
        answer = client.post("/drawers/1/restore")
        assert (answer.status_int, answer.json) == (409, TAKEN)
        assert client.get("/drawers/1").json == archived(1, "Bills")


class TestUnique:
    def test_goes_for_live_rows_alone(self, client):
        for number in (1, 2):
            made = client.post(f"/drawers/{number}/archive")
            assert made.json == archived(number, "Bills")
            again = client.post("/drawers/", {"title": "Bills"})
            assert again.json == drawer(number + 1, "Bills")
        answer = client.post("/drawers/", {"title": "Bills"})
        assert (answer.status_int, answer.json) == (409, TAKEN)


class TestArchived:
    @pytest.fixture(autouse=True)
    def archive(self, client):
        client.post("/drawers/", {"title": "Live"})
        client.post("/drawers/1/archive")

    @pytest.mark.parametrize(
        ("method", "path", "body"),
        [
            ("PATCH", "/drawers/1", RENAME),
            ("POST", "/drawers/1/letters/", {"title": "B"}),
            ("POST", "/drawers/1/letters/1/archive", None),
            ("DELETE", "/drawers/1/letters/1", None),
        ],
    )
    def test_refuses_writes_at_it_and_below(self, client, method, path, body):
        before = events(client)
        sent = {} if body is None else {"json": body}
        answer = client.call(method, client.prefix + path, **sent)
        assert (answer.status_int, answer.json) == (409, REFUSED)
        assert titles(client, "/drawers/1/letters/") == ["A"]
        assert events(client) == before

    def test_says_first_what_is_wrong_with_a_request(self, client):
        assert client.post("/drawers/1/letters/", {}).status_int == 422
        stranger = Client(client.app).delete("/drawers/1/letters/1")
        assert stranger.status_int == 401

    def test_is_deleted_with_what_refers_to_it(self, client):
        assert client.delete("/drawers/1").status_int == 204
        assert client.get("/drawers/1").status_int == 404
        assert titles(client, "/drawers/?archived=true") == []

    @pytest.mark.parametrize(
        ("query", "expected"),
        [
            ("", ["Live"]),
            ("?archived=false", ["Live"]),
            ("?archived=true", ["Bills"]),
            ("?archived=true&title=LI", []),
            ("?title=LI", ["Live"]),
            ("?sort=-title&limit=1", ["Live"]),
        ],
    )
    def test_is_left_out_of_lists(self, client, query, expected):
        answer = client.get(f"/drawers/{query}")
        assert [each["title"] for each in answer.json] == expected
        assert answer.headers["X-Total-Count"] == str(len(expected))

    def test_is_left_out_of_lists_of_entities(self, client):
        path = "/drawers/2/letters/"
        for title in ("B", "C"):
            client.post(path, {"title": title})
        client.post(f"{path}2/archive")
        assert titles(client, path) == ["C"]
        assert titles(client, f"{path}?archived=true") == ["B"]

    def test_is_asked_for_by_true_or_false(self, client):
        for value in ("", "yes", "1", "null"):
            assert client.get(f"/drawers/?archived={value}").status_int == 422


class TestNode:
    def test_must_select_what_it_decides_by(self):
        with pytest.raises(TypeError, match="SlipResource selects no archived"):

            class SlipResource(ArchivableItem):
                noun, model = "slip", Letter
                statement = select(Letter.id).where(Letter.id == KEY)


class TestDocument:
    @pytest.fixture
    def paths(self, database):
        return Client(database).get("/openapi.json").json["paths"]

    def test_says_which_writes_may_be_refused(self, paths):
        refused = {
            (method, path)
            for path, operations in paths.items()
            for method in operations.keys() - {"parameters"}
            if Archived.sentence in str(operations[method]["responses"].get("409"))
        }
        drawer, letter = "/drawers/{drawer_id}", "/letters/{letter_id}"
        assert refused == {
            ("patch", drawer),
            ("post", f"{drawer}/letters/"),
            ("delete", f"{drawer}{letter}"),
            ("post", f"{drawer}{letter}/archive"),
        }

    def test_says_what_lists_leave_out(self, paths):
        parameters = paths["/drawers/"]["get"]["parameters"]
        (found,) = [each for each in parameters if each["name"] == "archived"]
        assert found["schema"] == {"type": "boolean", "default": False}
