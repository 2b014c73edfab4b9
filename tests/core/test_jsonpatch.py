"""JSON Patch: what the operations do, and what fails (RFC 6902, its appendix A)."""

import json
from types import SimpleNamespace

import pytest

from apiserver.core.http import ValidationFailed
from apiserver.core.schemas import Flag, List, Object, Patch, Text, Whole
from apiserver.core.schemas import TestFailed as FailedTest
from tests.patches import op

rfc = pytest.mark.rfc


class Document(Object):
    """Fields of every type; two have the names of the appendix's escaped keys."""

    foo = List(Text(1, 20), longest=5)
    bar = List(Text(1, 20), missing=())
    baz = Text(0, 20, missing="")
    count = Whole(0, 100)
    flag = Flag()
    slash = Whole(0, 100, name="/")
    tilde = Whole(0, 100, name="~1")


COWS = ["all", "grass", "cows"]
STORED = {
    "foo": tuple(COWS),
    "bar": (),
    "baz": "qux",
    "count": 1,
    "flag": True,
    "/": 9,
    "~1": 10,
}


def apply(*operations):
    """Return what the operations change of the entity, which stays as it is."""
    entity = SimpleNamespace(**STORED)
    patch = Patch(Document(), list(operations))
    changes = patch.apply(entity)
    assert patch.apply(entity) == changes
    assert vars(entity) == STORED
    return changes


def errors_of(*operations):
    with pytest.raises(ValidationFailed) as raised:
        apply(*operations)
    return raised.value.errors


def add(path, value, **more):
    return op("add", path, value=value, **more)


def replace(path, value):
    return op("replace", path, value=value)


def same(path, value):
    return op("test", path, value=value)


def remove(path):
    return op("remove", path)


def move(source, path):
    return op("move", path, source=source)


def copy(source, path):
    return op("copy", path, source=source)


# What operations change, of members and of items.
CHANGES = [
    ([add("/baz", "new")], {"baz": "new"}),
    ([add("/foo", ["x"]), add("/foo/-", "y")], {"foo": ["x", "y"]}),
    ([add("/foo/1", "x")], {"foo": ["all", "x", "grass", "cows"]}),
    ([add("/foo/3", "x")], {"foo": [*COWS, "x"]}),
    ([add("/foo/-", "x")], {"foo": [*COWS, "x"]}),
    # What is removed is what it is when missing.
    ([remove("/baz")], {"baz": ""}),
    ([remove("/foo/1")], {"foo": ["all", "cows"]}),
    ([replace("/count", 2)], {"count": 2}),
    ([replace("/foo/0", "x")], {"foo": ["x", "grass", "cows"]}),
    ([move("/foo", "/bar"), add("/foo", [])], {"bar": COWS, "foo": []}),
    ([move("/foo/1", "/foo/2")], {"foo": ["all", "cows", "grass"]}),
    ([move("/foo/0", "/bar/-")], {"foo": ["grass", "cows"], "bar": ["all"]}),
    ([move("/baz", "/baz")], {}),
    ([copy("/foo", "/bar")], {"bar": COWS}),
    ([copy("/foo/2", "/baz")], {"baz": "cows"}),
    # A copy is no alias.
    ([copy("/foo", "/bar"), remove("/foo/0")], {"bar": COWS, "foo": COWS[1:]}),
    ([replace("/count", 5), same("/count", 5)], {"count": 5}),
    ([replace("/count", "x"), replace("/count", 2)], {"count": 2}),
    ([replace("/baz", "qux")], {}),
    ([add("/foo/-", "x"), remove("/foo/3")], {}),
    ([add("/baz", "x", xyz=123)], {"baz": "x"}),
    ([replace("/~1", 8)], {"/": 8}),
    ([replace("/~01", 8)], {"~1": 8}),
]

PASSING_TESTS = [
    *(same("/baz", "qux"), same("/foo", COWS), same("/foo/1", "grass")),
    *(same("/flag", True), same("/count", 1), same("/count", 1.0), same("/~01", 10)),
]
FAILING_TESTS = [
    *(same("/baz", "bar"), same("/baz", None), same("/baz/0", "q")),
    *(same("/foo", ["grass", "all", "cows"]), same("/foo", ["all", "grass"])),
    *(same("/foo/7", "grass"), same("/foo/-", "cows")),
    # JSON's true is no 1, and its "10" no 10, as they are for Python or JavaScript.
    *(same("/flag", 1), same("/count", True), same("/~01", "10")),
]
INDEXES = ("4", "-1", "01", "00", "+0", " 0", "0x0", "1e0", "\u0661", "9" * 5000)
NOTHING_THERE = [
    *(add(f"/foo/{index}", "x") for index in INDEXES),
    *(add("/baz/bat", "x"), add("/bar/0/deeper", "x")),
    *(remove("/foo/3"), remove("/foo/-"), remove("/baz/0")),
    *(replace("/foo/3", "x"), replace("/foo/-", "x"), replace("/baz/", "x")),
    *(copy("/foo/3", "/baz"), copy("/baz/0", "/baz"), move("/foo/0", "/foo/5")),
    # RFC 6902 section 4.4: nothing is moved into itself.
    move("/foo", "/foo/0"),
]


class TestApply:
    @rfc("6901", "3", "MUST", "a pointer is a sequence of tokens, each after a slash")
    @rfc("6901", "4", "MUST", "~1 is a slash, and then ~0 a tilde")
    @rfc("6902", "3", "MUST", "operations are applied one after the other")
    @rfc("6902", "4", "MUST", "members that aren't defined are ignored")
    @rfc("6902", "4.1", "MUST", "add inserts into an array, or appends to it")
    @rfc("6902", "4.2", "MUST", "remove takes the value away")
    @rfc("6902", "4.3", "MUST", "replace puts a value in the place of another")
    @rfc("6902", "4.4", "MUST", "move takes a value to another place")
    @rfc("6902", "4.5", "MUST", "copy adds the value that is elsewhere")
    @pytest.mark.parametrize(("operations", "changes"), CHANGES, ids=str)
    def test_returns_what_changes(self, operations, changes):
        assert apply(*operations) == changes

    def test_takes_a_whole_number_that_is_written_as_another(self):
        assert repr(apply(replace("/count", 2.0))) == "{'count': 2}"

    @rfc("6902", "4.6", "MUST", "test compares the value at its place")
    @pytest.mark.parametrize("operation", PASSING_TESTS, ids=str)
    def test_passes_a_test_of_the_same_value(self, operation):
        assert apply(operation) == {}

    @rfc("6902", "4.6", "MUST", "a test of another value fails")
    @rfc("6902", "5", "MUST", "one failure, and nothing of the patch is done")
    @rfc("5789", "2.2", "SHOULD", "a conflict with what is stored: 409")
    @pytest.mark.parametrize("operation", FAILING_TESTS, ids=str)
    def test_fails_a_test_of_another_value(self, operation):
        with pytest.raises(FailedTest, match="The test in operation 1 failed"):
            apply(replace("/count", 7), operation)

    @rfc("6901", "4", "MUST NOT", "an array's index has no leading zero")
    @rfc("6902", "4.1", "MUST NOT", "an index is no greater than the array is long")
    @rfc("6902", "4.2", "MUST", "what is removed or replaced exists")
    @rfc("6902", "4.4", "MUST", "what is moved or copied exists")
    @pytest.mark.parametrize("operation", NOTHING_THERE, ids=lambda o: str(o)[:60])
    def test_names_the_operation_that_finds_nothing(self, operation):
        sentence = "Can't be applied: its path does not exist."
        assert errors_of(replace("/count", 7), operation) == (("body", "1", sentence),)

    @rfc("5789", "2.2", "SHOULD", "an unacceptable result: 422")
    def test_validates_the_result(self):
        assert errors_of(replace("/count", 101), add("/foo/0", {})) == (
            ("body", "foo.0", "Must be a string."),
            ("body", "count", "Must be at most 100."),
        )
        assert errors_of(remove("/count")) == (("body", "count", "Is required."),)

    def test_leaves_the_operations_alone(self):
        operations = [add("/foo", ["x"]), add("/foo/-", "y")]
        apply(*operations)
        assert operations == [add("/foo", ["x"]), add("/foo/-", "y")]


class TestLimits:
    LARGE = "Makes the document too large."
    DOUBLED = [copy("/foo", "/bar/-"), copy("/bar", "/foo/-")] * 50
    COPIED = [replace("/foo", [1]), *[copy("/foo", "/foo/-")] * 12]

    def test_of_what_grows(self):
        assert errors_of(*self.DOUBLED)[0][2] == self.LARGE
        assert errors_of(*self.COPIED) == (("body", "9", self.LARGE),)

    def test_of_the_size_is_64_kib(self):
        """Of the document as JSON without spaces; fields have limits of their own."""
        stored = {**STORED, "foo": COWS, "baz": ""}
        rest = 64 * 1024 - len(json.dumps(stored, separators=(",", ":")))
        [fits] = errors_of(replace("/baz", "x" * rest))
        assert fits == ("body", "baz", "Must be at most 20 characters long.")
        [error] = errors_of(replace("/baz", "x" * (rest + 1)))
        assert error == ("body", "0", self.LARGE)

    @pytest.mark.parametrize(
        "deepened",
        [
            [copy("/baz", "/baz" + "/a" * depth) for depth in range(1, 10)],
            [add("/baz" + "/a" * depth, {}) for depth in range(1, 32)],
            [copy("/baz", "/foo/0")]
            + [move("/foo/0", "/baz/a"), copy("/baz", "/foo/0")] * 40,
        ],
        ids=["copied", "added", "moved"],
    )
    def test_of_what_gets_deep(self, deepened):
        sentence = "Nests the document more than 32 levels deep."
        assert errors_of(replace("/baz", {}), *deepened)[0][2] == sentence

    @pytest.mark.parametrize("key", ["path", "from"])
    def test_of_a_pointer_that_is_deep(self, key):
        sentence = f"The {key} is more than 32 levels deep."
        operation = {**copy("/foo", "/foo"), key: "/foo" + "/0" * 32}
        assert errors_of(operation) == (("body", "0", sentence),)
