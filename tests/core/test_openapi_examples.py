"""The examples of both documents: everywhere, and taken by the schemas beside them."""

import pytest
from jsonschema_rs import Draft4Validator, Draft202012Validator
from openapi_spec_validator import validate

from apiserver.core.endpoints.inputs import request_schema
from apiserver.core.openapi import own_document, refused_value, sample, security
from apiserver.core.schemas import Object
from tests.client import Client
from tests.core.samples import Strict
from tests.core.test_openapi import operations


@pytest.fixture(scope="module")
def openapi(app):
    return Client(app).get("/openapi.json").json


def check(document, pairs):
    """Validate examples, each once; references of schemas lead into the document."""
    validator = Draft4Validator if "swagger" in document else Draft202012Validator
    referred = document.keys() & {"components", "definitions"}
    parts = {key: document[key] for key in referred}
    distinct = {repr(pair): pair for pair in pairs}
    assert len(distinct) > 50
    for schema, example in distinct.values():
        validator({**schema, **parts}, validate_formats=True).validate(example)


def is_file(answer):
    """Whether a response is a file, of which there is no example."""
    media = [answer, *answer.get("content", {}).values()]
    return any(each.get("schema", {}).get("format") == "binary" for each in media)


def answers(document):
    return [
        answer
        for operation in operations(document).values()
        for answer in operation["responses"].values()
    ]


def parameters(document):
    """Return all parameters but bodies: those of paths and those of operations."""
    items = [*document["paths"].values(), *operations(document).values()]
    named = [each for item in items for each in item.get("parameters", ())]
    return [each for each in named if each["in"] != "body"]


def parts(value):
    """Return all schemas of which a value consists."""
    if isinstance(value, list):
        return [part for each in value for part in parts(each)]
    if not isinstance(value, dict):
        return []
    below = [part for each in value.values() for part in parts(each)]
    return [value, *below] if "type" in value else below


def examples(document):
    """Yield each schema of OpenAPI 3.1 that has an example, with it."""
    for operation in operations(document).values():
        answers = operation["responses"].values()
        for each in (operation.get("requestBody", {}), *answers):
            content = {} if is_file(each) else each.get("content", {})
            for media in content.values():
                one = {"": {"value": media.get("example")}}
                for named in media.get("examples", one).values():
                    yield media["schema"], named["value"]
            for header in each.get("headers", {}).values():
                yield header["schema"], header["example"]
    for each in parameters(document):
        yield each["schema"], each["example"]


class TestSwagger:
    """Has the examples of the other form, by names of its own."""

    def test_has_those_of_openapi(self, document, openapi):
        checked = []
        for old, new in zip(answers(document), answers(openapi), strict=True):
            found = {**old.get("examples", {}), **old.get("x-examples", {})}
            assert ("schema" in old and not is_file(old)) == bool(found)
            checked += [(old["schema"], example) for example in found.values()]
            assert {n: h["x-example"] for n, h in old.get("headers", {}).items()} == {
                n: h["example"] for n, h in new.get("headers", {}).items()
            }
        check(document, checked)
        found = [each["x-example"] for each in parameters(document)]
        assert found == [each["example"] for each in parameters(openapi)]
        for operation in operations(document).values():
            for each in operation.get("parameters", ()):
                if each["in"] == "body":
                    example = sample(each["schema"], document["definitions"])
                    assert example == each["x-example"]

    def test_of_fields_are_taken_by_them(self, document):
        found = [part for part in parts(document["definitions"]) if "example" in part]
        check(document, [(schema, schema["example"]) for schema in found])


class TestOpenAPI:
    def test_has_one_of_all_that_is_sent(self, openapi):
        found = list(examples(openapi))
        check(openapi, found)
        shown = [example for schema, example in found if isinstance(example, dict)]
        assert "'string'" not in str(shown)

    def test_of_several_errors_have_their_sentences(self, openapi):
        refused = openapi["paths"]["/teams/"]["get"]["responses"]["401"]
        examples = refused["content"]["application/problem+json"]["examples"]
        assert list(examples) == ["Unauthenticated", "InvalidToken"]
        assert examples["InvalidToken"]["summary"] == "The access token is invalid."
        assert examples["InvalidToken"]["value"]["status"] == 401

    def test_of_a_filter_is_that_of_its_field(self, openapi):
        query = {
            each["name"]: each["example"]
            for each in openapi["paths"]["/teams/"]["get"]["parameters"]
        }
        assert query["title"] == "Engineers"
        assert query["created_from"] == "2026-03-01T12:00:00.000000Z"

    def test_of_a_user_s_patch_begins_with_the_password(self, openapi):
        content = openapi["paths"]["/users/{user_id}"]["patch"]["requestBody"]
        assert content["content"]["application/json-patch+json"]["example"] == [
            {"op": "test", "path": "/current_password", "value": "q"},
            {"op": "replace", "path": "/first_name", "value": "Ada"},
        ]


def test_openapi_is_valid_and_without_flows_asks_for_nothing(app, openapi):
    validate(openapi)
    assert openapi["openapi"] == "3.1.0"
    assert list(openapi["paths"]) == list(own_document(app.registry)["paths"])
    assert security([], {}) == []


class TestSample:
    @pytest.mark.parametrize(
        ("schema", "value"),
        [
            ({"type": "boolean", "default": False}, True),
            ({"type": "integer", "minimum": 3}, 3),
            ({"type": "number"}, 0),
            ({"type": "string", "minLength": 8}, "stringgg"),
            ({"type": "string", "maxLength": 3}, "str"),
            ({"type": "array", "items": {"enum": ["a", "b"]}}, ["a"]),
            ({"allOf": [{"$ref": "#/definitions/A"}]}, {"b": 7}),
        ],
    )
    def test_is_taken_by_the_schema(self, schema, value):
        b = {"type": "integer", "default": 7}
        definitions = {"A": {"type": "object", "properties": {"b": b}}}
        assert sample(schema, definitions) == value


class TestRefusedValue:
    def test_is_that_of_the_first_field(self):
        assert refused_value(request_schema("POST", Strict, None)).errors == (
            ("body", "required", "Must be at least 1 character long."),
        )

    def test_is_missed_where_a_field_takes_everything(self):
        class Anything(Object):
            anything = Strict()
            anything.deserialize = lambda value: value

        with pytest.raises(TypeError, match="anything accepts any value"):
            refused_value(request_schema("POST", Anything, None))
