"""Colander's types, made strict.

Its own are lenient: they accept ``"foo"`` as a boolean, ``1_0`` as a number, null as
absent, and repeat the input in their messages. These accept only the JSON type, reject
unknown fields, and don't repeat the input. ``from_text`` parses a value of a form;
``dump`` converts a value for orjson, if necessary.
"""

import re
from collections.abc import Callable, Iterable
from decimal import Decimal
from enum import Enum

import colander

from apiserver.core.typing import Json

NO_SUCH_FIELD = "Unknown field."

# Python itself parses up to 4,300 digits; the node's validator checks the range.
_INTEGER = re.compile(r"-?[0-9]{1,4000}")
# With a fraction or an exponent it may be a whole number, too (JSON Schema 6.1.1).
_NUMBER = re.compile(r"-?[0-9]{1,300}(\.[0-9]{1,300})?([Ee]\+?[0-9]{1,3})?")
# Floating point numbers below are exact.
EXACT = 2**53


class StringType(colander.String):
    """A JSON string."""

    def deserialize(self, node: colander.SchemaNode, value: Json) -> Json:
        if value is not colander.null and not isinstance(value, str):
            raise colander.Invalid(node, "Must be a string.")
        return value

    def from_text(self, text: str) -> Json:
        return text


class EnumType(StringType):
    """A JSON string that is the value of an enum's member, which it becomes.

    Other text is unchanged, and rejected by the node's validator.
    """

    def __init__(self, kind: type[Enum]) -> None:
        super().__init__()
        self.members = {str(member.value): member for member in kind}

    def deserialize(self, node: colander.SchemaNode, value: Json) -> Json:
        text = super().deserialize(node, value)
        return self.members.get(text, text)

    def dump(self, value: Enum | str) -> str:
        return str(value.value) if isinstance(value, Enum) else value


class SpelledType(StringType):
    """A JSON string that ``spell`` normalizes.

    A text that is longer than ``longest``, or for which ``spell`` raises ValueError, is
    unchanged, and rejected by the node's validators.
    """

    def __init__(self, longest: int, spell: Callable[[str], str]) -> None:
        super().__init__()
        self.longest = longest
        self.spell = spell

    def deserialize(self, node: colander.SchemaNode, value: Json) -> Json:
        text = super().deserialize(node, value)
        if text is colander.null or len(text) > self.longest:
            return text
        try:
            return self.spell(text)
        except ValueError:
            return text


class IntegerType(colander.Integer):
    """A JSON number without a fraction, such as 2, 2.0 or 2e0; not a boolean."""

    def deserialize(self, node: colander.SchemaNode, value: Json) -> Json:
        if isinstance(value, float) and value.is_integer() and abs(value) < EXACT:
            return int(value)
        if value is not colander.null and type(value) is not int:
            raise colander.Invalid(node, "Must be an integer.")
        return value

    def from_text(self, text: str) -> Json:
        if _INTEGER.fullmatch(text):
            return int(text)
        number = Decimal(text) if _NUMBER.fullmatch(text) else None
        is_whole = number is not None and number == number.to_integral_value()
        return int(number) if number is not None and is_whole else text


class BooleanType(colander.Boolean):
    """A JSON boolean."""

    def deserialize(self, node: colander.SchemaNode, value: Json) -> Json:
        if value is not colander.null and type(value) is not bool:
            raise colander.Invalid(node, "Must be true or false.")
        return value

    def from_text(self, text: str) -> Json:
        return {"true": True, "false": False}.get(text, text)


class ListType(colander.Sequence):
    """A JSON array."""

    def deserialize(self, node: colander.SchemaNode, value: Json) -> Json:
        if value is colander.null:
            return value
        if not isinstance(value, list):
            raise colander.Invalid(node, "Must be a list.")
        return collect(
            node,
            ((index, node.children[0], item) for index, item in enumerate(value)),
            list,
        )


class ObjectType(colander.Mapping):
    """A JSON object with exactly the fields of the schema."""

    def deserialize(self, node: colander.SchemaNode, value: Json) -> Json:
        if value is colander.null:
            return value
        if not isinstance(value, dict):
            raise colander.Invalid(node, "Must be an object.")
        named = {child.name for child in node.children}
        unknown = [UnknownField(name=name) for name in value if name not in named]
        fields = [*node.children, *unknown]
        return collect(
            node,
            (
                (index, child, value.get(child.name, colander.null))
                for index, child in enumerate(fields)
            ),
            lambda values: {
                child.name: item
                for child, item in zip(fields, values, strict=True)
                if item is not colander.drop
            },
        )


def collect(
    node: colander.SchemaNode,
    fields: Iterable[tuple[int, colander.SchemaNode, Json]],
    build: Callable[[list[Json]], Json],
) -> Json:
    """Deserialize each ``(index, node, value)``; raise all errors together."""
    values = []
    errors = colander.Invalid(node)
    for index, child, value in fields:
        try:
            values.append(deserialized(child, value))
        except colander.Invalid as error:
            errors.add(error, index)
    if errors.children:
        raise errors
    return build(values)


def is_nullable(node: colander.SchemaNode) -> bool:
    return bool(getattr(node, "nullable", False))


def deserialized(node: colander.SchemaNode, value: Json) -> Json:
    """Deserialize a value; None for an accepted null."""
    if value is None and is_nullable(node):
        return None
    return node.deserialize(value)


class UnknownField(colander.SchemaNode):
    """The node of a field that the schema doesn't have."""

    schema_type = StringType

    def deserialize(self, value: Json) -> Json:
        raise colander.Invalid(self, NO_SUCH_FIELD)
