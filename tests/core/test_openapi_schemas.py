"""Schemas in the document: definitions, limits, formats, defaults."""

import colander
import pytest
from pyramid.exceptions import ConfigurationError

from apiserver.core.openapi import SchemaConverter
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


class TestNodes:
    @pytest.mark.parametrize(
        ("node", "schema"),
        [
            (Text(0, 30), {"type": "string", "maxLength": 30}),
            (
                Text(1, 80, description="Its name.", example="Rose"),
                {
                    "type": "string",
                    "minLength": 1,
                    "maxLength": 80,
                    "description": "Its name.",
                    "example": "Rose",
                },
            ),
            (
                Email(),
                {
                    "type": "string",
                    "format": "idn-email",
                    "minLength": 1,
                    "maxLength": 120,
                },
            ),
            (
                Text(1, 9, secret=True),
                {
                    "type": "string",
                    "format": "password",
                    "minLength": 1,
                    "maxLength": 9,
                },
            ),
            (Choice("a", "b"), {"type": "string", "enum": ["a", "b"]}),
            (Id(), INTEGER),
            (Whole(0, 100), {"type": "integer", "minimum": 0, "maximum": 100}),
            (
                Whole(0, 2**40),
                {
                    "type": "integer",
                    "format": "int64",
                    "minimum": 0,
                    "maximum": 2**40,
                },
            ),
            (Flag(), {"type": "boolean"}),
            (Moment(), MOMENT),
            (
                List(Choice("a"), longest=3),
                {
                    "type": "array",
                    "maxItems": 3,
                    "items": {"type": "string", "enum": ["a"]},
                },
            ),
        ],
    )
    def test_have_limits_and_formats(self, node, schema):
        assert converted(node) == schema

    def test_nullable_is_said(self):
        node = Text(0, 9, nullable=True)
        assert converted(node) == {"type": "string", "maxLength": 9, "x-nullable": True}

    @pytest.mark.parametrize(
        ("missing", "default"), [("", ""), (7, 7), (False, False), (("a",), ["a"])]
    )
    def test_default_is_what_is_taken_for_a_missing_value(self, missing, default):
        schema = converted(Text(0, 9, missing=missing))
        assert schema == {"type": "string", "maxLength": 9, "default": default}

    @pytest.mark.parametrize(
        "missing", [None, colander.drop, colander.required, colander.deferred(print)]
    )
    def test_default_that_is_no_json_is_left_out(self, missing):
        schema = converted(Text(0, 9, missing=missing))
        assert schema == {"type": "string", "maxLength": 9}

    def test_type_of_a_feature_is_converted_as_its_base(self):
        class Colour(StringType):
            pass

        node = colander.SchemaNode(Colour(), description="Of the leaves.")
        assert converted(node) == {"type": "string", "description": "Of the leaves."}

    def test_type_of_which_nothing_is_known_is_any_value(self):
        class Anything(colander.SchemaType):
            pass

        assert converted(colander.SchemaNode(Anything())) == {}
        node = colander.SchemaNode(Anything(), description="Whatever you like.")
        assert converted(node) == {"description": "Whatever you like."}


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

    def test_two_that_are_the_same_are_one(self):
        converter = SchemaConverter({}, None)
        assert converter(Plant()) == converter(Plant()) == converter(Plant(name="x"))

    def test_two_that_differ_must_not_have_one_name(self):
        other = type(
            "Plant", (Object,), {"name": Text(3, 51), "__doc__": Plant.__doc__}
        )
        converter = SchemaConverter({}, None)
        converter(Plant())
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
