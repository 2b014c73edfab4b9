"""The tests of a list: its limits, its headers, its order."""

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.problems import invalid

# Makes objects until the list holds so many; returns a client, the path, and what the
# list holds.
MakeList = Callable[[int], tuple[Any, str, list[Any]]]

NOT_WHOLE = "Must be a whole number."
LARGEST_OFFSET = 2**62

WRONG = [
    ("limit", "0", "Must be at least 1."),
    ("limit", "101", "Must be at most 100."),
    ("limit", "-1", "Must be at least 1."),
    ("offset", "-1", "Must be at least 0."),
    ("offset", str(LARGEST_OFFSET + 1), f"Must be at most {LARGEST_OFFSET}."),
    *(
        (name, text, NOT_WHOLE)
        for name in ("limit", "offset")
        for text in (
            "",
            "x",
            "1.0",
            "1e1",
            "1_0",
            " 5",
            "+5",
            "0x10",
            "\u0661",
            "9" * 20,
        )
    ),
    ("page", "1", "There is no such field."),
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
