"""Null: taken, stored, answered, patched and tested where a field is nullable."""

from datetime import date
from types import SimpleNamespace

import pytest

from apiserver.core.http import ValidationFailed
from apiserver.core.schemas import Date, List, Object, Patch, Text, Whole
from tests.contract.edges import edges
from tests.patches import op, replace
from tests.problems import invalid, problem

SOMETHING = {
    "title": "Books",
    "state": "sent",
    "due_on": "2026-03-01",
    "sent": "2026-03-01T12:00:00+00:00",
    "price": "10.50",
    "weight": 0.5,
    "opens": "12:30:00",
    "takes": "P1DT2H30M0S",
    "code": "123e4567-e89b-12d3-a456-426614174000",
    "url": "https://example.com/path",
    "extra": {"a": [1, None]},
    "tags": ["a b"],
    "days": ["2026-03-01", None],
    "states": ["sent", "packed"],
    "prices": ["10.50"],
    "codes": ["123e4567-e89b-12d3-a456-426614174000"],
}
NOTHING: dict[str, object] = dict.fromkeys(SOMETHING)
# What is there when a field is not.
MISSING = {**NOTHING, "state": "packed"}


@pytest.fixture
def client(parcel_client):
    return parcel_client


def fields(response):
    """Return the parcel that a response has, without its id."""
    assert response.status_int < 300, response.text
    return {name: value for name, value in response.json.items() if name != "id"}


class TestPost:
    def test_takes_null(self, client):
        response = client.post("/parcels/", NOTHING)
        assert fields(response) == NOTHING
        url = response.headers["Location"].removeprefix(client.prefix)
        assert fields(client.get(url)) == NOTHING
        assert client.get("/parcels/").json == [response.json]
        # What is missing has its default, where it has one.
        assert fields(client.post("/parcels/", {"title": None})) == MISSING
        assert client.post("/parcels/", {}).json == invalid(title="Is required.")


class TestPatch:
    def test_of_one_field_leaves_the_others_null(self, client, make_parcel):
        url = make_parcel(**NOTHING)
        response = client.patch(url, [replace("title", "Books")])
        assert fields(response) == {**NOTHING, "title": "Books"}
        # Which have nothing inside.
        response = client.patch(url, [op("add", "/sent/year", value=1)])
        assert response.status_int == 422

    def test_sets_all_to_null_and_back(self, client, make_parcel):
        url = make_parcel(**SOMETHING)
        for name, wanted in (("add", NOTHING), ("replace", SOMETHING)):
            operations = [op(name, f"/{n}", value=v) for n, v in wanted.items()]
            assert fields(client.patch(url, operations)) == wanted
            assert fields(client.get(url)) == wanted

    def test_removes(self, client, make_parcel):
        url = make_parcel(**SOMETHING)
        response = client.patch(url, [op("remove", f"/{name}") for name in SOMETHING])
        assert fields(response) == MISSING
        assert fields(client.get(url)) == MISSING

    def test_tests_null(self, client, make_parcel):
        url = make_parcel(**NOTHING)
        are_null = [op("test", f"/{name}", value=None) for name in NOTHING]
        assert fields(client.patch(url, are_null)) == NOTHING
        for name, value in SOMETHING.items():
            differs = op("test", f"/{name}", value=value)
            assert client.patch(url, [differs]).json == problem(409)

    def test_copies_and_moves_null(self, client, make_parcel):
        url = make_parcel(**{**SOMETHING, "sent": None})
        operations = [
            op("copy", "/due_on", source="/sent"),
            op("move", "/price", source="/sent"),
        ]
        expected = {**SOMETHING, "due_on": None, "price": None, "sent": None}
        assert fields(client.patch(url, operations)) == expected
        client.patch(url, [replace("title", "2026-03-01")])
        moved = client.patch(url, [op("move", "/due_on", source="/title")])
        assert fields(moved) == {**expected, "title": None, "due_on": "2026-03-01"}


class TestEdges:
    """As tests/contract/test_edges.py does for the features of the project."""

    def test_are_taken_stored_and_answered(self, client, make_parcel):
        components = client.get("/openapi.json").json["components"]["schemas"]
        properties = components["ParcelFields"]["properties"]
        assert {*properties} == {*NOTHING}
        url = make_parcel()
        for name, schema in properties.items():
            values = list(edges(schema, components))
            assert None in values or name == "extra"
            for value in values:
                made = client.post("/parcels/", {"title": None, name: value})
                assert made.status_int == 201, (name, value, made.text)
                changed = client.patch(url, [replace(name, value)])
                assert changed.json[name] == made.json[name]
                tested = client.patch(url, [op("test", f"/{name}", value=value)])
                assert tested.status_int == 200


class TestDocument:
    def test_says_null_in_both_forms(self, client):
        title = {"type": "string", "minLength": 1, "maxLength": 20}
        swagger = client.get("/swagger.json").json["definitions"]["ParcelFields"]
        found = swagger["properties"]["title"]
        assert {**title, "x-nullable": True} == without_pattern(found)
        assert swagger["required"] == ["title"]
        schemas = client.get("/openapi.json").json["components"]["schemas"]
        found = schemas["ParcelFields"]["properties"]
        assert without_pattern(found["title"]) == {**title, "type": ["string", "null"]}
        assert found["state"] == {
            "type": ["string", "null"],
            "enum": ["packed", "sent", None],
            "default": "packed",
        }


def without_pattern(schema):
    return {name: value for name, value in schema.items() if name != "pattern"}


class Inner(Object):
    day = Date(nullable=True)
    word = Text(1, 9)


class Outer(Object):
    inner = Inner(nullable=True)
    inners = List(Inner(nullable=True), nullable=True)
    words = List(Text(1, 9), nullable=True)
    count = Whole(0, 9, nullable=True, missing=1)


INNER = {"day": None, "word": "a"}


def apply(*operations, **stored):
    """Return what the operations change of an entity in which all else is null."""
    nothing = dict.fromkeys(("inner", "inners", "words", "count"))
    return Patch(Outer(), list(operations)).apply(SimpleNamespace(**nothing | stored))


THERE = SimpleNamespace(day=None, word="a")
DATED = SimpleNamespace(day=date(2026, 3, 1), word="a")
SHOWN = {"day": "2026-03-01", "word": "a"}
CHANGES = [
    ([replace("inner", INNER)], {}, {"inner": INNER}),
    ([replace("inner", None)], {"inner": THERE}, {"inner": None}),
    ([op("remove", "/inner")], {"inner": THERE}, {"inner": None}),
    ([replace("inner/day", None)], {"inner": DATED}, {"inner": INNER}),
    ([op("remove", "/inner/day")], {"inner": DATED}, {"inner": INNER}),
    ([op("add", "/inners", value=[INNER, None])], {}, {"inners": [INNER, None]}),
    ([replace("words", None)], {"words": ("a",)}, {"words": None}),
    # Null is compared inside of lists and objects.
    ([op("test", "/inners/0", value=SHOWN)], {"inners": [DATED]}, {}),
    ([op("test", "/inners/1", value=None)], {"inners": [DATED, None]}, {}),
    ([op("test", "/words", value=None)], {}, {}),
    # A default takes the place of what is removed.
    ([op("remove", "/count")], {"count": 5}, {"count": 1}),
    ([replace("count", None)], {"count": 5}, {"count": None}),
]


class TestNested:
    @pytest.mark.parametrize(("operations", "stored", "changes"), CHANGES, ids=str)
    def test_comes_and_goes(self, operations, stored, changes):
        assert apply(*operations, **stored) == changes

    @pytest.mark.parametrize(
        ("operation", "name"),
        [
            (replace("inner/word", None), "inner.word"),
            (replace("words", [None]), "words.0"),
        ],
    )
    def test_is_refused_where_a_value_is_required(self, operation, name):
        with pytest.raises(ValidationFailed) as raised:
            apply(operation, inner=THERE)
        assert raised.value.errors == (("body", name, "Must be a string."),)
