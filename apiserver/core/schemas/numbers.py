"""Fields of exact decimal numbers, and of floating point numbers."""

import re
import sys
from decimal import Decimal as Exact

import colander

from apiserver.core.schemas.fields import Checks, Field, Pattern, Range
from apiserver.core.schemas.types import StringType
from apiserver.core.typing import Json

# The most digits that SQLite can store exactly (``core.db``'s ExactNumeric).
MOST_DIGITS = 18

_DECIMAL = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?")
_NUMBER = re.compile(r"-?[0-9]{1,400}(?:\.[0-9]{1,400})?(?:[Ee][+-]?[0-9]{1,4})?")
A_NUMBER = "Must be a number."
A_DECIMAL = 'Must be a decimal number in a string, such as "10.50".'


class DecimalType(StringType):
    """A JSON string of a number with ``digits``, ``places`` of them decimal places.

    A JSON number would lose some, since most programs read it as a floating point
    number. It is serialized with all decimal places: "10.50".
    """

    def __init__(self, digits: int, places: int) -> None:
        super().__init__()
        if not 0 <= places <= digits <= MOST_DIGITS:
            raise TypeError(f"A decimal number has at most {MOST_DIGITS} digits.")
        self.whole, self.places = digits - places, places

    def deserialize(self, node: colander.SchemaNode, value: Json) -> Json:
        if value is colander.null:
            return value
        if not isinstance(value, str) or not _DECIMAL.fullmatch(value):
            raise colander.Invalid(node, A_DECIMAL)
        whole, _, fraction = value.removeprefix("-").partition(".")
        if whole != "0" and len(whole) > self.whole:
            raise colander.Invalid(node, most_digits(self.whole, "before the point"))
        if len(fraction) > self.places:
            raise colander.Invalid(node, most_digits(self.places, "behind the point"))
        return Exact(value).quantize(Exact(1).scaleb(-self.places)) + 0

    def dump(self, value: Exact) -> str:
        return f"{value:.{self.places}f}"


class NumberType(colander.Float):
    """A JSON number, as a 64-bit floating point number; not a boolean."""

    def deserialize(self, node: colander.SchemaNode, value: Json) -> Json:
        if value is colander.null:
            return value
        if type(value) not in {int, float} or abs(value) > sys.float_info.max:
            raise colander.Invalid(node, A_NUMBER)
        # No negative zero.
        return float(value) + 0.0

    def from_text(self, text: str) -> Json:
        return float(text) if _NUMBER.fullmatch(text) else text


class Number(Field):
    """A number that need not be exact: a measurement, a coordinate, a share."""

    def __init__(
        self, least: float | None = None, greatest: float | None = None, **kw: object
    ) -> None:
        kw = {"format": "double", "example": least or 0.5, **kw}
        super().__init__(NumberType(), validator=Range(least, greatest), **kw)


class Decimal(Field):
    """An exact number of up to ``digits`` digits, ``places`` of them decimal places.

    ``least`` and ``greatest`` are limits; the values are ``decimal.Decimal``.
    """

    def __init__(
        self,
        digits: int,
        places: int,
        *,
        least: Exact | int | None = None,
        greatest: Exact | int | None = None,
        **kw: object,
    ) -> None:
        typ = DecimalType(digits, places)
        kw.setdefault("example", typ.dump(Exact(least or 0)))
        kw["description"] = about(kw.get("description"), least, greatest)
        validator = Checks(Pattern(pattern(typ)), Range(least, greatest))
        super().__init__(typ, validator=validator, **kw)


def pattern(typ: DecimalType) -> str:
    """Return the regular expression for the texts that the type accepts."""
    whole = f"(0|[1-9][0-9]{{0,{typ.whole - 1}}})" if typ.whole else "0"
    return f"^-?{whole}(\\.[0-9]{{1,{typ.places}}})?$" if typ.places else f"^-?{whole}$"


def most_digits(number: int, where: str) -> str:
    plural = "" if number == 1 else "s"
    return f"Must have at most {number} digit{plural} {where}."


def about(description: object, least: object, greatest: object) -> str:
    """Return the description with the limits, which the schema of a text can't have."""
    sentences = [description] if description else []
    if least is not None:
        sentences.append(f"At least {least}.")
    if greatest is not None:
        sentences.append(f"At most {greatest}.")
    return " ".join(map(str, sentences))
