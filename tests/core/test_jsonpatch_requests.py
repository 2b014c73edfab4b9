"""JSON Patch: what is refused before there is anything to apply it to."""

import pytest

from apiserver.core.schemas import Patch
from apiserver.core.schemas.patch import MOST_OPERATIONS
from tests.core.accounts import CONFIRMED, Account, apply, errors_of

rfc = pytest.mark.rfc

FIELDS = "Fields are /name, /flag, /password, /current_password."
OPERATIONS = (
    "Must be an object whose op is one of add, remove, replace, move, copy, test."
)

MALFORMED = [
    (None, OPERATIONS),
    ([], OPERATIONS),
    ("add", OPERATIONS),
    ({}, OPERATIONS),
    ({"op": "spam", "path": "/name"}, OPERATIONS),
    ({"op": "ADD", "path": "/name", "value": "x"}, OPERATIONS),
    ({"op": ["add"], "path": "/name", "value": "x"}, OPERATIONS),
    ({"op": None, "path": "/name", "value": "x"}, OPERATIONS),
    ({"op": "add", "value": "x"}, "The add operation requires a path."),
    ({"op": "add", "path": None, "value": "x"}, "The add operation requires a path."),
    (
        {"op": "add", "path": ["name"], "value": "x"},
        "The add operation requires a path.",
    ),
    ({"op": "add", "path": "/name"}, "The add operation requires a value."),
    ({"op": "replace", "path": "/name"}, "The replace operation requires a value."),
    ({"op": "test", "path": "/name"}, "The test operation requires a value."),
    ({"op": "move", "path": "/name"}, "The move operation requires a from."),
    ({"op": "copy", "path": "/name", "from": 1}, "The copy operation requires a from."),
]

STRANGE_POINTERS = [
    *("", "/", "//", "name", " /name", "/ name", "/Name", "/nope", "/name~1"),
    *("/~0name", "/~2", "/~", "/__class__", "/id", "#/name", "/-"),
    *("/0", "/current_password~0"),
]


NO_LIST = ("body", "", "Must be a list of up to 100 operations.")


class TestPatch:
    @pytest.mark.parametrize("document", [None, {}, "add", 1, True], ids=repr)
    def test_is_a_list_of_operations(self, document):
        assert errors_of(document) == (NO_LIST,)

    def test_has_a_limited_number_of_operations(self):
        test = {"op": "test", "path": "/name", "value": "Ada"}
        assert apply(*[test] * MOST_OPERATIONS) == {}
        assert errors_of([test] * (MOST_OPERATIONS + 1)) == (NO_LIST,)

    @rfc("6902", "4", "MUST", "op is one of the six operations")
    @rfc("6902", "4", "MUST", "an operation has op and path")
    @rfc("6902", "4.1", "MUST", "add, replace and test have a value")
    @rfc("6902", "4.4", "MUST", "move and copy have from")
    @pytest.mark.parametrize(("operation", "sentence"), MALFORMED, ids=str)
    def test_names_the_malformed_operation(self, operation, sentence):
        assert errors_of([CONFIRMED, operation]) == (("body", "1", sentence),)

    @rfc("6901", "3", "MUST", "a pointer that isn't empty begins with a slash")
    @rfc("6901", "4", "MUST", "tokens are compared as they are, character by character")
    @rfc("6901", "5", "MUST", "the empty pointer is the whole document")
    @rfc("6901", "7", "MUST", "a malformed pointer is an error")
    @pytest.mark.parametrize("pointer", STRANGE_POINTERS, ids=repr)
    @pytest.mark.parametrize("key", ["path", "from"])
    def test_reaches_the_named_fields_alone(self, pointer, key):
        operation = {"op": "copy", "path": "/name", "from": "/name", key: pointer}
        sentence = f"No field at {pointer!r}. {FIELDS}"
        assert errors_of([operation]) == (("body", "0", sentence),)

    def test_shortens_a_pointer_that_it_repeats(self):
        operation = {"op": "remove", "path": "/" + "x" * 5000}
        sentence = f"No field at {'/' + 'x' * 78 + '…'!r}. {FIELDS}"
        assert errors_of([operation]) == (("body", "0", sentence),)

    def test_knows_what_is_written(self):
        operations = [
            CONFIRMED,
            {"op": "test", "path": "/flag", "value": True},
            {"op": "copy", "path": "/password", "from": "/flag"},
            {"op": "move", "path": "/flag/deeper", "from": "/name"},
        ]
        assert Patch(Account(), operations[:2]).written == set()
        assert Patch(Account(), operations).written == {"password", "flag", "name"}
