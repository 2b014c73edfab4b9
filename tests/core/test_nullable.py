"""Null: taken, stored, answered, patched and tested where a field is nullable."""

import pytest

from tests.contract.edges import edges
from tests.patches import op, replace
from tests.problems import invalid, problem

NOTHING = {
    "title": None,
    "state": None,
    "due_on": None,
    "sent": None,
    "price": None,
    "weight": None,
    "opens": None,
    "takes": None,
    "code": None,
    "url": None,
    "extra": None,
    "tags": None,
    "days": None,
    "states": None,
    "prices": None,
    "codes": None,
}
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
        assert [fields_of(each) for each in client.get("/parcels/").json] == [NOTHING]

    def test_takes_what_is_missing_for_its_default(self, client):
        assert fields(client.post("/parcels/", {"title": None})) == MISSING

    def test_asks_for_what_has_no_default(self, client):
        assert client.post("/parcels/", {}).json == invalid(title="Is required.")


def fields_of(parcel):
    return {name: value for name, value in parcel.items() if name != "id"}


class TestPatch:
    def test_of_one_field_leaves_the_others_null(self, client, make_parcel):
        url = make_parcel(**NOTHING)
        response = client.patch(url, [replace("title", "Books")])
        assert fields(response) == {**NOTHING, "title": "Books"}

    @pytest.mark.parametrize("operation", ["add", "replace"])
    def test_sets_all_to_null_and_back(self, client, make_parcel, operation):
        url = make_parcel(**SOMETHING)
        for wanted in (NOTHING, SOMETHING):
            operations = [op(operation, f"/{n}", value=v) for n, v in wanted.items()]
            assert fields(client.patch(url, operations)) == wanted
            assert fields(client.get(url)) == wanted

    def test_removes(self, client, make_parcel):
        url = make_parcel(**SOMETHING)
        response = client.patch(url, [op("remove", f"/{name}") for name in SOMETHING])
        assert fields(response) == MISSING
        assert fields(client.get(url)) == MISSING

    @pytest.mark.parametrize("name", NOTHING)
    def test_tests_null(self, client, make_parcel, name):
        is_null = op("test", f"/{name}", value=None)
        url = make_parcel(**NOTHING)
        assert fields(client.patch(url, [is_null])) == NOTHING
        differs = op("test", f"/{name}", value=SOMETHING[name])
        assert client.patch(url, [differs]).json == problem(409)
        assert client.patch(make_parcel(**SOMETHING), [is_null]).json == problem(409)

    def test_copies_and_moves_null(self, client, make_parcel):
        url = make_parcel(**{**SOMETHING, "sent": None})
        operations = [
            op("copy", "/due_on", source="/sent"),
            op("move", "/price", source="/sent"),
        ]
        expected = {**SOMETHING, "due_on": None, "price": None, "sent": None}
        assert fields(client.patch(url, operations)) == expected

    def test_moves_from_a_nullable_field(self, client, make_parcel):
        url = make_parcel(title="2026-03-01", due_on=None)
        response = client.patch(url, [op("move", "/due_on", source="/title")])
        assert fields(response) == {**MISSING, "due_on": "2026-03-01"}

    def test_has_nothing_inside_of_null(self, client, make_parcel):
        url = make_parcel(**NOTHING)
        response = client.patch(url, [op("add", "/sent/year", value=1)])
        assert response.status_int == 422


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
