"""Orders that the client asks for: each row once, however it pages.

By several columns, and by those that may be NULL.
"""

from urllib.parse import urlencode

import pytest
from sqlalchemy import String, column, select

from apiserver.core.lists import Listing, contains
from apiserver.core.lists.orders import encode
from apiserver.core.lists.sorting import most_columns
from apiserver.core.schemas.fields import LARGEST_INTEGER
from apiserver.users.models import User
from tests.core.tasks import ROWS, ids, parameters, stored, tasks
from tests.paging import pages, relations
from tests.problems import invalid

SORTS = [
    *("due", "-due", "status,due", "status,-due", "-status,-due", "due,budget"),
    *("-due,-budget", "due,-budget", "-budget,status,due", "status,-due,budget,-id"),
    *("status,-id", "-due,id", "cost,-begin"),
]


@pytest.fixture(scope="module")
def client(make_stored_app):
    with stored(make_stored_app(tasks), ROWS) as client:
        yield client


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


@pytest.mark.parametrize("sort", SORTS)
class TestOrder:
    def test_holds_from_page_to_page_and_back(self, client, sort):
        expected = in_order(sort)
        assert ids(client.get(f"/tasks/?sort={sort}")) == expected
        there = list(pages(client, f"/tasks/?limit=5&sort={sort}", "next"))
        assert [each for page in there for each in ids(page)] == expected
        last = relations(there[-1])["prev"].removeprefix(client.prefix)
        back = [ids(page) for page in pages(client, last, "prev")]
        assert back == [expected[5:10], expected[:5]]

    def test_holds_for_what_filters_leave(self, client, sort):
        query = f"status=open&status=late&sort={sort}"
        there = pages(client, f"/tasks/?limit=1&{query}", "next")
        left = [n for n in in_order(sort) if ROWS[n - 1]["status"] != "paid"]
        assert [each for page in there for each in ids(page)] == left


NAMES = ("id", "status", "due", "budget", "cost", "begin")
WORDS = [f"{sign}{name}" for name in NAMES for sign in ("", "-")]
ONE_OF = f"Must be one of {', '.join(WORDS)}, or several with commas."
ONCE = "Must name each column once."
FEW = "Must have at most 4 items."


class TestSort:
    @pytest.mark.parametrize(
        ("sort", "description"),
        [
            *((text, ONE_OF) for text in ("name", "Due", "due,", "due id", "+due")),
            *((text, ONE_OF) for text in ("--id", "")),
            *((text, ONCE) for text in ("due,due", "due,-due", "-due,budget,due")),
            *((",".join(["due"] * count), FEW) for count in (5, 1000)),
        ],
        ids=lambda text: text[:20],
    )
    def test_by_anything_else_is_refused(self, client, sort, description):
        response = client.get("/tasks/?" + urlencode({"sort": sort}))
        assert response.json == invalid("querystring", sort=description)

    def test_is_given_once(self, client):
        response = client.get("/tasks/?sort=due&sort=budget")
        expected = invalid("querystring", sort="Is given more than once.")
        assert response.json == expected

    def test_is_kept_by_links(self, client):
        response = client.get("/tasks/?sort=-due,budget&limit=5")
        for target in relations(response).values():
            assert target.endswith("&sort=-due%2Cbudget")

    def test_is_documented_with_commas(self, client):
        array = {"type": "array", "items": {"type": "string", "enum": WORDS}}
        array |= {"minItems": 1, "maxItems": 4, "uniqueItems": True, "default": ["id"]}
        old, new = parameters(client, "sort")
        assert {**old, **array, "collectionFormat": "csv"} == old
        assert new == {
            "name": "sort",
            "in": "query",
            "required": False,
            "description": (
                "The sort order: up to 4 of these, each column once. The second one "
                "sorts what is equal by the first; `-` reverses one."
            ),
            "style": "form",
            "explode": False,
            "example": ["id"],
            "schema": array,
        }


def of_table(name):
    return f"task_of_a_test.{name}"


NO_MOMENTS = [
    *("2026-03-01", "2026-03-01T12:00:00", "2026-03-01T12:00:00+0000"),
    *("9999-12-31T23:59:59-01:00", ""),
]


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
            ("due", "due,id", ["2026-03-01T12:00:00Z", 0]),
            *(("due", "due,id", [text, 1]) for text in NO_MOMENTS),
            ("status", "status,id", ["a\0b", 1]),
            ("status", "status,id", ["x" * 51, 1]),
            ("budget", "budget,id", [1.5, 1]),
            ("budget", "budget,id", [2**63, 1]),
            ("budget", "budget,id", ["", 1]),
        ],
    )
    def test_is_a_place_that_a_row_may_have(self, client, sort, name, place):
        cursor = encode(",".join(map(of_table, name.split(","))), place)
        for way in ("after", "before"):
            response = client.get(f"/tasks/?sort={sort}&{way}={cursor}")
            refused = {way: "Is not a cursor of this list."}
            assert response.json == invalid("querystring", **refused)

    def test_may_be_a_place_where_no_row_is(self, client):
        cursor = encode("task_of_a_test.due,task_of_a_test.id", [None, 7])
        found = ids(client.get(f"/tasks/?sort=due&after={cursor}"))
        assert found == [8, 10, 11]

    def test_long_texts_have_cursors(self, api, make_user):
        admin = make_user("admin")
        for letter in "ab":
            # Of the letters that become longest where names are compared.
            make_user(username=letter + "\ufdfa" * 20)
        found = list(pages(api(admin), "/users/?limit=1&sort=username", "next"))
        assert [page.json[0]["username"][0] for page in found] == ["a", "b", "u"]


class TestDeclaration:
    @pytest.mark.parametrize("name", ["limit", "after", "sort"])
    def test_takes_no_filter_of_a_name_that_lists_have(self, name):
        filters = {name: contains(User.username)}
        with pytest.raises(TypeError, match=f"can't be named {name}"):
            Listing(select(User.id), by=User.id, filters=filters)

    def test_takes_texts_of_a_length(self):
        endless = column("word", String())
        endless.nullable = False
        with pytest.raises(TypeError, match="can't filter or sort by its type"):
            Listing(select(User.id), by=User.id, sort={"word": endless})

    def test_takes_so_many_columns_that_cursors_fit_into_urls(self):
        """Of whatever characters their values are."""
        texts = {name: text_column(name, 200) for name in "abcd"}
        listing = Listing(select(User.id), by=User.id, sort=texts)
        assert most_columns(listing.columns) == 3
        place = [*["\U0001f4c4" * 200] * 3, LARGEST_INTEGER]
        order = listing.order(("a", "-b", "c"))
        cursor = order.encode(place)
        assert 4000 > len(cursor) > 3000
        assert [*order.place(cursor).values()] == place
        with pytest.raises(TypeError, match="too long to sort by"):
            Listing(
                select(User.id), by=User.id, sort={"word": text_column("word", 800)}
            )


def text_column(name, length):
    found = column(name, String(length))
    found.nullable = False
    return found
