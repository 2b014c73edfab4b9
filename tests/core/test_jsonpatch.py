"""JSON Patch: what the operations do (RFC 6902 section 4, appendix A)."""

import pytest

from apiserver.core.schemas import Patch
from tests.core.documents import Document, apply, make_entity, op

rfc = pytest.mark.rfc

CHANGES = [
    ("a member is added over the old one", [op("add", "/baz", "new")], {"baz": "new"}),
    (
        "an item is added before another",
        [op("add", "/foo/1", "x")],
        {"foo": ["all", "x", "grass", "cows"]},
    ),
    (
        "an item is added at the end by its index",
        [op("add", "/foo/3", "x")],
        {"foo": ["all", "grass", "cows", "x"]},
    ),
    (
        "an item is added at the end by a dash",
        [op("add", "/foo/-", "x")],
        {"foo": ["all", "grass", "cows", "x"]},
    ),
    ("a list takes the place of a list", [op("add", "/foo", ["x"])], {"foo": ["x"]}),
    (
        "a removed member is what it is when missing",
        [op("remove", "/baz")],
        {"baz": ""},
    ),
    (
        "an item is removed",
        [op("remove", "/foo/1")],
        {"foo": ["all", "cows"]},
    ),
    ("a member is replaced", [op("replace", "/count", 2)], {"count": 2}),
    (
        "an item is replaced",
        [op("replace", "/foo/0", "x")],
        {"foo": ["x", "grass", "cows"]},
    ),
    (
        "a member is moved",
        [op("move", "/bar", **{"from": "/foo"}), op("add", "/foo", [])],
        {"bar": ["all", "grass", "cows"], "foo": []},
    ),
    (
        "an item is moved",
        [op("move", "/foo/2", **{"from": "/foo/1"})],
        {"foo": ["all", "cows", "grass"]},
    ),
    (
        "an item is moved to another list",
        [op("move", "/bar/-", **{"from": "/foo/0"})],
        {"foo": ["grass", "cows"], "bar": ["all"]},
    ),
    (
        "a member is copied",
        [op("copy", "/bar", **{"from": "/foo"})],
        {"bar": ["all", "grass", "cows"]},
    ),
    (
        "an item is copied into a member",
        [op("copy", "/baz", **{"from": "/foo/2"})],
        {"baz": "cows"},
    ),
    (
        "a copy is no alias",
        [op("copy", "/bar", **{"from": "/foo"}), op("remove", "/foo/0")],
        {"bar": ["all", "grass", "cows"], "foo": ["grass", "cows"]},
    ),
    (
        "operations see what those before have done",
        [op("replace", "/count", 5), op("test", "/count", 5)],
        {"count": 5},
    ),
    ("the same value is no change", [op("replace", "/baz", "qux")], {}),
    (
        "a change that is undone is none",
        [op("add", "/foo/-", "x"), op("remove", "/foo/3")],
        {},
    ),
    (
        "members that nobody knows are ignored",
        [op("add", "/baz", "x", xyz=123)],
        {"baz": "x"},
    ),
    ("~1 is a slash", [op("replace", "/~1", 8)], {"/": 8}),
    ("~01 is a tilde and a one", [op("replace", "/~01", 8)], {"~1": 8}),
    ("a move to itself is nothing", [op("move", "/baz", **{"from": "/baz"})], {}),
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
    @pytest.mark.parametrize(
        ("operations", "changes"),
        [pytest.param(*row, id=name) for name, *row in CHANGES],
    )
    def test_returns_what_changes(self, operations, changes):
        assert apply(*operations) == changes


class TestPurity:
    def test_leaves_the_entity_alone(self):
        entity = make_entity(bar=["a list"])
        operations = [op("add", "/bar/-", "x"), op("replace", "/baz", "y")]
        Patch(Document(), operations).apply(entity)
        assert entity == make_entity(bar=["a list"])

    def test_leaves_the_operations_alone(self):
        operations = [op("add", "/foo", ["x"]), op("add", "/foo/-", "y")]
        patch = Patch(Document(), operations)
        assert patch.apply(make_entity()) == patch.apply(make_entity())
        assert operations == [op("add", "/foo", ["x"]), op("add", "/foo/-", "y")]
