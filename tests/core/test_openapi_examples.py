"""The examples of both documents: everywhere, and taken by the schemas beside them."""

import pytest
from jsonschema_rs import Draft4Validator, Draft202012Validator

from apiserver.core.endpoints.inputs import request_schema
from apiserver.core.openapi import refused_value, sample
from apiserver.core.schemas import Object
from tests.client import Client
from tests.core.samples import Strict
from tests.core.test_openapi import operations


@pytest.fixture(scope="module")
def openapi(app):
    return Client(app).get("/openapi.json").json


def check(validator, document, schema, example):
    """Validate an example; the references of its schema lead into the document."""
    parts = {key: document[key] for key in document.keys() & REFERRED}
    validator({**schema, **parts}, validate_formats=True).validate(example)


REFERRED = {"components", "definitions"}
OF_PARAMETER = {"name", "in", "required", "description"}


def is_file(answer):
    """Whether a response is a file, of which there is no example."""
    media = [answer, *answer.get("content", {}).values()]
    return any(each.get("schema", {}).get("format") == "binary" for each in media)


def answers(document):
    return [
        (where, status, answer)
        for where, operation in operations(document).items()
        for status, answer in operation["responses"].items()
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


class TestSwagger:
    def test_has_one_of_each_answer_with_a_body(self, document):
        for _, _, answer in answers(document):
            has_one = "schema" in answer and not is_file(answer)
            assert has_one == ("examples" in answer)
            for example in answer.get("examples", {}).values():
                check(Draft4Validator, document, answer["schema"], example)
            for example in answer.get("x-examples", {}).values():
                check(Draft4Validator, document, answer["schema"], example)

    def test_has_one_of_each_header(self, document):
        headers = [a["headers"] for _, _, a in answers(document) if "headers" in a]
        assert len(headers) > 100
        for header in [each for some in headers for each in some.values()]:
            check(Draft4Validator, document, header, header["x-example"])

    def test_has_one_of_each_parameter(self, document, openapi):
        found = parameters(document)
        assert {each["in"] for each in found} == {"query", "header", "path"}
        for each in found:
            schema = {k: v for k, v in each.items() if k not in OF_PARAMETER}
            check(Draft4Validator, document, schema, each["x-example"])
        assert [each["x-example"] for each in found] == [
            each["example"] for each in parameters(openapi)
        ]

    def test_has_one_of_each_body_of_a_request(self, document):
        bodies = [
            parameter
            for operation in operations(document).values()
            for parameter in operation.get("parameters", [])
            if parameter["in"] == "body"
        ]
        assert len(bodies) >= 8
        for each in bodies:
            example = sample(each["schema"], document["definitions"])
            assert example == each["x-example"]
            check(Draft4Validator, document, each["schema"], example)

    def test_of_fields_are_taken_by_them(self, document):
        found = [part for part in parts(document["definitions"]) if "example" in part]
        assert len(found) > 50
        for schema in found:
            check(Draft4Validator, document, schema, schema["example"])

    def test_are_plausible(self, document):
        assert '"string"' not in str(
            [answer.get("examples") for _, _, answer in answers(document)]
        ).replace("'", '"')


class TestOpenAPI:
    def test_has_one_of_each_answer_with_a_body(self, openapi):
        for _, _, answer in answers(openapi):
            if is_file(answer):
                continue
            for media in answer.get("content", {}).values():
                named = media.get("examples", {"": {"value": media.get("example")}})
                for example in named.values():
                    check(
                        Draft202012Validator, openapi, media["schema"], example["value"]
                    )

    def test_of_several_errors_have_their_sentences(self, openapi):
        refused = openapi["paths"]["/teams/"]["get"]["responses"]["401"]
        examples = refused["content"]["application/problem+json"]["examples"]
        assert list(examples) == ["Unauthenticated", "InvalidToken"]
        assert examples["InvalidToken"]["summary"] == "The access token is invalid."
        assert examples["InvalidToken"]["value"]["status"] == 401

    def test_has_one_of_each_header(self, openapi):
        for _, _, answer in answers(openapi):
            for header in answer.get("headers", {}).values():
                check(
                    Draft202012Validator, openapi, header["schema"], header["example"]
                )

    def test_has_one_of_each_parameter(self, openapi):
        for each in parameters(openapi):
            check(Draft202012Validator, openapi, each["schema"], each["example"])

    def test_of_a_filter_is_that_of_its_field(self, openapi):
        query = {
            each["name"]: each["example"]
            for each in openapi["paths"]["/teams/"]["get"]["parameters"]
        }
        assert query["title"] == "Engineers"
        assert query["created_from"] == "2026-03-01T12:00:00.000000Z"

    def test_has_one_of_each_body_of_a_request_in_each_media_type(self, openapi):
        bodies = [
            operation["requestBody"]["content"]
            for operation in operations(openapi).values()
            if "requestBody" in operation
        ]
        assert len(bodies) >= 8
        for media in [media for content in bodies for media in content.values()]:
            check(Draft202012Validator, openapi, media["schema"], media["example"])

    def test_of_a_user_s_patch_begins_with_the_password(self, openapi):
        content = openapi["paths"]["/users/{user_id}"]["patch"]["requestBody"]
        assert content["content"]["application/json-patch+json"]["example"] == [
            {"op": "test", "path": "/current_password", "value": "q"},
            {"op": "replace", "path": "/first_name", "value": "Ada"},
        ]


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
