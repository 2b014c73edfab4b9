"""Schema nodes: what a field may hold, for validation and documentation alike."""

import unicodedata
from collections.abc import Callable, Hashable, Iterable, Sequence, Sized
from copy import copy
from enum import Enum
from typing import Any, Self

import colander
import email_validator

from apiserver.core.schemas.types import (
    BooleanType,
    EnumType,
    IntegerType,
    ListType,
    ObjectType,
    SpelledType,
    StringType,
)
from apiserver.core.schemas.visible import hides_something, is_blank

LARGEST_INTEGER = 2**63 - 1
LONGEST_EMAIL = 120


# It raises colander.Invalid for the node.
Validator = Callable[[colander.SchemaNode, Any], None]


class Object(colander.Schema):
    """Base of the schemas: a JSON object.

    ::

        class TeamCreate(Object):
            title = Text(3, 50, description="What the team is called.")
    """

    schema_type = ObjectType


def plain(node: colander.SchemaNode, value: str) -> None:
    """Refuse control characters, and lone surrogates, which no database stores."""
    if any(unicodedata.category(char) in {"Cc", "Cs"} for char in value):
        raise colander.Invalid(node, "Must not contain control characters.")


def visible(node: colander.SchemaNode, value: str) -> None:
    """Refuse what hides in a text, and a text in which there is nothing to see."""
    # Nothing hides in printable ASCII, of which most texts are.
    if not (value.isascii() and value.isprintable()):
        plain(node, value)
        if hides_something(value):
            raise colander.Invalid(node, "Must not contain invisible characters.")
    if value and is_blank(value):
        raise colander.Invalid(node, "Must not be only whitespace.")


class Pattern(colander.Regex):
    """What other validators of the node refuse, as the documents can say it."""

    def __call__(self, node: colander.SchemaNode, value: str) -> None:
        """Leave it to them."""


# Of texts for people: what is there must be seen. It begins by ^, since of those who
# read it in the documents some search by it, and some match the beginning.
VISIBLE = Pattern(r"^($|\s*\S)")


class Length(colander.Length):
    """Length in characters, or in items of a list."""

    def __call__(self, node: colander.SchemaNode, value: Sized) -> None:
        if len(value) < (self.min or 0):
            raise colander.Invalid(node, f"Must {long(value, 'least', self.min)}.")
        if self.max is not None and len(value) > self.max:
            raise colander.Invalid(node, f"Must {long(value, 'most', self.max)}.")


def long(value: Sized, limit: str, number: int) -> str:
    """Return "be at least 3 characters long", or "have at least 3 items" for a list."""
    plural = "" if number == 1 else "s"
    if isinstance(value, str):
        return f"be at {limit} {number} character{plural} long"
    return f"have at {limit} {number} item{plural}"


class Range(colander.Range):
    """Least and greatest value; None is no limit. ``said`` are they as JSON is."""

    def __init__(self, least: Any, greatest: Any, said: Sequence[object] = ()) -> None:
        super().__init__(least, greatest)
        self.said = said or (least, greatest)

    def __call__(self, node: colander.SchemaNode, value: object) -> None:
        if self.min is not None and value < self.min:
            raise colander.Invalid(node, f"Must be at least {self.said[0]}.")
        if self.max is not None and value > self.max:
            raise colander.Invalid(node, f"Must be at most {self.said[1]}.")


class OneOf(colander.OneOf):
    """One of the given values."""

    def __call__(self, node: colander.SchemaNode, value: object) -> None:
        if value not in self.choices and not isinstance(value, Enum):
            choices = ", ".join(map(str, self.choices))
            raise colander.Invalid(node, f"Must be one of {choices}.")


class Checks(colander.All):
    """Validators in turn, the first of which knows how long the value may be.

    None looks at what one before it refuses: it may take long for what is long, and one
    reason is enough.
    """

    def __call__(self, node: colander.SchemaNode, value: object) -> None:
        for validate in self.validators:
            validate(node, value)


class Field(colander.SchemaNode):
    """A node that is made by what its class says of it."""

    def clone(self) -> Self:
        """Copy it: Colander would make another only by the type."""
        cloned = copy(self)
        cloned.children = [child.clone() for child in self.children]
        return cloned


class Text(Field):
    """A line of ``shortest`` to ``longest`` characters.

    All of it can be seen. What joins letters, or makes an emoji, is part of the text.
    Only where it may be ``blank`` it may be whitespace and nothing else.
    """

    def __init__(
        self,
        shortest: int,
        longest: int,
        *validators: Validator,
        blank: bool = True,
        **kw: object,
    ) -> None:
        seen = (visible,) if blank else (visible, VISIBLE)
        validator = Checks(Length(shortest, longest), *seen, *validators)
        super().__init__(StringType(), validator=validator, **kw)


class Name(Field):
    """Text of up to ``longest`` characters by which something is found.

    It is kept as ``spell`` returns it, and so is what ``validators`` are given.
    """

    def __init__(
        self,
        longest: int,
        spell: Callable[[str], str],
        *validators: Validator,
        **kw: object,
    ) -> None:
        validator = Checks(Length(1, longest), visible, *validators)
        super().__init__(SpelledType(longest, spell), validator=validator, **kw)


class Opaque(Field):
    """Text that nobody reads: any characters but control characters."""

    def __init__(
        self, shortest: int, longest: int, *validators: Validator, **kw: object
    ) -> None:
        validator = Checks(Length(shortest, longest), plain, *validators)
        super().__init__(StringType(), validator=validator, **kw)


class Choice(Field):
    """One of the given words, or of the values of an enum.

    Of an enum the value is the member: ``Choice(Status)``.
    """

    def __init__(self, *choices: str | type[Enum], **kw: object) -> None:
        words: Iterable[object] = choices
        typ = StringType()
        if isinstance(choices[0], type):
            typ = EnumType(choices[0])
            words = typ.members
        super().__init__(typ, validator=OneOf(words), **kw)


def spell_email(value: str) -> str:
    """Return the address with its domain in Unicode, by UTS 46, and in lower case.

    The domain need not exist, and may be localhost. Raises ValueError for no address.
    """
    is_local = value.endswith("@localhost")
    address = f"{value}.com" if is_local else value
    found = email_validator.validate_email(address, check_deliverability=False)
    return found.normalized.removesuffix(".com") if is_local else found.normalized


def is_email(node: colander.SchemaNode, value: str) -> None:
    try:
        spell_email(value)
    except email_validator.EmailNotValidError:
        raise colander.Invalid(node, "Must be an email address.") from None


class Email(Name):
    """An email address of up to 120 characters."""

    def __init__(self, *validators: Validator, **kw: object) -> None:
        kw = {"format": "idn-email", **kw}
        super().__init__(LONGEST_EMAIL, spell_email, is_email, *validators, **kw)


class Whole(Field):
    """A whole number."""

    def __init__(self, least: int, greatest: int, **kw: object) -> None:
        super().__init__(IntegerType(), validator=Range(least, greatest), **kw)


class Id(Whole):
    """The id of an object."""

    def __init__(self, **kw: object) -> None:
        kw = {"example": 1, "format": "int64", **kw}
        super().__init__(1, LARGEST_INTEGER, **kw)


class Flag(Field):
    """True or false."""

    def __init__(self, **kw: object) -> None:
        super().__init__(BooleanType(), **kw)


class List(Field):
    """A list of the item."""

    def __init__(
        self, item: colander.SchemaNode, longest: int | None = None, **kw: object
    ) -> None:
        self.longest = longest
        validator = Length(0, longest) if longest is not None else None
        super().__init__(ListType(), item, validator=validator, **kw)


def distinct(node: colander.SchemaNode, value: list[Hashable]) -> None:
    """Refuse a list that holds something twice."""
    if len(set(value)) < len(value):
        raise colander.Invalid(node, "Must not contain duplicate items.")


class Set(Field):
    """A list of the item, a text or number, that has none twice."""

    distinct = True

    def __init__(self, item: colander.SchemaNode, longest: int, **kw: object) -> None:
        if isinstance(item.typ, colander.Mapping | colander.Sequence):
            raise TypeError("The items of a Set are values, and no objects or lists.")
        validator = Checks(Length(0, longest), distinct)
        super().__init__(ListType(), item, validator=validator, **kw)
