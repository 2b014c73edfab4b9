"""How databases read a page: by an index, from the row that a cursor names.

What the planners say they would do is looked at, and no time is measured.
"""

import re

import pytest
from sqlalchemy import insert, select, text, true
from sqlalchemy.orm import aliased

from apiserver.core.db.prepared import Prepared
from tests.core.tasks import TASKS, Task, day, row, stored, tasks

LIMIT = 21
STATUSES = ("late", "open", "open", "paid")
ROWS = [
    {
        **row(STATUSES[n % 4], n % 28 + 1 if n % 5 else None, n % 9 if n % 3 else None),
        "title": f"Task {n}",
        "about": None,
    }
    for n in range(180)
]
NEEDLE = {**ROWS[7], "status": "gone", "title": "Needle"}


def multiply(connection):
    """Add each row once for each row, and then what is to be found."""
    columns = [c for c in Task.__table__.columns if c.name != "id"]
    other = aliased(Task)
    pairs = select(*columns).join(other, true()).order_by(other.id)
    names = [c.name for c in columns]
    connection.execute(insert(Task).from_select(names, pairs))
    connection.execute(insert(Task), [NEEDLE])
    connection.execute(text("ANALYZE"))


EXPLAIN = {"sqlite": "EXPLAIN QUERY PLAN", "postgresql": "EXPLAIN (COSTS OFF)"}


@pytest.fixture(scope="module")
def engine(make_stored_app):
    app = make_stored_app(tasks)
    with stored(app, ROWS):
        with app.registry.engine.begin() as connection:
            multiply(connection)
        yield app.registry.engine


@pytest.fixture
def lines(engine):
    """A function that returns the plan of a statement, as it is sent."""

    def explained(statement, **values):
        values = {"limit": LIMIT, **values}
        prepared = Prepared(statement, engine.dialect, tuple(values))
        with engine.connect() as connection:
            found = connection.exec_driver_sql(
                f"{EXPLAIN[engine.dialect.name]} {prepared.text}",
                prepared.values(values),
            )
            return [each[-1].strip() for each in found]

    return explained


def page(way, sort, *place, given=(), count="none"):
    """Return the statement of a page, and its parameters."""
    order = TASKS.order(tuple(sort.split(",")))
    keys = [key.bound.key for key in order.keys]
    values = dict(zip(keys, place, strict=False)) if place else {"skipped": 0}
    nulls = order.nulls_at(values) if place else ()
    return TASKS.page(given, order, way, count, nulls), values


def scans(plan):
    """Return the lines that read the table or an index of it."""
    return [each for each in plan if re.search(r"\b(Scan|SCAN|SEARCH)\b.*task", each)]


WHOLE_TABLE = re.compile(r"Seq Scan|SCAN task_of_a_test$")
SORTS = re.compile(r"^(-> +)?(Incremental )?Sort$|TEMP B-TREE")

PLACES = [
    ("id", [16_000]),
    ("due", [day(3), 16_000]),
    ("due", [None, 16_000]),
    ("-due,status", [day(3), "open", 16_000]),
    ("-due,status", [None, "open", 16_000]),
]


class TestPage:
    @pytest.mark.parametrize("sort", ["due", "-due,status"])
    def test_begins_at_the_end_of_an_index(self, lines, sort):
        statement, values = page("offset", sort)
        found = lines(statement, **values)
        assert len(scans(found)) == 1
        assert not any(map(WHOLE_TABLE.search, found)), found
        assert not any(map(SORTS.search, found)), found

    @pytest.mark.parametrize("way", ["after", "before"])
    @pytest.mark.parametrize(("sort", "place"), PLACES)
    def test_is_found_by_an_index(self, lines, way, sort, place):
        statement, values = page(way, sort, *place)
        found = lines(statement, **values)
        assert scans(found), found
        assert not any(map(WHOLE_TABLE.search, found)), found
        # Only the first rows of several parts, which are few, are put in order.
        is_parted = "UNION ALL" in str(statement)
        assert len([*filter(SORTS.search, found)]) == is_parted, found


class TestFilters:
    @pytest.mark.parametrize(
        ("given", "values", "index"),
        [
            ([("status", None)], {"filter_status": ["gone"]}, "of_a_test_status_id"),
            ([("due_missing", True)], {}, "of_a_test_due_id|latest"),
        ],
    )
    def test_are_served_by_an_index(self, lines, given, values, index):
        total = TASKS.total(tuple(given)).statements["exact"]
        found = lines(total, **values)
        assert re.search(f"ix_task_({index})", str(found)), found

    def test_search_is_served_by_an_index_of_postgresql(self, lines, engine):
        values = {"filter_q": ["need"], "skipped": 0}
        statement, _ = page("offset", "id", given=(("q", None),), count="exact")
        found = lines(statement, **values)
        is_indexed = engine.dialect.name == "postgresql"
        assert str(found).count("Bitmap Index Scan on ix_task_words") == 2 * is_indexed
