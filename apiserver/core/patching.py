"""The steps of a JSON Patch: make the document, apply operations, check all fields."""

import sys
from collections import UserDict
from collections.abc import Callable, Collection, Iterable, Mapping, Set
from enum import Enum
from typing import Any, NamedTuple, Self

import colander
import jsonpatch
import jsonpointer
import orjson

from apiserver.core.bodies import MAX_DEPTH, MAX_MEMBERS, is_deeper, members, openings
from apiserver.core.dump import compile_dump
from apiserver.core.errors import Conflict, ValidationFailed
from apiserver.core.schemas import refusal

LARGEST_DOCUMENT = 64 * 1024

# In the place of a stored value that today's schema refuses, and of a secret.
UNREADABLE = object()


class Room(NamedTuple):
    """How many bytes and members a document may have after an operation."""

    bytes: int
    members: int


class _Missing(Enum):
    """Stands in the document for a secret; an Enum, since those copy to themselves."""

    MISSING = "missing"


MISSING = _Missing.MISSING


class TestFailed(Conflict):
    """A ``test`` operation found another value (RFC 6902 section 4.6)."""

    def __init__(self, index: int) -> None:
        super().__init__(f"The test of operation {index} failed; nothing was changed.")

    @classmethod
    def example(cls) -> Self:
        return cls(0)


def wrong(index: int | str, description: str) -> ValidationFailed:
    return ValidationFailed(("body", str(index), description))


def apply_operation(
    index: int, operation: dict[str, Any], document: Any, room: Room
) -> Any:
    """Apply one operation to the document, which must not outgrow its room."""
    try:
        document = jsonpatch.JsonPatch([operation]).apply(document, in_place=True)
    except jsonpatch.JsonPatchTestFailed:
        raise TestFailed(index) from None
    except (jsonpatch.JsonPatchException, jsonpointer.JsonPointerException):
        raise wrong(index, "Can't be applied: there is nothing at its path.") from None
    # Copies of copies into each other would double it by each operation.
    text = orjson.dumps(document)
    opened = openings(text)
    if len(text) > room.bytes or (
        opened + text.count(b",") > room.members
        and members(document, room.members) > room.members
    ):
        raise wrong(index, "Makes the document too large.")
    if opened > MAX_DEPTH and is_deeper(document, MAX_DEPTH):
        raise wrong(index, f"Nests the document more than {MAX_DEPTH} levels deep.")
    return document


def room_of(document: Any) -> Room:
    """Return how large the document may grow; a large one may grow, too."""
    return Room(
        max(LARGEST_DOCUMENT, 2 * len(orjson.dumps(document))),
        max(MAX_MEMBERS, 2 * members(document, sys.maxsize)),
    )


class UnreadableField(Exception):
    """A validator looks at a field that has no value to compare."""


class Fields(UserDict[str, Any]):
    """The fields of an object, which notes the names of those that are looked at."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        super().__init__(values)
        self.seen: set[str] = set()

    def __getitem__(self, name: str) -> Any:
        self.seen.add(name)
        value = super().__getitem__(name)
        if value is UNREADABLE:
            raise UnreadableField(name)
        return value

    def __contains__(self, name: object) -> bool:
        self.seen.add(str(name))
        return super().__contains__(name)


def check_together(schema: Any, values: Mapping[str, Any], touched: Set[str]) -> None:
    """Run the validators of the whole object; raise ValidationFailed.

    One that has not looked at a touched field judges what was stored before, and one
    that meets an unreadable field can't judge: neither refuses the patch.
    """
    errors: list[tuple[str, str, str]] = []
    for validate in validators(schema):
        fields = Fields(values)
        try:
            validate(schema, fields)
        except UnreadableField:
            continue
        except colander.Invalid as invalid:
            if fields.seen & touched:
                errors += refusal("body", invalid).errors
    if errors:
        raise ValidationFailed(*errors)


def validators(schema: Any) -> Iterable[Callable[[Any, Any], None]]:
    """Return the validators of the object as a whole, one by one."""
    if schema.validator is None:
        return ()
    each: Iterable[Callable[[Any, Any], None]] = getattr(
        schema.validator, "validators", (schema.validator,)
    )
    return each


def stored_value(field: Any, value: Any) -> Any:
    """Return what a validator is shown of stored JSON, as far as its type is right."""
    try:
        return typed(field).deserialize(colander.null if value is None else value)
    except colander.Invalid:
        return UNREADABLE


def typed(node: Any) -> Any:
    """Return a copy of the node that looks at types alone."""
    copied = node.clone()
    copied.validator = None
    copied.children = [typed(child) for child in node.children]
    return copied


def document_of(fields: Collection[Any], entity: Any) -> dict[str, Any]:
    """Return the fields of the entity as JSON, without its secrets."""
    readable = {
        field.name: dumped(field, getattr(entity, field.name))
        for field in fields
        if is_readable(field)
    }
    secret = [f.name for f in fields if not (is_readable(f) or is_virtual(f))]
    document: dict[str, Any] = orjson.loads(orjson.dumps(readable))
    return {**document, **dict.fromkeys(secret, MISSING)}


def is_readable(field: Any) -> bool:
    return not getattr(field, "secret", False) and not is_virtual(field)


def is_virtual(field: Any) -> bool:
    return bool(getattr(field, "virtual", False))


def dumped(field: Any, value: Any) -> Any:
    """Return a stored value as JSON; a missing list or object is null."""
    return None if value is None else compile_dump(field)(value)


def first_part(pointer: str) -> str:
    part: str = jsonpointer.JsonPointer(pointer).parts[0]
    return part
