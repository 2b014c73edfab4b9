"""JSON Patch: what is refused before there is anything to apply it to.

And of secret fields, which are only written, and of virtual ones, only tested.
"""

from types import SimpleNamespace

import pytest

from apiserver.core.http import ValidationFailed
from apiserver.core.schemas import Flag, Object, Patch, Text
from apiserver.core.schemas.patch import MOST_OPERATIONS
from tests.patches import op, replace

rfc = pytest.mark.rfc


class Account(Object):
    name = Text(1, 20)
    flag = Flag()
    password = Text(1, 20, secret=True)
    current_password = Text(1, 20, virtual=True)


# Whoever reads the password of this entity fails.
ENTITY = SimpleNamespace(name="Ada", flag=True)
CONFIRMED = op("test", "/current_password", value="old")
FIELDS = "Fields are /name, /flag, /password, /current_password."


def errors_of(*operations):
    """Return what is wrong, found before any entity is there."""
    with pytest.raises(ValidationFailed) as raised:
        Patch(Account(), list(operations))
    return raised.value.errors


def apply(*operations):
    return Patch(Account(), list(operations)).apply(ENTITY)


def refused(*operations):
    """Return what is wrong, found when the operations are applied."""
    with pytest.raises(ValidationFailed) as raised:
        apply(*operations)
    return raised.value.errors


NO_OPERATION = (
    "Must be an object whose op is one of add, remove, replace, move, copy, test."
)
MALFORMED = [
    *((document, NO_OPERATION) for document in (None, [], "add", {})),
    *((op(name, "/name", value="x"), NO_OPERATION) for name in ("spam", "ADD", None)),
    (op(["add"], "/name", value="x"), NO_OPERATION),
    ({"op": "add", "value": "x"}, "The add operation requires a path."),
    (op("add", None, value="x"), "The add operation requires a path."),
    (op("add", ["name"], value="x"), "The add operation requires a path."),
    (op("add", "/name"), "The add operation requires a value."),
    (op("replace", "/name"), "The replace operation requires a value."),
    (op("test", "/name"), "The test operation requires a value."),
    (op("move", "/name"), "The move operation requires a from."),
    (op("copy", "/name", source=1), "The copy operation requires a from."),
]
STRANGE_POINTERS = [
    *("", "/", "//", "name", " /name", "/ name", "/Name", "/nope", "/name~1"),
    *("/~0name", "/~2", "/~", "/__class__", "/id", "#/name", "/-"),
    *("/0", "/current_password~0"),
]


class TestPatch:
    @pytest.mark.parametrize(
        "document",
        [None, {}, "add", 1, True, [op("test", "/name", value="Ada")] * 101],
        ids=lambda document: str(document)[:20],
    )
    def test_is_a_list_of_operations(self, document):
        with pytest.raises(ValidationFailed) as raised:
            Patch(Account(), document)
        sentence = "Must be a list of up to 100 operations."
        assert raised.value.errors == (("body", "", sentence),)
        assert apply(*[op("test", "/name", value="Ada")] * MOST_OPERATIONS) == {}

    @rfc("6902", "4", "MUST", "op is one of the six operations")
    @rfc("6902", "4", "MUST", "an operation has op and path")
    @rfc("6902", "4.1", "MUST", "add, replace and test have a value")
    @rfc("6902", "4.4", "MUST", "move and copy have from")
    @pytest.mark.parametrize(("operation", "sentence"), MALFORMED, ids=str)
    def test_names_the_malformed_operation(self, operation, sentence):
        assert errors_of(CONFIRMED, operation) == (("body", "1", sentence),)

    @rfc("6901", "3", "MUST", "a pointer that isn't empty begins with a slash")
    @rfc("6901", "4", "MUST", "tokens are compared as they are, character by character")
    @rfc("6901", "5", "MUST", "the empty pointer is the whole document")
    @rfc("6901", "7", "MUST", "a malformed pointer is an error")
    @pytest.mark.parametrize("pointer", STRANGE_POINTERS, ids=repr)
    def test_reaches_the_named_fields_alone(self, pointer):
        sentence = f"No field at {pointer!r}. {FIELDS}"
        for key in ("path", "from"):
            operation = {**op("copy", "/name", source="/name"), key: pointer}
            assert errors_of(operation) == (("body", "0", sentence),)

    def test_shortens_a_pointer_that_it_repeats(self):
        sentence = f"No field at {'/' + 'x' * 78 + '…'!r}. {FIELDS}"
        found = errors_of(op("remove", "/" + "x" * 5000))
        assert found == (("body", "0", sentence),)

    def test_knows_what_is_written(self):
        tests = [CONFIRMED, op("test", "/flag", value=True)]
        copied = op("copy", "/password", source="/flag")
        moved = op("move", "/flag/deeper", source="/name")
        assert Patch(Account(), tests).written == set()
        written = Patch(Account(), [*tests, copied, moved]).written
        assert written == {"password", "flag", "name"}


class TestSecretField:
    @pytest.mark.parametrize("name", ["add", "replace"])
    def test_can_be_written(self, name):
        change = op(name, "/password", value="new")
        assert apply(change) == {"password": "new"}
        copied = op("copy", "/password", source="/name")
        assert apply(copied) == {"password": "Ada"}
        assert apply(replace("name", "Eve")) == {"name": "Eve"}

    @pytest.mark.parametrize(
        ("operation", "sentence"),
        [
            (replace("password", ""), "Must be at least 1 character long."),
            (op("remove", "/password"), "Is required."),
        ],
    )
    def test_is_validated(self, operation, sentence):
        assert refused(operation) == (("body", "password", sentence),)

    @pytest.mark.parametrize(
        "operation",
        [
            op("test", "/password", value="old"),
            op("test", "/password/0", value="o"),
            op("copy", "/name", source="/password"),
            op("move", "/name", source="/password"),
            op("copy", "/name", source="/password/0"),
            op("copy", "/password", source="/password"),
        ],
        ids=str,
    )
    def test_can_not_be_read(self, operation):
        sentence = "The field password can't be read."
        assert errors_of(operation) == (("body", "0", sentence),)

    @pytest.mark.parametrize("name", ["add", "replace", "remove"])
    def test_has_nothing_inside(self, name):
        sentence = "Can't be applied: its path does not exist."
        found = refused(op(name, "/password/value", value="x"))
        assert found == (("body", "0", sentence),)


class TestVirtualField:
    CHANGE = replace("name", "Eve")
    ONLY_TESTED = "The field current_password can only be tested."
    UNREAD = "The field current_password can't be read."

    def test_is_tested_for_the_view(self):
        other = op("test", "/name", value="Ada")
        patch = Patch(Account(), [other, CONFIRMED, self.CHANGE])
        assert patch.tested == {"current_password": "old"}
        assert patch.written == {"name"}
        assert patch.apply(ENTITY) == {"name": "Eve"}

    @pytest.mark.parametrize("name", ["add", "replace", "remove", "move", "copy"])
    def test_can_not_be_written(self, name):
        operation = op(name, "/current_password", value="x", source="/name")
        assert errors_of(operation) == (("body", "0", self.ONLY_TESTED),)

    @pytest.mark.parametrize(
        ("operation", "sentence"),
        [
            (op("move", "/name", source="/current_password"), UNREAD),
            (op("copy", "/name", source="/current_password"), UNREAD),
            ({**CONFIRMED, "path": "/current_password/0"}, ONLY_TESTED),
        ],
    )
    def test_can_not_be_read(self, operation, sentence):
        assert errors_of(operation) == (("body", "0", sentence),)

    @pytest.mark.parametrize("first", [CHANGE, CONFIRMED], ids=str)
    def test_is_tested_first_and_once(self, first):
        sentence = "The test of current_password must come first, and only once."
        assert errors_of(first, CONFIRMED) == (("body", "1", sentence),)
