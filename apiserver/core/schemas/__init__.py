"""What JSON may hold: strict fields, how a value is validated, dumped and patched.

Knows no request.
"""

from apiserver.core.schemas.fields import (
    Checks,
    Choice,
    Email,
    Flag,
    Id,
    Length,
    List,
    Name,
    Object,
    Opaque,
    Set,
    Text,
    Whole,
    plain,
)
from apiserver.core.schemas.numbers import Decimal
from apiserver.core.schemas.patch import Patch, TestFailed
from apiserver.core.schemas.times import Date, Moment
from apiserver.core.schemas.types import BooleanType, ListType, SpelledType, StringType
from apiserver.core.schemas.validation import read_text, shorten, validated
from apiserver.core.schemas.visible import HIDDEN

__all__ = [
    "HIDDEN",
    "BooleanType",
    "Checks",
    "Choice",
    "Date",
    "Decimal",
    "Email",
    "Flag",
    "Id",
    "Length",
    "List",
    "ListType",
    "Moment",
    "Name",
    "Object",
    "Opaque",
    "Patch",
    "Set",
    "SpelledType",
    "StringType",
    "TestFailed",
    "Text",
    "Whole",
    "plain",
    "read_text",
    "shorten",
    "validated",
]
