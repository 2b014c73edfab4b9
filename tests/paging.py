"""The tests of a list: its limits, its headers, its order."""

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest

from apiserver.core.cursors import encode
from tests.problems import invalid

# Makes objects until the list holds so many; returns a client, the path, and what the
# list holds.
MakeList = Callable[[int], tuple[Any, str, list[Any]]]

NOT_WHOLE = "Must be a whole number."
LARGEST_OFFSET = 2**62

WRONG = [
    ("limit", "0", "Must be at least 1."),
    ("limit", "101", "Must be at most 100."),
    ("limit", "9" * 20, "Must be at most 100."),
    ("limit", "-1", "Must be at least 1."),
    ("offset", "-1", "Must be at least 0."),
    ("offset", str(LARGEST_OFFSET + 1), f"Must be at most {LARGEST_OFFSET}."),
    ("offset", "9" * 20, f"Must be at most {LARGEST_OFFSET}."),
    *(
        (name, text, NOT_WHOLE)
        for name in ("limit", "offset")
        for text in (
            "",
            "x",
            "1.5",
            "1e-1",
            "1_0",
            " 5",
            "+5",
            "0x10",
            "\u0661",
            "9" * 4001,
        )
    ),
    ("page", "1", "There is no such field."),
]

# What the cursors of all lists are not.
CURSORS = [
    "x",
    "5",
    "WyJ0ZWFtLmlkIiw",
    "W10",
    encode("other.id", [1]),
    encode("other.id", [2**63]),
    "\u0661",
    "é" * 10,
    "A" * 200,
]

# Offset, limit and what they lead to in a list of five: relations by their offsets.
LINKS = [
    (0, 20, {"first": 0, "last": 0}),
    (0, 5, {"first": 0, "last": 0}),
    (0, 2, {"first": 0, "next": 2, "last": 4}),
    (2, 2, {"first": 0, "prev": 0, "next": 4, "last": 4}),
    (1, 2, {"first": 0, "prev": 0, "next": 3, "last": 4}),
    (4, 2, {"first": 0, "prev": 2, "last": 4}),
    (4, 1, {"first": 0, "prev": 3, "last": 4}),
    (5, 2, {"first": 0, "prev": 3, "last": 4}),
    (9, 2, {"first": 0, "prev": 4, "last": 4}),
    (LARGEST_OFFSET, 100, {"first": 0, "prev": 0, "last": 0}),
]


def relations(response: Any) -> dict[str, str]:
    """Return the targets of the ``Link`` header by their relations (RFC 8288)."""
    links = re.findall(r'<([^>]*)>; rel="([a-z]+)"', response.headers["Link"])
    return {relation: target for target, relation in links}


def follow(response: Any, relation: str) -> str:
    return relations(response)[relation]


class PagingTests:
    """The tests of a list, which the fixture ``make_list`` gives."""

    def test_page_holds_the_objects_in_order(self, make_list: MakeList) -> None:
        client, path, objects = make_list(5)
        response = client.get(path)
        assert response.status_int == 200
        assert response.json == objects
        assert response.headers["X-Total-Count"] == "5"

    @pytest.mark.parametrize(("offset", "limit", "targets"), LINKS)
    def test_window(
        self, make_list: MakeList, offset: int, limit: int, targets: dict[str, int]
    ) -> None:
        client, path, objects = make_list(5)
        response = client.get(f"{path}?offset={offset}&limit={limit}")
        assert response.status_int == 200
        assert response.json == objects[offset : offset + limit]
        assert response.headers["X-Total-Count"] == "5"
        assert response.headers["Link"] == ", ".join(
            f'</api/v1{path}?limit={limit}&offset={target}>; rel="{relation}"'
            for relation, target in targets.items()
        )

    def test_links_lead_through_all_of_it(self, make_list: MakeList) -> None:
        client, path, objects = make_list(5)
        found, target = [], f"/api/v1{path}?limit=2"
        while target:
            response = client.call("GET", target)
            found += response.json
            target = relations(response).get("next")
        assert found == objects

    def test_page_holds_20_unless_told_otherwise(self, make_list: MakeList) -> None:
        client, path, objects = make_list(21)
        assert client.get(path).json == objects[:20]
        assert client.get(path + "?limit=100").json == objects

    def test_links_lead_back_by_cursors(self, make_list: MakeList) -> None:
        client, path, objects = make_list(5)
        second = client.call("GET", follow(client.get(f"{path}?limit=2"), "next"))
        assert second.json == objects[2:4]
        third = client.call("GET", follow(second, "next"))
        assert third.json == objects[4:]
        assert set(relations(third)) == {"first", "prev"}
        again = client.call("GET", follow(third, "prev"))
        assert again.json == objects[2:4]
        assert relations(again) == relations(second)
        first = client.call("GET", follow(again, "prev"))
        assert first.json == objects[:2]
        assert set(relations(first)) == {"first", "next"}
        assert client.call("GET", follow(first, "first")).json == objects[:2]
        assert client.call("GET", follow(first, "next")).json == objects[2:4]

    def test_page_by_a_cursor_is_counted_where_that_is_preferred(
        self, make_list: MakeList
    ) -> None:
        client, path, objects = make_list(5)
        target = follow(client.get(f"{path}?limit=2"), "next")
        assert "X-Total-Count" not in client.call("GET", target).headers
        prefer = {"Prefer": "count=exact"}
        response = client.call("GET", target, headers=prefer)
        assert response.json == objects[2:4]
        assert response.headers["X-Total-Count"] == "5"
        assert response.headers["Preference-Applied"] == "count=exact"
        last = f"/api/v1{path}?limit=2&offset=4"
        assert relations(response)["last"] == last

    def test_is_not_counted_where_that_is_preferred(self, make_list: MakeList) -> None:
        client, path, objects = make_list(5)
        prefer = {"Prefer": "count=none"}
        response = client.get(f"{path}?offset=2&limit=2", headers=prefer)
        assert response.json == objects[2:4]
        assert "X-Total-Count" not in response.headers
        assert response.headers["Preference-Applied"] == "count=none"
        assert "Prefer" in response.headers.getall("Vary")
        page = f"/api/v1{path}?limit=2&offset="
        assert relations(response) == {
            "first": f"{page}0",
            "prev": f"{page}0",
            "next": f"{page}4",
        }

    def test_few_objects_are_estimated_exactly(self, make_list: MakeList) -> None:
        client, path, objects = make_list(5)
        prefer = {"Prefer": "count=estimated"}
        response = client.get(f"{path}?limit=2", headers=prefer)
        assert response.json == objects[:2]
        assert response.headers["X-Total-Count"] == "5"
        response = client.get(f"{path}?offset=9", headers=prefer)
        assert response.headers["X-Total-Count"] == "5"

    @pytest.mark.parametrize("name", ["after", "before"])
    @pytest.mark.parametrize("cursor", CURSORS)
    def test_wrong_cursor_is_422(
        self, make_list: MakeList, name: str, cursor: str
    ) -> None:
        client, path, _ = make_list(1)
        response = client.get(f"{path}?{urlencode({name: cursor})}")
        assert response.status_int == 422
        description = "Is no cursor of this list."
        assert response.json == invalid("querystring", **{name: description})

    def test_cursor_goes_alone(self, make_list: MakeList) -> None:
        client, path, _ = make_list(5)
        target = follow(client.get(f"{path}?limit=2"), "next")
        response = client.call("GET", f"{target}&offset=2")
        assert response.status_int == 422
        description = "Of offset, after and before only one can be given."
        assert response.json == invalid("querystring", after=description)

    @pytest.mark.parametrize(("name", "text", "description"), WRONG)
    def test_wrong_query_is_422(
        self, make_list: MakeList, name: str, text: str, description: str
    ) -> None:
        client, path, _ = make_list(1)
        response = client.get(f"{path}?{urlencode({name: text})}")
        assert response.status_int == 422
        assert response.json == invalid("querystring", **{name: description})

    def test_parameter_is_given_once(self, make_list: MakeList) -> None:
        client, path, _ = make_list(1)
        response = client.get(f"{path}?limit=1&limit=2")
        assert response.status_int == 422
        assert response.json == invalid("querystring", limit="Is given twice.")

    def test_query_that_is_no_utf8_is_400(self, make_list: MakeList) -> None:
        client, path, _ = make_list(1)
        assert client.get(f"{path}?limit=%ff").status_int == 400
