"""What JSON may hold: strict fields, how a value is validated, dumped and patched.

Knows no request.
"""

from apiserver.core.schemas.dump import compile_dump
from apiserver.core.schemas.fields import (
    Checks,
    Choice,
    Email,
    Flag,
    Id,
    Length,
    List,
    Moment,
    Name,
    Object,
    Opaque,
    Set,
    Text,
    Whole,
    plain,
)
from apiserver.core.schemas.patch import (
    JSON_PATCH,
    LARGEST_DOCUMENT,
    MOST_OPERATIONS,
    OPERATIONS,
    Patch,
    TestFailed,
)
from apiserver.core.schemas.types import (
    BooleanType,
    IntegerType,
    ListType,
    ObjectType,
    SpelledType,
    StringType,
)
from apiserver.core.schemas.validation import read_text, shorten, validated
from apiserver.core.schemas.visible import HIDDEN, hides_something, is_blank

__all__ = [
    "HIDDEN",
    "JSON_PATCH",
    "LARGEST_DOCUMENT",
    "MOST_OPERATIONS",
    "OPERATIONS",
    "BooleanType",
    "Checks",
    "Choice",
    "Email",
    "Flag",
    "Id",
    "IntegerType",
    "Length",
    "List",
    "ListType",
    "Moment",
    "Name",
    "Object",
    "ObjectType",
    "Opaque",
    "Patch",
    "Set",
    "SpelledType",
    "StringType",
    "TestFailed",
    "Text",
    "Whole",
    "compile_dump",
    "hides_something",
    "is_blank",
    "plain",
    "read_text",
    "shorten",
    "validated",
]
