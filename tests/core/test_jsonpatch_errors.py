"""JSON Patch: tests that fail, operations that find nothing, results that are wrong."""

import pytest

from apiserver.core.http import ValidationFailed
from apiserver.core.schemas import TestFailed as FailedTest
from tests.core.documents import apply, op

rfc = pytest.mark.rfc

PASSING_TESTS = [
    op("test", "/baz", "qux"),
    op("test", "/foo", ["all", "grass", "cows"]),
    op("test", "/foo/1", "grass"),
    op("test", "/flag", value=True),
    op("test", "/count", 1),
    op("test", "/count", 1.0),
    op("test", "/~01", 10),
]

FAILING_TESTS = [
    op("test", "/baz", "bar"),
    op("test", "/baz", None),
    op("test", "/foo", ["grass", "all", "cows"]),
    op("test", "/foo", ["all", "grass"]),
    op("test", "/foo/7", "grass"),
    op("test", "/foo/-", "cows"),
    op("test", "/baz/0", "q"),
    # JSON's true is no 1, and its "10" no 10, as they are for Python or JavaScript.
    op("test", "/flag", 1),
    op("test", "/count", value=True),
    op("test", "/~01", "10"),
]

NOTHING_THERE = [
    op("add", "/foo/4", "x"),
    op("add", "/baz/bat", "x"),
    op("add", "/bar/0/deeper", "x"),
    *(op("add", f"/foo/{index}", "x") for index in ("01", "00", "+0", " 0", "0x0")),
    op("add", "/foo/-1", "x"),
    op("add", "/foo/1e0", "x"),
    op("add", "/foo/\u0661", "x"),
    op("add", "/foo/" + "9" * 5000, "x"),
    op("remove", "/foo/3"),
    op("remove", "/foo/-"),
    op("remove", "/baz/0"),
    op("replace", "/foo/3", "x"),
    op("replace", "/foo/-", "x"),
    op("replace", "/baz/", "x"),
    op("copy", "/baz", **{"from": "/foo/3"}),
    op("copy", "/baz", **{"from": "/baz/0"}),
    op("move", "/foo/5", **{"from": "/foo/0"}),
    # RFC 6902 section 4.4: nothing is moved into itself.
    op("move", "/foo/0", **{"from": "/foo"}),
]


class TestApply:
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
            apply(op("replace", "/count", 7), operation)

    @rfc("6901", "4", "MUST NOT", "an array's index has no leading zero")
    @rfc("6902", "4.1", "MUST NOT", "an index is no greater than the array is long")
    @rfc("6902", "4.2", "MUST", "what is removed or replaced exists")
    @rfc("6902", "4.4", "MUST", "what is moved or copied exists")
    @pytest.mark.parametrize("operation", NOTHING_THERE, ids=lambda o: str(o)[:60])
    def test_names_the_operation_that_finds_nothing(self, operation):
        with pytest.raises(ValidationFailed) as raised:
            apply(op("replace", "/count", 7), operation)
        sentence = "Can't be applied: its path does not exist."
        assert raised.value.errors == (("body", "1", sentence),)

    @rfc("5789", "2.2", "SHOULD", "an unacceptable result: 422")
    def test_validates_the_result(self):
        with pytest.raises(ValidationFailed) as raised:
            apply(op("replace", "/count", 101), op("add", "/foo/0", {}))
        assert raised.value.errors == (
            ("body", "foo.0", "Must be a string."),
            ("body", "count", "Must be at most 100."),
        )

    def test_may_pass_through_what_is_not_valid(self):
        assert apply(op("replace", "/count", "x"), op("replace", "/count", 2)) == {
            "count": 2
        }

    def test_takes_a_whole_number_that_is_written_as_another(self):
        assert repr(apply(op("replace", "/count", 2.0))) == "{'count': 2}"

    def test_refuses_to_remove_what_is_required(self):
        with pytest.raises(ValidationFailed) as raised:
            apply(op("remove", "/count"))
        assert raised.value.errors == (("body", "count", "Is required."),)

    def test_refuses_a_document_that_grows_and_grows(self):
        doubled = [
            op("copy", f"/{into}/-", **{"from": f"/{source}"})
            for into, source in [("foo", "bar"), ("bar", "foo")] * 50
        ]
        with pytest.raises(ValidationFailed) as raised:
            apply(*doubled)
        assert raised.value.errors[0][2] == "Makes the document too large."

    @pytest.mark.parametrize(
        "deepened",
        [
            [
                op("copy", "/baz" + "/a" * depth, **{"from": "/baz"})
                for depth in range(1, 10)
            ],
            [op("add", "/baz" + "/a" * depth, {}) for depth in range(1, 32)],
            [
                op("copy", "/foo/0", **{"from": "/baz"}),
                *[
                    op("move", "/baz/a", **{"from": "/foo/0"}),
                    op("copy", "/foo/0", **{"from": "/baz"}),
                ]
                * 40,
            ],
        ],
        ids=["copied", "added", "moved"],
    )
    def test_refuses_a_document_that_gets_deep(self, deepened):
        with pytest.raises(ValidationFailed) as raised:
            apply(op("replace", "/baz", {}), *deepened)
        sentence = "Nests the document more than 32 levels deep."
        assert raised.value.errors[0][2] == sentence

    def test_refuses_a_document_of_many_members(self):
        copied = [op("copy", "/foo/-", **{"from": "/foo"})] * 12
        with pytest.raises(ValidationFailed) as raised:
            apply(op("replace", "/foo", [1]), *copied)
        assert raised.value.errors == (("body", "9", "Makes the document too large."),)

    @pytest.mark.parametrize("key", ["path", "from"])
    def test_refuses_a_pointer_that_is_deep(self, key):
        pointers = {"path": "/foo", "from": "/foo", key: "/foo" + "/0" * 32}
        with pytest.raises(ValidationFailed) as raised:
            apply({"op": "copy", **pointers})
        sentence = f"The {key} is more than 32 levels deep."
        assert raised.value.errors == (("body", "0", sentence),)
