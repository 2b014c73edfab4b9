"""One walk through all lists: their pages, cursors, counts, orders and filters.

It covers what the document has, so that a new list is covered by itself. What the
orders and filters mean, ``tests/core`` says.
"""

import re
from typing import Any, NamedTuple
from urllib.parse import urlencode

import pytest

from apiserver.core.lists.orders import encode
from tests.contract.places import make_place
from tests.contract.predictions import Predictions
from tests.contract.walk import document_of, paths
from tests.paging import follow, relations
from tests.problems import invalid

# What all lists take; the other parameters filter.
PAGING = {"limit", "offset", "after", "before", "sort"}
EVER = {"from": "2000-01-01T00:00:00Z", "until": "9999-01-01T00:00:00Z"}


class List(NamedTuple):
    """A list of several objects, all of which its first page shows."""

    client: Any
    path: str
    objects: list[Any]
    # The schemas of its parameters.
    parameters: dict[str, Any]

    def sorts(self) -> list[str | None]:
        """Return each single order, and one by all columns in mixed directions."""
        if "sort" not in self.parameters:
            return [None]
        schema = self.parameters["sort"]
        words = schema["items"]["enum"]
        pairs = zip(words[3::2], words[2::2], strict=True)
        mixed = [pair[number % 2] for number, pair in enumerate(pairs)]
        return [*words, ",".join(mixed[: schema["maxItems"]])]

    def get(self, headers: Any = None, **query: Any) -> Any:
        response = self.client.get(f"{self.path}?{urlencode(query)}", headers=headers)
        assert response.status_int == 200, response
        return response

    def follow(self, response: Any, relation: str) -> Any:
        return self.client.call("GET", follow(response, relation))

    def pages(self, response: Any, relation: str) -> list[Any]:
        """Return the pages from one on, as far as the links of the relation lead."""
        pages = [response]
        while relation in relations(pages[-1]):
            pages.append(self.follow(pages[-1], relation))
        return pages


def parameters_of(item: Any) -> dict[str, Any]:
    """Return the schemas of the parameters that a GET takes in its query."""
    named = item.get("get", {}).get("parameters", ())
    return {each["name"]: each["schema"] for each in named if each["in"] == "query"}


LISTS = [path for path, item in paths().items() if "limit" in parameters_of(item)]


@pytest.fixture
def listed(request, app, api, db, make_user):
    """The list at a path, with objects to which an administrator is all he can be."""
    path, document = request.param, document_of(app)
    admin = make_user("admin")
    client = api(admin)
    below = re.compile(re.escape(path) + r"{\w+}")
    item = next(filter(below.fullmatch, paths()), path)
    roles = [None, *Predictions(document).local_roles(item)]
    places = [make_place(db, item, admin, role) for role in roles * 3]
    urls = {path.format(**place.keys): None for place in places}
    known = parameters_of(paths()[path])
    found = [List(client, url, client.get(url).json, known) for url in urls]
    longest = max(found, key=lambda each: len(each.objects))
    assert len(longest.objects) >= 2, f"The places of {item} make nothing it shows."
    return longest


def written(value: Any) -> str:
    """Return a value as it stands in a query; nothing for one that is missing."""
    return "" if value is None else str(value).lower()


def is_of(parameter: Any, value: Any) -> bool:
    """Whether a parameter may take the value: flags may be called as other fields."""
    return (parameter.get("type") == "boolean") <= isinstance(value, bool)


def in_pages(pages: list[Any]) -> list[Any]:
    return [each for page in pages for each in page.json]


@pytest.mark.parametrize("listed", LISTS, indirect=True)
class TestList:
    @pytest.mark.rfc("8288", "3", "MUST", "a link is a URI reference in angle brackets")
    @pytest.mark.rfc("8288", "3.3", "MUST", "a link says its relation")
    def test_shows_any_window(self, listed):
        total = len(listed.objects)
        for limit in {1, total - 1, total}:
            for offset in (0, 1, total, 2**62):
                response = listed.get(limit=limit, offset=offset)
                assert response.json == listed.objects[offset : offset + limit]
                assert response.headers["X-Total-Count"] == str(total)
                links = relations(response)
                assert ("prev" in links) == (offset > 0)
                assert ("next" in links) == (offset + limit < total)
                last = listed.follow(response, "last")
                assert last.json == listed.objects[(total - 1) // limit * limit :]
                assert listed.follow(response, "first").json == listed.objects[:limit]
                for relation, start in (
                    ("prev", offset - limit),
                    ("next", offset + limit),
                ):
                    if relation in links and offset <= total:
                        start = max(0, start)
                        page = listed.follow(response, relation)
                        assert page.json == listed.objects[start : start + limit]

    def test_is_followed_there_and_back_in_any_order(self, listed):
        for sort in listed.sorts():
            query = {"sort": sort} if sort else {}
            whole = listed.get(**query).json
            assert sorted(map(str, whole)) == sorted(map(str, listed.objects))
            pages = listed.pages(listed.get(limit=1, **query), "next")
            assert in_pages(pages) == whole
            assert in_pages(listed.pages(pages[-1], "prev")[::-1]) == whole
            by_offset = listed.pages(listed.get(limit=1, offset=0, **query), "next")
            assert in_pages(by_offset) == whole
            if sort and sort.startswith("-") and "," not in sort:
                assert listed.get(sort=sort[1:]).json == whole[::-1]

    def test_is_counted_as_is_preferred(self, listed):
        total = str(len(listed.objects))
        by_cursor = dict(
            re.findall(r"(after)=([^&]+)", follow(listed.get(limit=1), "next"))
        )
        for query, usual in (({"offset": 1}, total), (by_cursor, None)):
            for count, expected in (
                ("exact", total),
                ("none", None),
                ("nonsense", usual),
                *([("estimated", total)] if usual else []),
            ):
                response = listed.get({"Prefer": f"count={count}"}, limit=1, **query)
                assert response.json == listed.objects[1:2]
                assert response.headers.get("X-Total-Count") == expected
                if count != "estimated":
                    links = relations(response)
                    assert ("last" in links) == (expected is not None)
                assert "Prefer" in response.headers.getall("Vary")

    @pytest.mark.rfc("8288", "3", "MUST", "a link keeps the query of the request")
    def test_is_filtered(self, listed):
        for name in listed.parameters.keys() - PAGING:
            of_time = listed.parameters[name].get("format") == "date-time"
            bound = name.rpartition("_")[2]
            shown = listed.objects[0]
            value = EVER[bound] if of_time else written(shown.get(name))
            if value and is_of(listed.parameters[name], shown.get(name)):
                response = listed.get(**{name: value})
                assert shown in response.json
                assert response.headers["X-Total-Count"] == str(len(response.json))
                query = urlencode({name: value})
                assert follow(response, "last").endswith(f"&{query}")
            if of_time:
                other = EVER["until" if bound == "from" else "from"]
                assert listed.get(**{name: other}).json == []

    def test_takes_its_own_cursors_alone(self, listed):
        cursor = follow(listed.get(limit=1), "next").rpartition("after=")[2]
        for name in ("after", "before"):
            for wrong in ("x", "W10", encode("other.id", [1]), cursor[:-1], "é"):
                query = urlencode({name: wrong})
                response = listed.client.get(f"{listed.path}?{query}")
                description = "Is not a cursor of this list."
                assert response.json == invalid("querystring", **{name: description})
            query = f"offset=2&{name}={cursor}"
            response = listed.client.get(f"{listed.path}?{query}")
            description = "Use only one of offset, after and before."
            assert response.json == invalid("querystring", **{name: description})
