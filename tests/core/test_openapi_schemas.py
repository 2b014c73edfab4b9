"""Schemas in the document: definitions, limits, formats, defaults."""

import colander
import pytest
from pyramid.exceptions import ConfigurationError

from apiserver.core.openapi import SchemaConverter, json_schema
from apiserver.core.schemas import (
    Choice,
    Email,
    Flag,
    Id,
    List,
    Moment,
    Object,
    StringType,
    Text,
    Whole,
)

INTEGER = {"type": "integer", "format": "int64", "minimum": 1, "example": 1}
MOMENT = {
    "type": "string",
    "format": "date-time",
    "example": "2026-03-01T12:00:00.000000+00:00",
}


def converted(node):
    return SchemaConverter({}, None)(node)


class Plant(Object):
    """What grows.

    It is
    watered.
    """

    name = Text(3, 50)


class Garden(Object):
    plant = Plant()
    plants = List(Plant(), longest=7)
    tallest = Plant(description="The tallest one.", nullable=True)


def string(**keywords):
    return {"type": "string", **keywords}


class Colour(StringType):
    """The type of a feature, which is converted as its base."""


class Anything(colander.SchemaType):
    pass


NODES = [
    (
        Text(1, 80, description="Its name.", example="Rose"),
        string(minLength=1, maxLength=80, description="Its name.", example="Rose"),
    ),
    (Text(0, 30), string(maxLength=30)),
    (Text(0, 9, nullable=True), {**string(maxLength=9), "x-nullable": True}),
    (Email(), string(format="idn-email", minLength=1, maxLength=120)),
    (Text(1, 9, secret=True), string(format="password", minLength=1, maxLength=9)),
    (Choice("a", "b"), string(enum=["a", "b"])),
    (Id(), INTEGER),
    (Whole(0, 100), {"type": "integer", "minimum": 0, "maximum": 100}),
    (
        Whole(0, 2**40),
        {"type": "integer", "format": "int64", "minimum": 0, "maximum": 2**40},
    ),
    (Flag(), {"type": "boolean"}),
    (Moment(), MOMENT),
    (
        List(Choice("a"), longest=3),
        {"type": "array", "maxItems": 3, "items": string(enum=["a"])},
    ),
    (colander.SchemaNode(Colour(), description="Of it."), string(description="Of it.")),
    # Types of which nothing is known are any value.
    (colander.SchemaNode(Anything()), {}),
    (colander.SchemaNode(Anything(), description="Any."), {"description": "Any."}),
]


class TestNodes:
    @pytest.mark.parametrize(("node", "schema"), NODES)
    def test_have_limits_and_formats(self, node, schema):
        assert converted(node) == schema

    @pytest.mark.parametrize(
        ("missing", "default"),
        [
            *(("", ""), (7, 7), (False, False), (("a",), ["a"])),
            # What is no JSON is left out.
            *((each, None) for each in (None, colander.drop, colander.required)),
            (colander.deferred(print), None),
        ],
    )
    def test_default_is_what_is_taken_for_a_missing_value(self, missing, default):
        schema = converted(Text(0, 9, missing=missing))
        said = {} if default is None else {"default": default}
        assert schema == string(maxLength=9, **said)


class TestDefinitions:
    def test_are_named_by_the_schema_class_also_in_lists(self):
        converter = SchemaConverter({}, None)
        assert converter(Garden()) == {"$ref": "#/definitions/Garden"}
        plant = {"$ref": "#/definitions/Plant"}
        assert converter.definitions == {
            "Plant": {
                "type": "object",
                "description": "What grows.\n\nIt is watered.",
                "properties": {
                    "name": {"type": "string", "minLength": 3, "maxLength": 50}
                },
                "required": ["name"],
            },
            "Garden": {
                "type": "object",
                "properties": {
                    "plant": plant,
                    "plants": {"type": "array", "maxItems": 7, "items": plant},
                    "tallest": {
                        "description": "The tallest one.",
                        "x-nullable": True,
                        "allOf": [plant],
                    },
                },
                "required": ["plant", "plants", "tallest"],
            },
        }

    def test_without_a_class_of_its_own_an_object_is_written_out(self):
        node = Object(Text(0, 9, name="name"))
        assert converted(node) == {
            "type": "object",
            "properties": {"name": {"type": "string", "maxLength": 9}},
            "required": ["name"],
        }

    def test_have_one_name_each(self):
        other = type(
            "Plant", (Object,), {"name": Text(3, 51), "__doc__": Plant.__doc__}
        )
        converter = SchemaConverter({}, None)
        assert converter(Plant()) == converter(Plant()) == converter(Plant(name="x"))
        with pytest.raises(ConfigurationError, match="are named Plant"):
            converter(other())

    def test_requests_take_no_other_fields(self):
        converter = SchemaConverter({}, None)
        converter.take(Garden())
        # Also answered, by the operations of another path.
        converter(Garden())
        closed = {
            name: definition["additionalProperties"]
            for name, definition in converter.complete_definitions().items()
        }
        assert closed == {"Garden": False, "Plant": False}


@pytest.mark.parametrize(
    ("swagger", "converted"),
    [
        (string(**{"x-nullable": True}), {"type": ["string", "null"]}),
        (
            string(enum=["a"], **{"x-nullable": True}),
            {"type": ["string", "null"], "enum": ["a", None]},
        ),
        (
            {"$ref": "#/definitions/Team", "x-nullable": True},
            {"anyOf": [{"$ref": "#/components/schemas/Team"}, {"type": "null"}]},
        ),
        (string(example="x"), string(examples=["x"])),
    ],
)
def test_json_schema_says_the_same(swagger, converted):
    assert json_schema(swagger) == converted
