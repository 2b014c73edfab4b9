"""Applies one operation of a JSON Patch to a document (RFC 6902 section 4)."""

from typing import Any, Self

import jsonpatch
import jsonpointer
import orjson

from apiserver.core.errors import Conflict, ValidationFailed

LARGEST_DOCUMENT = 64 * 1024


class TestFailed(Conflict):
    """A ``test`` operation found another value (RFC 6902 section 4.6)."""

    def __init__(self, index: int) -> None:
        super().__init__(f"The test of operation {index} failed; nothing was changed.")

    @classmethod
    def example(cls) -> Self:
        return cls(0)


def wrong(index: int | str, description: str) -> ValidationFailed:
    return ValidationFailed(("body", str(index), description))


def apply_operation(index: int, operation: dict[str, Any], document: Any) -> Any:
    """Apply one operation to the document."""
    try:
        document = jsonpatch.JsonPatch([operation]).apply(document, in_place=True)
    except jsonpatch.JsonPatchTestFailed:
        raise TestFailed(index) from None
    except (jsonpatch.JsonPatchException, jsonpointer.JsonPointerException):
        raise wrong(index, "Can't be applied: there is nothing at its path.") from None
    # Copies of copies into each other would double it by each operation.
    if len(orjson.dumps(document)) > LARGEST_DOCUMENT:
        raise wrong(index, "Makes the document too large.")
    return document
