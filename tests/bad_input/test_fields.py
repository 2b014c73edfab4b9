"""Bad input: well-formed bodies and queries with fields that are not acceptable.

What a form means, as JSON does, is in ``tests/core/test_forms.py``.
"""

import pytest

from apiserver.core.schemas import Object
from tests.bad_input.endpoints import (
    ENDPOINTS,
    fields,
    sample,
    wrong_texts,
    wrong_values,
)
from tests.problems import invalid

pytestmark = pytest.mark.usefixtures("unchanged")

TAKING_OBJECTS = [e for e in ENDPOINTS if isinstance(e.takes("body"), Object)]
OF_LISTS = [
    e for e in ENDPOINTS if e.takes("querystring") is not None and e.method == "GET"
]


@pytest.mark.parametrize("endpoint", TAKING_OBJECTS, ids=str)
class TestObject:
    def test_has_the_named_fields_alone(self, send, endpoint):
        good = sample(endpoint.takes("body"))
        for document, wrong in (
            ([good], {"": "Must be an object."}),
            ({**good, "nonsense": 1}, {"nonsense": "Unknown field."}),
            ({**good, "id": 1}, {"id": "Unknown field."}),
        ):
            response = send(endpoint, json=document)
            assert (response.status_int, response.json) == (422, invalid(**wrong))

    def test_has_values_of_the_named_types_alone(self, send, endpoint):
        schema = endpoint.takes("body")
        for field in fields(schema):
            for value in wrong_values(field):
                response = send(endpoint, json={**sample(schema), field.name: value})
                assert response.status_int == 422, (field.name, value)
                names = {e["name"].split(".")[0] for e in response.json["errors"]}
                assert names == {field.name}, value

    def test_is_refused_without_what_is_required(self, send, endpoint):
        schema = endpoint.takes("body")
        for name in sample(schema):
            good = sample(schema)
            del good[name]
            response = send(endpoint, json=good)
            assert response.status_int == 422
            assert response.json == invalid(**{name: "Is required."})


@pytest.mark.parametrize("endpoint", OF_LISTS, ids=str)
class TestQuerystring:
    def test_has_values_of_the_named_types_alone(self, send, endpoint):
        for field in fields(endpoint.takes("querystring")):
            for value in wrong_texts(field):
                response = send(endpoint, f"?{field.name}={value}")
                assert response.status_int == 422, (field.name, value)
                # Of several values, each by its index.
                errors = response.json["errors"]
                assert {e["location"] for e in errors} == {"querystring"}
                assert {e["name"].partition(".")[0] for e in errors} == {field.name}


def content(endpoint):
    """Return a body that an endpoint takes, where it looks at that first."""
    if endpoint.takes_file:
        return {"body": b"x", "content_type": endpoint.schema.consumes[0]}
    return {"json": []} if endpoint.patched is not None else {}


class TestParameters:
    @pytest.mark.parametrize(
        "endpoint", [e for e in ENDPOINTS if e.method != "OPTIONS"], ids=str
    )
    def test_that_are_unknown_are_refused(self, send, endpoint):
        (refused,) = invalid("querystring", frobnicate="Unknown field.")["errors"]
        response = send(endpoint, "?frobnicate=1&&", **content(endpoint))
        assert response.status_int == 422
        others = [each for each in response.json["errors"] if each != refused]
        assert len(others) == len(response.json["errors"]) - 1
        assert {each["description"] for each in others} <= {"Is required."}
        if endpoint.method == "GET":
            response = send(endpoint._replace(method="HEAD"), "?frobnicate")
            assert (response.status_int, response.body) == (422, b"")

    @pytest.mark.parametrize("name", ["Limit", "limit[]", "", "x" * 80])
    def test_have_the_names_that_are_said(self, caller, name):
        response = caller.get(f"/teams/?{name}=1")
        assert response.json == invalid("querystring", **{name: "Unknown field."})

    def test_that_are_none_are_nothing(self, caller):
        for query in ("", "&", "&&"):
            assert caller.get(f"/teams/?{query}").status_int == 200

    def test_are_no_matter_to_options(self, caller):
        assert caller.options("/teams/?frobnicate=1").status_int == 204
