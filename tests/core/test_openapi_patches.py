"""JSON Patch bodies in the document."""

from apiserver.core.endpoints.inputs import request_schema
from apiserver.core.openapi import Parameters, SchemaConverter
from apiserver.core.schemas import Choice, List, Object, Text, Whole


class Page(Object):
    title = Text(1, 20)
    words = List(Text(1, 9), longest=5, description="What it is about.")
    kind = Choice("draft", "final")
    rank = Whole(3, 9)
    key = Text(8, 20, secret=True)
    current_key = Text(0, 20, virtual=True, description="The key until now.")


def documented(schema):
    """Return the parameter and the definition of an operation."""
    converter = SchemaConverter({}, None)
    parameters = Parameters(type_converter=converter)
    (parameter,) = parameters.from_schema(request_schema("PATCH", schema, None))
    return parameter, converter.definitions[f"{schema.__name__}Operation"]


class TestPatch:
    def test_limits_of_the_fields_are_said_in_words(self):
        parameter, _ = documented(Page)
        assert parameter["description"].split("\n\n")[1].splitlines() == [
            "* `/title`: string, 1 to 20 characters.",
            "* `/words`: array, at most 5 items. What it is about.",
            "* `/kind`: string, one of draft, final.",
            "* `/rank`: integer, 3 to 9.",
            "* `/key`: string, 8 to 20 characters, never shown.",
            "* `/current_key`: string, at most 20 characters, for `test` only. The key "
            "until now.",
        ]

    def test_pointer_may_lead_into_a_list(self):
        _, operation = documented(Page)
        assert operation["properties"]["path"] == {
            "type": "string",
            "description": "The field (a JSON Pointer, RFC 6901).",
            "pattern": "^(/title|/words(/.*)?|/kind|/rank|/key|/current_key)$",
        }

    def test_secret_and_virtual_fields_are_nothing_to_copy_from(self):
        _, operation = documented(Page)
        # Of any type, since others ignore it (RFC 6902 section 4).
        assert operation["properties"]["from"] == {
            "description": "For move and copy: the source of the value, at or below "
            "`/title` or `/words` or `/kind` or `/rank`."
        }


class TestExample:
    def test_begins_with_the_tests_that_are_asked_for(self):
        parameter, _ = documented(Page)
        assert parameter["schema"]["example"] == [
            {"op": "test", "path": "/current_key", "value": "string"},
            {"op": "replace", "path": "/title", "value": "string"},
        ]

    def test_value_keeps_to_the_limits(self):
        values = {}
        for node in (
            Text(8, 20, name="long"),
            Text(1, 3, name="short"),
            Choice("draft", "final", name="choice"),
            Whole(3, 9, name="number"),
            List(Whole(3, 9), name="list"),
        ):
            schema = type("Patched", (Object,), {node.name: node})
            parameter, _ = documented(schema)
            (change,) = parameter["schema"]["example"]
            values[node.name] = change["value"]
        assert values == {
            "long": "stringgg",
            "short": "str",
            "choice": "draft",
            "number": 3,
            "list": [3],
        }
