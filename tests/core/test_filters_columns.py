"""Filters by what a column may hold: sets of values, bounds, and NULL."""

from urllib.parse import urlencode

import pytest

from apiserver.core.lists import is_null
from tests.client import Client
from tests.core.tasks import ROWS, TASKS, Task, day, stored, tasks
from tests.paging import relations
from tests.problems import invalid


@pytest.fixture(scope="module")
def client(make_core_app, make_database):
    app = make_core_app(tasks, **{"sqlalchemy.url": make_database()})
    with stored(app, ROWS):
        yield Client(app)


def left(**wanted):
    """Return the ids of the rows whose columns are among what is wanted."""
    return [
        number
        for number, row in enumerate(ROWS, start=1)
        if all(row[name] in values for name, values in wanted.items())
    ]


def ids(response):
    assert response.status_int == 200, response
    return [task["id"] for task in response.json]


DAYS = ["2026-03-03T12:00:00Z", "2026-03-05T14:00:00+02:00"]


class TestOneOf:
    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ({"status": ["open"]}, left(status=["open"])),
            ({"status": ["paid", "late"]}, left(status=["paid", "late"])),
            ({"status": ["late", "late"]}, left(status=["late"])),
            ({"due": DAYS}, left(due=[day(3), day(5)])),
            ({"begin": ["2026-01-04", "2026-01-02"]}, left(due=[day(3), day(1)])),
            ({"cost": ["0.75", "1.2", "1.25"]}, left(due=[day(3), day(5)])),
            ({"due": ["2026-03-03T12:00:00.000001Z"]}, []),
            ({"budgets": [20, "0"]}, left(budget=[20, 0])),
            ({"budgets": [-(2**63), 2**63 - 1]}, [9, 11]),
            (
                {"status": ["open"], "budgets": [10, 20]},
                left(status=["open"], budget=[10, 20]),
            ),
        ],
    )
    def test_leaves_rows_with_one_of_the_values(self, client, query, found):
        response = client.get("/tasks/?" + urlencode(query, doseq=True))
        assert ids(response) == found
        assert response.headers["X-Total-Count"] == str(len(found))

    def test_is_kept_by_links(self, client):
        query = "status=open&status=late"
        for target in relations(client.get(f"/tasks/?limit=1&{query}")).values():
            assert target.endswith(f"&{query}")
            assert len(ids(client.call("GET", target))) == 1

    @pytest.mark.parametrize(
        ("query", "name", "description"),
        [
            ("status=open&status=shut", "status.1", "Must be one of late, open, paid."),
            ("status=", "status.0", "Must be one of late, open, paid."),
            ("budgets=1&budgets=x", "budgets.1", "Must be an integer."),
            ("budgets=", "budgets.0", "Must be an integer."),
            ("&".join(["budgets=1"] * 4), "budgets", "Must have at most 3 items."),
            ("&".join(["status=open"] * 21), "status", "Must have at most 20 items."),
        ],
    )
    def test_refuses_other_values(self, client, query, name, description):
        response = client.get(f"/tasks/?{query}")
        assert response.status_int == 422
        assert response.json == invalid("querystring", **{name: description})

    def test_is_documented_as_repeated(self, client):
        about = "Only objects with one of these `budget`; repeat it for several."
        common = {
            "name": "budgets",
            "in": "query",
            "required": False,
            "description": about,
        }
        integer = {"type": "integer", "format": "int64", "minimum": -(2**63)}
        array = {"type": "array", "items": integer, "maxItems": 3}
        [old] = parameters(client, "swagger.json", "budgets")
        assert old == {**common, **array, "collectionFormat": "multi", "x-example": [0]}
        [new] = parameters(client, "openapi.json", "budgets")
        assert new == {
            **common,
            "style": "form",
            "explode": True,
            "example": [0],
            "schema": array,
        }

    def test_is_described_as_a_whole(self, client):
        """Swagger 2.0 has no description of items."""
        for document in ("swagger.json", "openapi.json"):
            [parameter] = parameters(client, document, "status")
            assert parameter["description"] == "How far."
            items = parameter.get("schema", parameter)["items"]
            assert "description" not in items


def parameters(client, document, name):
    operation = client.get(f"/{document}").json["paths"]["/tasks/"]["get"]
    return [each for each in operation["parameters"] if each["name"] == name]


class TestSortParameter:
    def test_is_documented_with_commas(self, client):
        names = ("id", "status", "due", "budget", "cost", "begin")
        words = [f"{sign}{name}" for name in names for sign in ("", "-")]
        array = {
            "type": "array",
            "items": {"type": "string", "enum": words},
            "minItems": 1,
            "maxItems": 4,
            "uniqueItems": True,
            "default": ["id"],
        }
        [old] = parameters(client, "swagger.json", "sort")
        assert {**old, **array, "collectionFormat": "csv"} == old
        [new] = parameters(client, "openapi.json", "sort")
        about = (
            "The sort order: up to 4 of these, each column once. The second one sorts "
            "what is equal by the first; `-` reverses one."
        )
        assert new == {
            "name": "sort",
            "in": "query",
            "required": False,
            "description": about,
            "style": "form",
            "explode": False,
            "example": ["id"],
            "schema": array,
        }


class TestBounds:
    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ({"due_from": DAYS[0], "due_until": DAYS[1]}, left(due=[day(3)])),
            ({"due_until": DAYS[0]}, left(due=[day(1)])),
            ({"budget_above": 10}, left(budget=[20, 2**63 - 1])),
            ({"budget_up_to": 10}, left(budget=[10, 0, -(2**63)])),
            ({"budget_above": 0, "budget_up_to": 10}, left(budget=[10])),
            ({"budget": 0}, left(budget=[0])),
        ],
    )
    def test_leave_rows_with_values_between_them(self, client, query, found):
        assert ids(client.get("/tasks/?" + urlencode(query))) == found


class TestIsNull:
    @pytest.mark.parametrize("sort", ["id", "due", "-due"])
    def test_leaves_rows_without_a_value_or_all_others(self, client, sort):
        missing = left(due=[None])
        others = [n for n in range(1, len(ROWS) + 1) if n not in missing]
        for flag, found in (("true", missing), ("false", others)):
            response = client.get(f"/tasks/?due_missing={flag}&sort={sort}")
            assert sorted(ids(response)) == found
            assert response.headers["X-Total-Count"] == str(len(found))

    def test_is_of_columns_that_may_be_null(self):
        with pytest.raises(TypeError, match=r"Task\.status is never NULL"):
            is_null(Task.status)

    @pytest.mark.parametrize("value", ["", "1", "null", "True"])
    def test_takes_true_and_false(self, client, value):
        response = client.get(f"/tasks/?due_missing={value}")
        assert response.status_int == 422
        expected = invalid("querystring", due_missing="Must be true or false.")
        assert response.json == expected


class TestStatements:
    def test_are_made_once_for_what_is_given_and_no_more(self, client):
        TASKS.page.cache_clear()
        for status in ("open", "late", "paid"):
            client.get(f"/tasks/?status={status}&status=open")
        assert TASKS.page.cache_info().currsize == 1
        assert TASKS.page.cache_info().maxsize == 200
        assert TASKS.order.cache_info().maxsize == 200
