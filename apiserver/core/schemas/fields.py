"""Fields: schema nodes for both validation and documentation."""

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


# Raises colander.Invalid for the node.
Validator = Callable[[colander.SchemaNode, Any], None]


class Object(colander.Schema):
    """Base of the schemas: a JSON object.

    ::

        class TeamCreate(Object):
            title = Text(3, 50, description="What the team is called.")
    """

    schema_type = ObjectType


def plain(node: colander.SchemaNode, value: str) -> None:
    """Reject control characters, and lone surrogates, which no database stores."""
    if any(unicodedata.category(char) in {"Cc", "Cs"} for char in value):
        raise colander.Invalid(node, "Must not contain control characters.")


def visible(node: colander.SchemaNode, value: str) -> None:
    """Reject invisible characters, and text without visible ones."""
    # A fast path: most texts are printable ASCII.
    if not (value.isascii() and value.isprintable()):
        plain(node, value)
        if hides_something(value):
            raise colander.Invalid(node, "Must not contain invisible characters.")
    if value and is_blank(value):
        raise colander.Invalid(node, "Must not be only whitespace.")


class Pattern(colander.Regex):
    """The documented pattern of what other validators of the node check."""

    def __call__(self, node: colander.SchemaNode, value: str) -> None:
        """Do nothing: others validate."""


# The pattern of visible text. It begins with ^, since some readers of the documents
# search for a pattern, and others match from the beginning.
VISIBLE = Pattern(r"^($|\s*\S)")


class Length(colander.Length):
    """A length in characters, or in items of a list."""

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
    """The least and greatest value, or None; ``said`` are the limits in JSON."""

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
    """Several validators in turn, the first of which limits the length.

    After an error the others are skipped: they may be slow for long values, and one
    reason is enough.
    """

    def __call__(self, node: colander.SchemaNode, value: object) -> None:
        for validate in self.validators:
            validate(node, value)


class Field(colander.SchemaNode):
    """A node that its class configures."""

    def clone(self) -> Self:
        """Copy the node: Colander would create a new one from its type alone."""
        cloned = copy(self)
        cloned.children = [child.clone() for child in self.children]
        return cloned


class Text(Field):
    """A line of ``shortest`` to ``longest`` characters, without invisible ones.

    Characters that join letters, or emoji, are allowed there. Unless it may be
    ``blank``, it must not be only whitespace.
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
    """Text of up to ``longest`` characters that identifies something.

    ``spell`` normalizes it, before it is stored and passed to ``validators``.
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
    """Text that isn't displayed: any characters but control characters."""

    def __init__(
        self, shortest: int, longest: int, *validators: Validator, **kw: object
    ) -> None:
        validator = Checks(Length(shortest, longest), plain, *validators)
        super().__init__(StringType(), validator=validator, **kw)


class Choice(Field):
    """One of the given words, or a member of an enum: ``Choice(Status)``.

    The value is then the member.
    """

    def __init__(self, *choices: str | type[Enum], **kw: object) -> None:
        words: Iterable[object] = choices
        typ = StringType()
        if isinstance(choices[0], type):
            typ = EnumType(choices[0])
            words = typ.members
        super().__init__(typ, validator=OneOf(words), **kw)


def spell_email(value: str) -> str:
    """Return the address in lower case, with its domain in Unicode (UTS 46).

    The domain need not exist, and may be localhost. Raises ValueError if it is invalid.
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
    """Reject a list with duplicates."""
    if len(set(value)) < len(value):
        raise colander.Invalid(node, "Must not contain duplicate items.")


class Set(Field):
    """A list without duplicates; the item is a text or number."""

    distinct = True

    def __init__(self, item: colander.SchemaNode, longest: int, **kw: object) -> None:
        if isinstance(item.typ, colander.Mapping | colander.Sequence):
            raise TypeError("The items of a Set are values, and no objects or lists.")
        validator = Checks(Length(0, longest), distinct)
        super().__init__(ListType(), item, validator=validator, **kw)
