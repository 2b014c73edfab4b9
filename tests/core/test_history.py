"""The history of rows: what it keeps, of whom, and who sees it."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import count, pairwise
from unittest.mock import ANY
from uuid import UUID

import pytest
from sqlalchemy import LargeBinary, String, bindparam, delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, mapped_column

from apiserver.core.audit import AuditEvent
from apiserver.core.db import PrimaryKey, Session, now
from apiserver.core.expiry import purge
from apiserver.core.history import Historic, HistoryResource, Tracked
from apiserver.core.http import Conflict
from apiserver.core.tree import Resource
from tests.core.papers import OwnBase, Paper, State, Will, changes, papers
from tests.core.tables import empty
from tests.paging import pages
from tests.patches import replace
from tests.problems import problem
from tests.recipes.callers import BOB, AdasClient

MOMENT = datetime(2026, 3, 1, 12, 0, 0, 5, UTC)


class ChangingClient(AdasClient):
    def change(self, number=1, *, headers=None, **fields):
        patch = [replace(name, value) for name, value in fields.items()]
        return self.patch(f"/papers/{number}", patch, headers=headers)

    def history(self, query=""):
        return self.get(f"/papers/1/history/{query}").json


@pytest.fixture(scope="module")
def app(make_stored_app):
    return make_stored_app(papers, tables=OwnBase.metadata.sorted_tables)


@pytest.fixture
def open_db(app):
    """A function that opens a session, on the papers 1 and 2 and the will 1."""
    empty(app, *OwnBase.metadata.sorted_tables, AuditEvent)
    open_db = app.registry.write_sessions.__class__(app.registry.engine, class_=Session)
    with open_db() as db:
        db.add_all([Paper(title="Emma"), Paper(title="Persuasion"), Will(title="All")])
        db.commit()
    return open_db


@pytest.fixture
def client(app, open_db):
    return ChangingClient(app)


@pytest.fixture
def act(app, client):
    """A function that does something in a request, and returns its response."""

    def send(do):
        app.registry.act = do
        return client.post("/papers/")

    return send


@pytest.fixture
def kept(open_db):
    """A function that returns the history of all papers, or of another model."""

    def read(model=Paper):
        with open_db() as db:
            return changes(db, model)

    return read


def entry(number, field, before, after, actor=1):
    return {
        "id": number,
        "created": ANY,
        "actor_id": actor,
        "client_id": "client",
        "field": field,
        "before": before,
        "after": after,
    }


class TestHistory:
    def test_says_who_changed_what_when(self, client):
        before = now()
        client.change(title="Lady Susan")
        client.change(title="Sanditon", headers=BOB)
        found = client.history()
        assert found == [
            entry(1, "title", "Emma", "Lady Susan"),
            entry(2, "title", "Lady Susan", "Sanditon", actor=2),
        ]
        first, second = [datetime.fromisoformat(each["created"]) for each in found]
        assert before <= first <= second <= now()
        assert client.get("/papers/2/history/").json == []

    def test_has_one_entry_for_each_field(self, client):
        client.change(title="Emma", state="printed", due_on="2026-03-01", price="10.5")
        client.post("/papers/1/archive")
        assert client.history() == [
            entry(1, "state", "draft", "printed"),
            entry(2, "due_on", None, "2026-03-01"),
            entry(3, "price", None, "10.50"),
            entry(4, "archived", None, ANY),
            entry(5, "archived_by", None, 1),
        ]

    def test_is_for_those_who_may_see_it(self, client):
        answer = client.get("/papers/1/history/", headers=BOB)
        sentence = "Only the author of the paper and administrators may do this."
        assert answer.json == problem(403, sentence)
        assert client.get("/papers/9/history/").status_int == 404

    @pytest.mark.parametrize(
        ("query", "numbers"),
        [
            ("", [1, 2, 3]),
            ("?sort=-id", [3, 2, 1]),
            ("?field=price", [2]),
            ("?actor_id=2", [3]),
            ("?field=title&actor_id=1", [1]),
            ("?created_from=2999-01-01T00:00:00Z", []),
            ("?created_until=2999-01-01T00:00:00Z&limit=2", [1, 2]),
        ],
    )
    def test_is_filtered_and_sorted(self, client, query, numbers):
        client.change(title="Sanditon", price="1.00")
        client.change(title="Emma", headers=BOB)
        assert [each["id"] for each in client.history(query)] == numbers

    @pytest.mark.parametrize("query", ["field=secret", "field=", "actor_id=x", "a=b"])
    def test_refuses_other_filters(self, client, query):
        assert client.get(f"/papers/1/history/?{query}").status_int == 422

    @pytest.mark.parametrize("order", ["id", "-id"])
    def test_is_followed_by_its_links(self, client, order):
        for number in range(5):
            client.change(title=f"Version {number}")
        there = pages(client, f"/papers/1/history/?limit=2&sort={order}", "next")
        seen = [each["id"] for page in there for each in page.json]
        assert seen == sorted([1, 2, 3, 4, 5], reverse=order == "-id")


VALUES = {
    "title": ("Sanditon", "Emma", "Sanditon"),
    "state": (State.PRINTED, "draft", "printed"),
    "due_on": (date(2026, 3, 1), None, "2026-03-01"),
    "sent": (MOMENT, None, "2026-03-01T12:00:00.000005+00:00"),
    "price": (Decimal("0.1"), None, "0.10"),
    "is_open": (True, False, True),
    "words": (("a", "b"), [], ["a", "b"]),
    "extra": ({"a": [1, None]}, None, {"a": [1, None]}),
    "pages": (2**62, 1, 2**62),
    "length": (timedelta(days=1, hours=2), None, "P1DT2H0M0S"),
    "code": (UUID(int=1), None, "00000000-0000-0000-0000-000000000001"),
    "follows_id": (2, None, 2),
}


def by_attribute(**values):
    def act(db):
        paper = db.get(Paper, 1)
        for name, value in values.items():
            setattr(paper, name, value)

    return act


def titled(db, *titles):
    """Give paper 1 one title after the other."""
    paper = db.get(Paper, 1)
    for title in titles:
        paper.title = title
        db.flush()


def grow_all(db):
    for paper in db.scalars(select(Paper).order_by(Paper.id)):
        paper.pages += paper.id


def forget_and_change(db):
    paper = db.get(Paper, 1)
    db.expire(paper)
    paper.title = "Sanditon"


def undo_a_part(db):
    paper = db.get(Paper, 1)
    paper.title = "A"
    savepoint = db.begin_nested()
    paper.title = "B"
    paper.pages = 5
    db.flush()
    savepoint.rollback()


class TestRecording:
    @pytest.mark.parametrize("field", VALUES)
    def test_keeps_values_as_responses_have_them(self, act, kept, field):
        value, before, after = VALUES[field]
        act(by_attribute(**{field: value}))
        assert kept() == [(1, field, before, after)]

    @pytest.mark.parametrize(
        ("change", "expected"),
        [
            (grow_all, [(1, "pages", 1, 2), (2, "pages", 1, 3)]),
            # What SQL computes, and what was there and never loaded.
            (by_attribute(pages=Paper.pages + 41), [(1, "pages", 1, 42)]),
            (forget_and_change, [(1, "title", "Emma", "Sanditon")]),
            (by_attribute(secret="s3cret"), []),
            (lambda db: titled(db, "A", "B", "C"), [(1, "title", "Emma", "C")]),
            (lambda db: titled(db, "A", "B", "Emma"), []),
            (undo_a_part, [(1, "title", "Emma", "A")]),
        ],
    )
    def test_keeps_what_becomes_of_entities(self, act, kept, change, expected):
        act(change)
        assert kept() == expected

    @pytest.mark.parametrize("insert", ["add", "insert"])
    def test_begins_when_others_can_see_the_row(self, act, kept, insert):
        def change(db):
            if insert == "add":
                db.add(paper := Paper(title="A"))
                db.flush()
            else:
                paper = db.get(Paper, db.insert(Paper, title="A").id)
            paper.title = "B"
            db.flush()
            paper.title = "C"

        act(change)
        assert kept() == []
        act(lambda db: setattr(db.get(Paper, 3), "title", "D"))
        assert kept() == [(3, "title", "C", "D")]

    def test_keeps_nothing_of_what_fails(self, act, kept, monkeypatch):
        def change(db):
            titled(db, "Sanditon")
            raise Conflict("No.")

        # Of which the document knows nothing.
        monkeypatch.setattr(ChangingClient, "compare", lambda *args: None)
        assert (act(change).status_int, kept()) == (409, [])

    def test_has_nobody_where_no_request_is(self, open_db):
        with open_db() as db, db.begin():
            by_attribute(title="Sanditon")(db)
        model = Paper.__changes__
        with open_db() as db:
            (row,) = db.execute(select(model.actor_id, model.client_id)).all()
        assert tuple(row) == (None, None)

    def test_is_no_event_of_its_own(self, app, act, open_db):
        empty(app, AuditEvent)
        act(by_attribute(title="Sanditon"))
        with open_db() as db:
            events = db.execute(select(AuditEvent.action, AuditEvent.target)).all()
        name = "paper_of_a_test"
        assert events == [(f"{name}_changed", f"{name}:1 title")]


def follow_each_other(history):
    """Each begins with what the one before has left."""
    return all(before[3] == after[2] for before, after in pairwise(history))


class TestConcurrentChanges:
    def test_follow_each_other(self, client, kept):
        titles = [f"Version {number}" for number in range(12)]
        with ThreadPoolExecutor(4) as threads:
            sent = threads.map(lambda title: client.change(title=title), titles)
            assert {answer.status_int for answer in sent} == {200}
        assert follow_each_other([(1, "title", None, "Emma"), *kept()])
        assert sorted(after for _, _, _, after in kept()) == sorted(titles)

    def test_follow_each_other_where_nobody_has_locked_them(self, act, kept):
        """What is read before is locked by that, until it is written."""
        numbers = count(2)

        def change(db):
            db.get(Paper, 1).pages = next(numbers)

        with ThreadPoolExecutor(4) as threads:
            sent = threads.map(lambda _: act(change), range(16))
            assert {answer.status_int for answer in sent} == {204}
        assert follow_each_other([(1, "pages", None, 1), *kept()])
        assert sorted(after for _, _, _, after in kept()) == list(range(2, 18))

    def test_of_entities_that_are_out_of_date_do_too(self, act, kept, open_db):
        def change(db):
            paper = db.get(Paper, 1)
            if db.get_bind().dialect.name == "postgresql":
                with open_db() as other, other.begin():
                    other.get(Paper, 1).title = "Other"
            paper.title = "Sanditon"

        act(change)
        assert kept()[-1][3] == "Sanditon"
        assert follow_each_other(kept())


class TestStatement:
    BY_KEY = update(Paper).where(Paper.id == bindparam("key"))
    UPSERTS = {
        dialect.__name__: dialect.insert(Paper)
        .values(id=1, title="Sanditon")
        .on_conflict_do_update(index_elements=["id"], set_={"title": "Sanditon"})
        for dialect in (postgresql, sqlite)
    }

    @pytest.mark.parametrize(
        "write",
        [
            lambda db: db.run(update(Paper).values(title="Sanditon")),
            lambda db: db.run(TestStatement.BY_KEY, {"key": 1, "title": "Sanditon"}),
            lambda db: db.execute(update(Paper).values(title="Sanditon")),
            lambda db: db.execute(update(Paper), [{"id": 1, "title": "Sanditon"}]),
            lambda db: db.execute(update(Paper.__table__).values(title="Sanditon")),
            *(lambda db, s=s: db.execute(s) for s in UPSERTS.values()),
        ],
    )
    def test_that_changes_what_is_kept_is_refused(self, open_db, write):
        said = "paper_of_a_test keeps a history of title: change the entities"
        with open_db() as db, pytest.raises(TypeError, match=said):
            write(db)

    @pytest.mark.parametrize(
        "write",
        [
            lambda db: db.run(update(Paper).values(secret="s3cret")),
            lambda db: db.execute(update(Paper).values(secret="s3cret")),
            lambda db: db.run(insert(Paper), {"title": "Sanditon"}),
            lambda db: db.run(delete(Paper)),
        ],
    )
    def test_that_changes_nothing_of_it_is_taken(self, act, kept, write):
        assert act(lambda db: write(db) and None).status_int == 204
        assert kept() == []


class TestDeletion:
    def test_takes_the_history_along(self, client, act, kept):
        client.change(title="Sanditon")
        act(lambda db: db.delete(db.get(Paper, 1)))
        assert kept() == []

    def test_leaves_what_outlives_the_row(self, act, kept):
        act(lambda db: setattr(db.get(Will, 1), "title", "Nothing"))
        act(lambda db: db.delete(db.get(Will, 1)))
        assert kept(Will) == [(1, "title", "All", "Nothing")]


class TestRetention:
    def test_ends_after_some_days(self, make_core_app, app, client, kept, open_db):
        assert app.registry.expiring == []
        url = app.registry.engine.url.render_as_string(hide_password=False)
        settings = {"sqlalchemy.url": url, "apiserver.history_days": "2"}
        registry = make_core_app(papers, **settings).registry
        client.change(title="A")
        client.change(title="B")
        with open_db() as db, db.begin():
            first = db.get(Paper.__changes__, 1)
            first.created = now() - timedelta(days=2, seconds=1)
        registry.expiring = [e for e in registry.expiring if "_of_a_test" in e.table]
        done = dict(purge(registry.engine, registry, batch=10))
        assert done["paper_of_a_test_change"] == 1
        assert kept() == [(1, "title", "A", "B")]


class TestDeclaration:
    def test_is_below_an_object(self):
        history = HistoryResource(None, "history", Resource(None))
        with pytest.raises(TypeError, match="below the object that it is of"):
            history.ids()

    def test_names_columns_of_plain_values(self):
        with pytest.raises(TypeError, match=r"Odd\.missing is no column of plain val"):

            class Odd(Historic, OwnBase):
                __tablename__ = "odd_of_a_test"
                __history__ = Tracked("missing")
                id: Mapped[PrimaryKey]

        with pytest.raises(TypeError, match=r"Bytes\.digest is no column of plain"):

            class Bytes(Historic, OwnBase):
                __tablename__ = "bytes_of_a_test"
                __history__ = Tracked("digest")
                id: Mapped[PrimaryKey]
                digest: Mapped[bytes] = mapped_column(LargeBinary)

    def test_needs_an_id(self):
        with pytest.raises(TypeError, match="Keyed needs an id"):

            class Keyed(Historic, OwnBase):
                __tablename__ = "keyed_of_a_test"
                __history__ = Tracked("word")
                word: Mapped[str] = mapped_column(String(5), primary_key=True)
