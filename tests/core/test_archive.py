"""Archived rows: left out of lists, read-only, restored; unique among live ones."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from unittest.mock import ANY

import pytest
from sqlalchemy import delete, select

from apiserver.core.archive import ArchivableItem, Archived
from apiserver.core.audit import AuditEvent
from apiserver.core.db import Base
from apiserver.core.tree import KEY
from tests.client import Client
from tests.core.drawers import TABLES, Letter, TitleTaken, drawers
from tests.problems import conflict, problem
from tests.recipes.callers import ADA, BOB, AdasClient

REFUSED = problem(409, Archived.sentence)
TAKEN = conflict(TitleTaken.sentence, "title")
RENAME = [{"op": "replace", "path": "/title", "value": "Taxes"}]


@pytest.fixture(scope="module")
def database(make_core_app, make_database):
    # SQLite doesn't name what is violated: it is looked for there.
    copies = [table.to_metadata(Base.metadata) for table in TABLES]
    yield make_core_app(drawers, **{"sqlalchemy.url": make_database()})
    for table in copies:
        Base.metadata.remove(table)


@pytest.fixture
def client(database):
    """Ada's client, of an application whose drawer 1 has the letter 1."""
    engine = database.registry.engine
    Base.metadata.create_all(engine, TABLES)
    with engine.begin() as connection:
        connection.execute(delete(AuditEvent))
    client = AdasClient(database)
    assert client.post("/drawers/", {"title": "Bills"}).json == drawer(1, "Bills")
    assert client.post("/drawers/1/letters/", {"title": "A"}).json == drawer(1, "A")
    yield client
    Base.metadata.drop_all(engine, TABLES)


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

    def test_is_an_event_of_its_own(self, client):
        client.post("/drawers/1/archive")
        client.post("/drawers/1/restore", headers=BOB)
        assert events(client)[-2:] == [
            ("drawer_of_a_test_archived", "drawer_of_a_test:1", 1),
            ("drawer_of_a_test_restored", "drawer_of_a_test:1", 2),
        ]

    def test_leaves_what_is_archived_as_it_is(self, client):
        first = client.post("/drawers/1/archive").json
        before = events(client)
        again = client.post("/drawers/1/archive", headers=BOB)
        assert (again.status_int, again.json) == (200, first)
        assert events(client) == before

    def test_happens_once_however_many_ask(self, client):
        """Whoever comes second finds what the first has done."""
        callers = [ADA, BOB] * 4
        with ThreadPoolExecutor(len(callers)) as threads:
            answers = list(
                threads.map(
                    lambda who: AdasClient(client.app).post(
                        "/drawers/1/archive", headers=who
                    ),
                    callers,
                )
            )
        assert {answer.status_int for answer in answers} == {200}
        assert len({answer.body for answer in answers}) == 1
        done = [event for event in events(client) if event[0].endswith("_archived")]
        assert done == [(*done[0][:2], answers[0].json["archived_by"])]


class TestRestore:
    def test_makes_it_live_again(self, client):
        client.post("/drawers/1/archive")
        answer = client.post("/drawers/1/restore")
        assert (answer.status_int, answer.json) == (200, drawer(1, "Bills"))
        assert client.patch("/drawers/1", RENAME).json == drawer(1, "Taxes")

    def test_leaves_what_is_live_as_it_is(self, client):
        before = events(client)
        answer = client.post("/drawers/1/restore")
        assert (answer.status_int, answer.json) == (200, drawer(1, "Bills"))
        assert events(client) == before

    def test_is_refused_where_its_name_is_taken_by_now(self, client):
        client.post("/drawers/1/archive")
        assert client.post("/drawers/", {"title": "Bills"}).status_int == 201
        answer = client.post("/drawers/1/restore")
        assert (answer.status_int, answer.json) == (409, TAKEN)
        assert client.get("/drawers/1").json == archived(1, "Bills")


class TestUnique:
    def test_goes_for_live_rows(self, client):
        answer = client.post("/drawers/", {"title": "Bills"})
        assert (answer.status_int, answer.json) == (409, TAKEN)

    def test_does_not_go_for_archived_ones(self, client):
        client.post("/drawers/1/archive")
        assert client.post("/drawers/", {"title": "Bills"}).json == drawer(2, "Bills")
        assert client.post("/drawers/2/archive").json == archived(2, "Bills")
        assert client.post("/drawers/", {"title": "Bills"}).json == drawer(3, "Bills")


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
        client.post("/drawers/2/letters/", {"title": "B"})
        client.post("/drawers/2/letters/", {"title": "C"})
        client.post("/drawers/2/letters/2/archive")
        path = "/drawers/2/letters/"
        assert titles(client, path) == ["C"]
        assert titles(client, f"{path}?archived=true") == ["B"]

    @pytest.mark.parametrize("value", ["", "yes", "1", "null"])
    def test_is_asked_for_by_true_or_false(self, client, value):
        assert client.get(f"/drawers/?archived={value}").status_int == 422


class TestNode:
    def test_must_select_what_it_decides_by(self):
        with pytest.raises(TypeError, match="SlipResource selects no archived"):

            class SlipResource(ArchivableItem):
                noun, model = "slip", Letter
                statement = select(Letter.id).where(Letter.id == KEY)


class TestDocument:
    @pytest.mark.parametrize(
        ("method", "path", "refused"),
        [
            ("get", "/drawers/{drawer_id}", False),
            ("patch", "/drawers/{drawer_id}", True),
            ("delete", "/drawers/{drawer_id}", False),
            ("post", "/drawers/", False),
            ("post", "/drawers/{drawer_id}/archive", False),
            ("post", "/drawers/{drawer_id}/restore", False),
            ("post", "/drawers/{drawer_id}/letters/", True),
            ("delete", "/drawers/{drawer_id}/letters/{letter_id}", True),
            ("post", "/drawers/{drawer_id}/letters/{letter_id}/archive", True),
        ],
    )
    def test_says_which_writes_may_be_refused(self, database, method, path, refused):
        document = Client(database).get("/openapi.json").json
        responses = document["paths"][path][method]["responses"]
        said = str(responses.get("409", ""))
        assert (Archived.sentence in said) == refused

    def test_says_what_lists_leave_out(self, database):
        document = Client(database).get("/openapi.json").json
        parameters = document["paths"]["/drawers/"]["get"]["parameters"]
        (found,) = [each for each in parameters if each["name"] == "archived"]
        assert found["schema"] == {"type": "boolean", "default": False}
