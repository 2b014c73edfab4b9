"""JSON Patch: a field that a patch leaves alone never fails it, whatever is stored."""

from datetime import UTC, datetime
from types import SimpleNamespace

import colander
import pytest

from apiserver.core.http import ValidationFailed
from apiserver.core.schemas import Flag, List, Moment, Object, Patch, Set, Text, Whole
from apiserver.core.schemas import TestFailed as FailedTest
from apiserver.core.schemas.patch import LARGEST_DOCUMENT
from tests.patches import op, replace

AT_MOST = "Must be at most {} characters long."
BEGAN = datetime(2026, 3, 1, 12, tzinfo=UTC)
FLOOR = SimpleNamespace(city="London", floor=1)


class Place(Object):
    city = Text(1, 10)
    floor = Whole(0, 9, missing=None)


def least_is_least(node, fields):
    if fields["least"] > fields["most"]:
        raise colander.Invalid(node, "The least is more than the most.")


def begins_before_it_ends(node, fields):
    if fields["ended"] is not None and fields["began"] > fields["ended"]:
        refused = colander.Invalid(node)
        refused["ended"] = "Is before the beginning."
        raise refused


class Event(Object):
    """What is stored of it may be older than any of these rules."""

    title = Text(3, 10)
    words = Set(Text(1, 5), longest=2)
    place = Place()
    places = List(Place())
    note = Text(1, 10, missing=None)
    began = Moment()
    ended = Moment(missing=None)
    least = Whole(0, 100)
    most = Whole(0, 100)
    open = Flag()
    validator = colander.All(least_is_least, begins_before_it_ends)


def event(**columns):
    fine = {
        "title": "Party",
        "words": ("good",),
        "place": SimpleNamespace(city="London", floor=None),
        "places": [],
        "note": None,
        "began": BEGAN,
        "ended": None,
        "least": 1,
        "most": 5,
        "open": True,
    }
    return SimpleNamespace(**{**fine, **columns})


REFUSED = {
    "title": "no",
    "words": ("far too long", "far too long"),
    "place": SimpleNamespace(city="", floor=77),
    "places": [SimpleNamespace(city="x" * 11, floor=-1)],
    "note": "x" * 11,
    "began": None,
    "most": 101,
    "open": None,
}
SHOWN = {
    **REFUSED,
    "words": ["far too long", "far too long"],
    "place": {"city": "", "floor": 77},
    "places": [{"city": "x" * 11, "floor": -1}],
}
CHANGES = {
    "title": "Dance",
    "words": ["new"],
    "place": {"city": "Leeds", "floor": 1},
    "places": [{"city": "Leeds", "floor": 1}],
    "note": "new",
    "most": 9,
    "open": False,
}


def apply(*operations, **columns):
    """Return what the operations change of the event."""
    return Patch(Event(), list(operations)).apply(event(**columns))


def errors(*operations, **columns):
    with pytest.raises(ValidationFailed) as raised:
        apply(*operations, **columns)
    return [error[1:] for error in raised.value.errors]


class TestUntouchedField:
    @pytest.mark.parametrize("changed", CHANGES)
    def test_never_fails_a_patch(self, changed):
        value = CHANGES[changed]
        columns = {name: v for name, v in REFUSED.items() if name != changed}
        assert apply(replace(changed, value), **columns) == {changed: value}

    @pytest.mark.parametrize("name", REFUSED)
    def test_can_be_tested(self, name):
        test = op("test", f"/{name}", value=SHOWN[name])
        assert apply(test, replace("least", 2), **REFUSED) == {"least": 2}
        with pytest.raises(FailedTest):
            apply(op("test", f"/{name}", value="else"), **REFUSED)
        inside = op("test", "/places/0/floor", value=-1)
        assert apply(inside, **REFUSED) == {}

    def test_can_be_copied_from(self):
        copy = op("copy", "/note", source="/title")
        assert apply(copy, title="no") == {"note": "no"}
        error = ("note", AT_MOST.format(10))
        assert errors(copy, title="x" * 11) == [error]

    def test_may_be_larger_than_a_document(self):
        title = "x" * 2 * LARGEST_DOCUMENT
        assert apply(replace("note", "new"), title=title) == {"note": "new"}


class TestTouchedField:
    """What an operation's path names, or the ``from`` of a move, at the top level."""

    @pytest.mark.parametrize(
        ("operation", "name", "sentence"),
        [
            (op("add", "/words/-", value="new"), "words.0", AT_MOST.format(5)),
            (replace("place/floor", 1), "place.city", "Must be at least 1 character"),
            (op("remove", "/places/0/floor"), "places.0.city", AT_MOST.format(10)),
            (replace("title", "no"), "title", "Must be at least 3 characters"),
            (op("copy", "/title", source="/title"), "title", "Must be at least 3"),
            (op("move", "/note", source="/title"), "title", "Is required."),
        ],
        ids=str,
    )
    def test_is_validated_whole(self, operation, name, sentence):
        blamed, said = errors(operation, **REFUSED)[0]
        assert (blamed, said.startswith(sentence)) == (name, True)

    def test_can_be_mended(self):
        mended = op("remove", "/words/1"), replace("words/0", "new")
        assert apply(*mended, **REFUSED) == {"words": ["new"]}

    def test_is_no_change_where_its_value_is_the_same(self):
        assert apply(replace("began", "2026-03-01T12:00:00+00:00")) == {}
        assert (
            apply(replace("place", {"city": "London", "floor": 1}), place=FLOOR) == {}
        )
        assert apply(op("remove", "/note")) == {}


class Hours(Object):
    opens = Moment()


class Fair(Object):
    hours = Hours()


class TestMoment:
    def test_is_tested_and_changed_in_any_spelling(self):
        stored = SimpleNamespace(hours=SimpleNamespace(opens=BEGAN))
        inside = op("test", "/hours/opens", value="2026-03-01T13:00:00+01:00")
        assert Patch(Fair(), [inside]).apply(stored) == {}
        assert apply(op("test", "/began", value="2026-03-01T12:00:00+00:00")) == {}
        later = datetime(2026, 3, 1, 13, tzinfo=UTC)
        assert apply(replace("ended", "2026-03-01T13:00:00Z")) == {"ended": later}


class TestFieldsTogether:
    LEAST = ("", "The least is more than the most.")
    ENDED = ("ended", "Is before the beginning.")
    EARLY = replace("ended", "2026-02-01T12:00:00Z")

    def test_are_validated_where_one_is_touched(self):
        assert errors(replace("least", 6)) == [self.LEAST]
        assert errors(replace("most", 0)) == [self.LEAST]
        assert errors(self.EARLY) == [self.ENDED]
        assert apply(replace("least", 6), replace("most", 7)) == {"least": 6, "most": 7}
        assert errors(self.EARLY, replace("most", 0)) == [self.LEAST, self.ENDED]

    def test_are_left_alone_where_none_is_touched(self):
        columns = {"least": 6, "ended": datetime(2026, 2, 1, tzinfo=UTC)}
        assert apply(replace("title", "Dance"), **columns) == {"title": "Dance"}
        assert errors(replace("most", 5), **columns) == [self.LEAST]
        began = replace("began", "2026-02-02T00:00:00Z")
        assert errors(began, **columns) == [self.ENDED]

    def test_are_not_compared_with_a_stored_value_that_is_refused(self):
        assert apply(replace("least", 100), most=101) == {"least": 100}
        assert apply(replace("least", 9), most=None) == {"least": 9}
        ended = datetime(2026, 2, 1, 12, tzinfo=UTC)
        assert apply(self.EARLY, began=None) == {"ended": ended}

    @pytest.mark.parametrize(
        "look",
        [
            lambda fields: dict(fields),
            lambda fields: list(fields.values()),
            lambda fields: fields.get("word"),
            lambda fields: "word" in fields,
            lambda fields: {**fields},
            lambda fields: fields == {},
        ],
    )
    def test_are_looked_at_in_any_way(self, look):
        class Pair(Object):
            word = Text(0, 5)
            other = Text(0, 5)

            def validator(self, node, fields):
                look(fields)
                raise colander.Invalid(node, "No.")

        stored = SimpleNamespace(word="a", other="b")
        with pytest.raises(ValidationFailed):
            Patch(Pair(), [replace("word", "c")]).apply(stored)

    def test_know_no_secret_that_is_not_written(self):
        class Login(Object):
            name = Text(0, 5)
            password = Text(0, 5, secret=True)

            def validator(self, node, fields):
                if fields["name"] == fields["password"]:
                    raise colander.Invalid(node, "The password is the name.")

        stored = SimpleNamespace(name="a")
        assert Patch(Login(), [replace("name", "b")]).apply(stored) == {"name": "b"}
        with pytest.raises(ValidationFailed):
            Patch(Login(), [replace("password", "a")]).apply(stored)
