"""What goes out: the response schema, compiled."""

from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from apiserver.core.schemas import Flag, Id, List, Moment, Object, Text
from apiserver.core.schemas.dump import compile_dump


class Inner(Object):
    word = Text(0, 5)


class Outer(Object):
    id = Id()
    flag = Flag()
    moment = Moment()
    words = List(Text(0, 5))
    inner = Inner()
    inners = List(Inner())


MOMENT = datetime(2026, 1, 2, tzinfo=UTC)
INNER = SimpleNamespace(word="a", secret="b")
OUTER = SimpleNamespace(
    id=2**63 - 1,
    flag=True,
    moment=MOMENT,
    words=("a", "b"),
    inner=INNER,
    inners=[INNER, INNER],
    password_digest="c",
)


class TestDump:
    def test_has_the_fields_of_the_schema_alone_in_its_order(self):
        shown = compile_dump(Outer())(OUTER)
        assert shown == {
            "id": 2**63 - 1,
            "flag": True,
            "moment": MOMENT,
            "words": ["a", "b"],
            "inner": {"word": "a"},
            "inners": [{"word": "a"}, {"word": "a"}],
        }
        assert list(shown) == [child.name for child in Outer().children]

    def test_leaves_null_what_may_be_null(self):
        class Holder(Object):
            inner = Inner(nullable=True)
            words = List(Text(0, 5), nullable=True)

        dump = compile_dump(Holder())
        nothing = SimpleNamespace(inner=None, words=None)
        assert dump(nothing) == {"inner": None, "words": None}
        something = SimpleNamespace(inner=INNER, words=("a",))
        assert dump(something) == {"inner": {"word": "a"}, "words": ["a"]}

    def test_refuses_a_field_that_is_not_there(self):
        class Odd(Object):
            word = Text(0, 5, name="a-word")

        with pytest.raises(ValueError, match="'a-word'"):
            compile_dump(Odd())
        with pytest.raises(AttributeError, match="word"):
            compile_dump(Inner())(SimpleNamespace())
