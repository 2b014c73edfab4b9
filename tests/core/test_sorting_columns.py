"""Orders by several columns, and by those that may be NULL: each row in its place."""

import pytest

from apiserver.core.lists.orders import encode
from tests.client import Client
from tests.core.tasks import ROWS, stored, tasks
from tests.paging import relations
from tests.problems import invalid

SORTS = [
    "due",
    "-due",
    "budget",
    "-budget",
    "status,due",
    "status,-due",
    "-status,due",
    "-status,-due",
    "due,budget",
    "-due,budget",
    "due,-budget",
    "-due,-budget",
    "due,-status",
    "-budget,status,due",
    "status,-due,budget,-id",
    "-status,id",
    "status,-id",
    "id,due",
    "-due,id",
    "cost,-begin",
    "-begin,cost",
]


@pytest.fixture(scope="module")
def client(make_core_app, make_database):
    app = make_core_app(tasks, **{"sqlalchemy.url": make_database()})
    with stored(app, ROWS):
        yield Client(app)


def in_order(sort):
    """Return the ids as they must come: what is missing last, what is equal by id."""
    rows = [{**row, "id": number} for number, row in enumerate(ROWS, start=1)]
    words = sort.split(",")
    if "id" not in sort:
        words.append("-id" if words[-1].startswith("-") else "id")
    for word in reversed(words):
        name = word.removeprefix("-")
        present = [row for row in rows if row[name] is not None]
        present.sort(key=lambda row: row[name], reverse=word.startswith("-"))
        rows = present + [row for row in rows if row[name] is None]
    return [row["id"] for row in rows]


def ids(response):
    assert response.status_int == 200, response
    return [task["id"] for task in response.json]


def pages(client, path, relation):
    """Yield the ids on the pages to which the links of the relation lead."""
    while path is not None:
        response = client.call("GET", path)
        yield response
        path = relations(response).get(relation)


@pytest.mark.parametrize("sort", SORTS)
class TestOrder:
    def test_is_as_asked_for(self, client, sort):
        assert ids(client.get(f"/tasks/?sort={sort}")) == in_order(sort)

    @pytest.mark.parametrize("limit", [1, 5])
    def test_holds_from_page_to_page_and_back(self, client, sort, limit):
        expected = in_order(sort)
        start = f"/api/v1/tasks/?limit={limit}&sort={sort}"
        there = list(pages(client, start, "next"))
        assert [each for page in there for each in ids(page)] == expected
        back = list(pages(client, relations(there[-1])["prev"], "prev"))
        windows = [expected[n : n + limit] for n in range(0, len(expected), limit)]
        assert [ids(page) for page in back] == windows[-2::-1]

    def test_holds_for_what_filters_leave(self, client, sort):
        query = f"status=open&status=late&sort={sort}"
        there = pages(client, f"/api/v1/tasks/?limit=2&{query}", "next")
        left = [n for n in in_order(sort) if ROWS[n - 1]["status"] != "paid"]
        assert [each for page in there for each in ids(page)] == left


class TestSort:
    @pytest.mark.parametrize("sort", ["due,due", "due,-due", "-due,budget,due"])
    def test_names_each_column_once(self, client, sort):
        response = client.get(f"/tasks/?sort={sort}")
        assert response.status_int == 422
        description = "Must name each column once."
        assert response.json == invalid("querystring", sort=description)

    @pytest.mark.parametrize("count", [5, 1000])
    def test_names_as_many_as_there_are(self, client, count):
        response = client.get("/tasks/?sort=" + ",".join(["due"] * count))
        assert response.status_int == 422
        description = "Must have at most 4 items."
        assert response.json == invalid("querystring", sort=description)

    def test_is_given_once(self, client):
        response = client.get("/tasks/?sort=due&sort=budget")
        assert response.status_int == 422
        expected = invalid("querystring", sort="Is given more than once.")
        assert response.json == expected

    def test_is_kept_by_links(self, client):
        response = client.get("/tasks/?sort=-due,budget&limit=5")
        for target in relations(response).values():
            assert target.endswith("&sort=-due%2Cbudget")


def column(name):
    return f"task_of_a_test.{name}"


class TestCursor:
    @pytest.mark.parametrize(
        ("sort", "name", "place"),
        [
            # Of another order.
            ("-due", "due,id", [None, 1]),
            ("due", "due,budget,id", [None, None, 1]),
            ("due,budget", "due,id", [None, 1]),
            ("due,-budget", "due,budget,id", [None, None, 1]),
            # NULL where there is none.
            ("status", "status,id", [None, 1]),
            ("due", "due,id", [None, None]),
            ("due,status", "due,status,id", [None, None, 1]),
            # Of other lengths and types.
            ("due", "due,id", [None]),
            ("due", "due,id", [None, 1, 1]),
            ("due", "due,id", [0, 1]),
            ("due", "due,id", ["2026-03-01", 1]),
            ("budget", "budget,id", [1.5, 1]),
            ("budget", "budget,id", [2**63, 1]),
            ("budget", "budget,id", ["", 1]),
        ],
    )
    @pytest.mark.parametrize("way", ["after", "before"])
    def test_is_a_place_that_a_row_may_have(self, client, sort, name, place, way):
        cursor = encode(",".join(map(column, name.split(","))), place)
        response = client.get(f"/tasks/?sort={sort}&{way}={cursor}")
        assert response.status_int == 422
        description = "Is not a cursor of this list."
        assert response.json == invalid("querystring", **{way: description})

    def test_may_be_a_place_where_no_row_is(self, client):
        cursor = encode("task_of_a_test.due,task_of_a_test.id", [None, 7])
        found = ids(client.get(f"/tasks/?sort=due&after={cursor}"))
        assert found == [8, 10, 11]
