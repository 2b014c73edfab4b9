"""Bad input: well-formed bodies and queries with fields that are not acceptable."""

import json

import pytest

from apiserver.core.http import FORM, MULTIPART
from apiserver.core.schemas import List, ListType, Object
from tests.bad_input.endpoints import (
    ENDPOINTS,
    fields,
    of_each_method,
    sample,
    too_long,
    wrong_texts,
    wrong_values,
)
from tests.problems import invalid, problem

pytestmark = pytest.mark.usefixtures("unchanged")

TAKING_OBJECTS = [e for e in ENDPOINTS if isinstance(e.takes("body"), Object)]
TAKING_LISTS = [e for e in ENDPOINTS if isinstance(e.takes("body"), List)]
TAKING_FORMS = [e for e in TAKING_OBJECTS if FORM in e.schema.consumes]
OF_LISTS = [
    e for e in ENDPOINTS if e.takes("querystring") is not None and e.method == "GET"
]

NO_FORMS = [
    (FORM, b"%ff=1"),
    (FORM, b"a=\xff"),
    (FORM, b"a=%ed%a0%80"),
    (MULTIPART, b"--x--"),
    (f"{MULTIPART}; boundary=", b"--x--"),
    (f"{MULTIPART}; boundary=\xff", b"--x--"),
    (f"{MULTIPART}; boundary=x", b"--x\r\n\r\nvalue\r\n--x--\r\n"),
    (f"{MULTIPART}; boundary=x", b""),
    (f"{MULTIPART}; boundary=x", b"--y--"),
    (f"{MULTIPART}; boundary=x", b"\0" * 1000),
    (f"{MULTIPART}; boundary=x", b"--x\r\n\xff\r\n\r\n\xff\r\n--x--\r\n"),
]

# A form that holds no field is well-formed: all its fields are missing.
EMPTY_FORMS = [(f"{MULTIPART}; boundary=x", b"--x--"), (FORM, b"&&&")]


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


@pytest.mark.parametrize("endpoint", TAKING_LISTS, ids=str)
class TestSeveralObjects:
    def test_are_a_list_within_limits(self, send, endpoint):
        most = endpoint.takes("body").longest
        for document, wrong in (
            *((each, {"": "Must be a list."}) for each in (None, {}, "x", 1, True)),
            ([], {"": "Must have at least 1 item."}),
            ([1], {"0": "Must be an object."}),
            ([{}] * (most + 1), {"": f"Must have at most {most} items."}),
        ):
            response = send(endpoint, json=document)
            assert (response.status_int, response.json) == (422, invalid(**wrong))

    def test_are_refused_by_their_index(self, send, endpoint):
        (item,) = endpoint.takes("body").children
        response = send(endpoint, json=[sample(item), {**sample(item), "nonsense": 1}])
        assert response.json == invalid(**{"1.nonsense": "Unknown field."})


@pytest.mark.parametrize("endpoint", of_each_method(TAKING_FORMS), ids=str)
class TestNoForm:
    def test_that_holds_nothing_lacks_everything(self, send, endpoint):
        required = dict.fromkeys(sample(endpoint.takes("body")), "Is required.")
        for content_type, body in EMPTY_FORMS:
            response = send(endpoint, body=body, content_type=content_type)
            assert response.status_int == 422
            assert response.json == invalid(**required)

    def test_is_refused(self, send, endpoint):
        for content_type, body in NO_FORMS:
            response = send(endpoint, body=body, content_type=content_type)
            assert response.status_int == 400
            assert response.json == problem(400)


@pytest.mark.parametrize("endpoint", TAKING_FORMS, ids=str)
class TestForm:
    def test_is_as_strict_as_json(self, send, endpoint):
        schema = endpoint.takes("body")
        lists = {f.name for f in fields(schema) if isinstance(f.typ, ListType)}
        for field in fields(schema):
            for value in ("\0", "\x1b", too_long(field)):
                good = {k: json.dumps(v).strip('"') for k, v in sample(schema).items()}
                response = send(endpoint, form={**good, field.name: value})
                assert response.status_int == 422, (field.name, value)
                names = {e["name"].split(".")[0] for e in response.json["errors"]}
                # A form can't say that a list is empty.
                assert {field.name} <= names <= {field.name, *lists}


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
