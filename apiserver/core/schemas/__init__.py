"""What JSON may contain: strict fields, validation, serialization, patches.

Independent of requests.
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
from apiserver.core.schemas.free import FreeJson
from apiserver.core.schemas.identifiers import Url, Uuid
from apiserver.core.schemas.numbers import Decimal, Number
from apiserver.core.schemas.patch import Patch, TestFailed
from apiserver.core.schemas.references import Reference
from apiserver.core.schemas.times import Date, Duration, Moment, Time
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
    "Duration",
    "Email",
    "Flag",
    "FreeJson",
    "Id",
    "Length",
    "List",
    "ListType",
    "Moment",
    "Name",
    "Number",
    "Object",
    "Opaque",
    "Patch",
    "Reference",
    "Set",
    "SpelledType",
    "StringType",
    "TestFailed",
    "Text",
    "Time",
    "Url",
    "Uuid",
    "Whole",
    "plain",
    "read_text",
    "shorten",
    "validated",
]
