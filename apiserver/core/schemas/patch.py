"""PATCH by JSON Patch (RFC 6902), on the fields of a schema.

The target document has exactly the schema's fields, so nothing else can be reached. The
fields that operations write are validated by the same schema, completely or not at all.
Other fields never make a patch fail: they may have been stored before the schema became
stricter.

Two kinds of fields are special. A ``secret`` one (a password) can be written, but not
read, copied or tested. A ``virtual`` one (``current_password``) is not part of the
document: it can only be tested, and the view gets the value.
"""

import copy
import sys
from collections.abc import Callable, Iterator
from typing import NamedTuple, Self

import colander
import jsonpatch
import jsonpointer
import orjson

from apiserver.core.http.bodies import (
    MAX_DEPTH,
    MAX_MEMBERS,
    is_deeper,
    members,
    openings,
)
from apiserver.core.http.errors import Conflict, ValidationFailed
from apiserver.core.schemas.stored import (
    UNREADABLE,
    as_stored,
    check_together,
    completed,
    document_of,
    field_at,
    is_readable,
    is_virtual,
    stored_value,
)
from apiserver.core.schemas.types import ObjectType
from apiserver.core.schemas.validation import shorten, validated
from apiserver.core.typing import Fragment, Json

JSON_PATCH = "application/json-patch+json"
OPERATIONS = ("add", "remove", "replace", "move", "copy", "test")
MOST_OPERATIONS = 100


# A location, a name, and the error.
Error = tuple[str, str, str]
# A field, its JSON before the patch, and its value after it.
CheckReferences = Callable[[colander.SchemaNode, Json, Json], list[Error]]


class Patch:
    """A well-formed JSON Patch, not applied yet.

    Raises ValidationFailed, which names the operation, for malformed operations and
    fields that can't be patched. ``check_references`` returns the errors of references
    that the patch has added to a field.
    """

    check_references: CheckReferences | None = None

    def __init__(self, schema: colander.SchemaNode, operations: Json) -> None:
        if not isinstance(operations, list) or len(operations) > MOST_OPERATIONS:
            raise wrong("", f"Must be a list of up to {MOST_OPERATIONS} operations.")
        self.schema = schema
        self.fields = {child.name: child for child in schema.children}
        self.operations: list[tuple[int, Fragment]] = []
        # The names of the written fields.
        self.written: set[str] = set()
        self.tested: Fragment = {}
        for index, operation in enumerate(operations):
            self.check(index, operation)

    def check(self, index: int, operation: Json) -> None:
        """Check one operation."""
        if not isinstance(operation, dict) or operation.get("op") not in OPERATIONS:
            raise wrong(
                index, f"Must be an object whose op is one of {', '.join(OPERATIONS)}."
            )
        op = operation["op"]
        target = self.field(index, operation, "path")
        if op in {"add", "replace", "test"} and "value" not in operation:
            raise wrong(index, f"The {op} operation requires a value.")
        if op in {"move", "copy"}:
            self.take_source(index, operation)
        if is_virtual(target):
            self.take_test(index, operation, target)
            return
        if op != "test":
            self.written.add(target.name)
        elif not is_readable(target):
            raise wrong(index, f"The field {target.name} can't be read.")
        self.operations.append((index, operation))

    def take_source(self, index: int, operation: Fragment) -> None:
        """Note the field that an operation moves; reject one that it must not read."""
        source = self.field(index, operation, "from")
        if not is_readable(source):
            raise wrong(index, f"The field {source.name} can't be read.")
        if operation["op"] == "move":
            self.written.add(source.name)

    def take_test(
        self, index: int, operation: Fragment, field: colander.SchemaNode
    ) -> None:
        """Note the value of a virtual field's only test, which must precede changes."""
        if operation["op"] != "test" or operation["path"] != f"/{field.name}":
            raise wrong(index, f"The field {field.name} can only be tested.")
        if field.name in self.tested or any(
            other["op"] != "test" for _, other in self.operations
        ):
            raise wrong(
                index, f"The test of {field.name} must come first, and only once."
            )
        self.tested[field.name] = operation["value"]

    def field(self, index: int, operation: Fragment, key: str) -> colander.SchemaNode:
        """Return the field of a pointer; reject pointers to anything else."""
        pointer = operation.get(key)
        if not isinstance(pointer, str):
            raise wrong(index, f"The {operation['op']} operation requires a {key}.")
        if pointer.count("/") > MAX_DEPTH:
            raise wrong(index, f"The {key} is more than {MAX_DEPTH} levels deep.")
        try:
            parts = jsonpointer.JsonPointer(pointer).parts
        except jsonpointer.JsonPointerException:
            parts = []
        field = self.fields.get(parts[0]) if parts else None
        if field is None:
            known = ", ".join(f"/{name}" for name in self.fields)
            raise wrong(index, f"No field at {shorten(pointer)!r}. Fields are {known}.")
        return field

    @property
    def is_empty(self) -> bool:
        """Whether there are no operations (RFC 6902 section 3 allows that)."""
        return not self.operations and not self.tested

    def apply(self, entity: object) -> Fragment:
        """Return the new values of the changed fields, validated.

        Raises Conflict for a failed ``test``, ValidationFailed for a result that the
        schema rejects or an operation on a missing value.
        """
        before = document_of(self.fields.values(), entity)
        document: Json = copy.deepcopy(before)
        for index, operation in self.operations:
            if operation["op"] == "test":
                operation = self.by_value(operation, document)
            document = apply_operation(index, operation, document, before)
        after = self.validated(before, document)
        if self.check_references is not None:
            self.refuse_references(self.check_references, before, after)
        return {
            name: value
            for name, value in after.items()
            # A removed field gets its default.
            if as_stored(self.fields[name], document.get(name, value)) != before[name]
        }

    def refuse_references(
        self, check: CheckReferences, before: Fragment, after: Fragment
    ) -> None:
        errors = [
            error
            for name, value in after.items()
            for error in check(self.fields[name], before[name], value)
        ]
        if errors:
            raise ValidationFailed(*errors)

    def values(self) -> Iterator[tuple[colander.SchemaNode | None, Json]]:
        """Yield the values that operations write, each with its node."""
        for _, operation in self.operations:
            if operation["op"] in {"add", "replace"}:
                name, *parts = jsonpointer.JsonPointer(operation["path"]).parts
                yield field_at(self.fields[name], parts), operation["value"]

    def by_value(self, operation: Fragment, document: Fragment) -> Fragment:
        """Return the test with normalized values, and normalize the field, too.

        So 12:00Z is equal to 13:00+01:00, and "10.5" to "10.50".
        """
        name, *parts = jsonpointer.JsonPointer(operation["path"]).parts
        if name in document:
            document[name] = as_stored(self.fields[name], document[name])
        node = field_at(self.fields[name], parts)
        return {**operation, "value": as_stored(node, operation["value"])}

    def validated(self, before: Fragment, document: Fragment) -> Fragment:
        """Return the values of the written fields; raise ValidationFailed."""
        written = [f for name, f in self.fields.items() if name in self.written]
        present = {f.name: document[f.name] for f in written if f.name in document}
        schema = colander.SchemaNode(ObjectType(), *written)
        present = completed(schema, present)
        after: Fragment = validated(schema, "body", present)
        if self.schema.validator is not None:
            stored = {
                field.name: stored_value(field, before[field.name])
                if is_readable(field)
                else UNREADABLE
                for field in self.fields.values()
                if field not in written
            }
            check_together(self.schema, {**stored, **after}, self.written)
        return after


LARGEST_DOCUMENT = 64 * 1024


class Room(NamedTuple):
    """How many bytes and members a document may have after an operation."""

    bytes: int
    members: int


class TestFailed(Conflict):
    """A ``test`` operation found another value (RFC 6902 section 4.6)."""

    def __init__(self, index: int) -> None:
        super().__init__(f"The test in operation {index} failed; nothing was changed.")

    @classmethod
    def example(cls) -> Self:
        return cls(0)


def wrong(index: int | str, description: str) -> ValidationFailed:
    return ValidationFailed(("body", str(index), description))


def apply_operation(
    index: int, operation: Fragment, document: Json, before: Fragment
) -> Json:
    """Apply one operation to the document, which was this before the first one."""
    make = jsonpatch.JsonPatch.operations[operation["op"]]
    try:
        document = make(operation).apply(document)
    except jsonpatch.JsonPatchTestFailed:
        raise TestFailed(index) from None
    except (jsonpatch.JsonPatchException, jsonpointer.JsonPointerException):
        raise wrong(index, "Can't be applied: its path does not exist.") from None
    # Otherwise each copy of a copy could double its size.
    text = orjson.dumps(document)
    opened = openings(text)
    if len(text) > LARGEST_DOCUMENT or opened + text.count(b",") > MAX_MEMBERS:
        refuse_growth(index, len(text), document, room_of(before))
    if opened > MAX_DEPTH and is_deeper(document, MAX_DEPTH):
        raise wrong(index, f"Nests the document more than {MAX_DEPTH} levels deep.")
    return document


def refuse_growth(index: int, length: int, document: Json, room: Room) -> None:
    """Raise ValidationFailed for a document that has grown too large."""
    if length > room.bytes or members(document, room.members) > room.members:
        raise wrong(index, "Makes the document too large.")


def room_of(document: Json) -> Room:
    """Return how large the document may grow, even if it is large already."""
    return Room(
        max(LARGEST_DOCUMENT, 2 * len(orjson.dumps(document))),
        max(MAX_MEMBERS, 2 * members(document, sys.maxsize)),
    )
