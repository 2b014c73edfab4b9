"""A flat document to patch, with the keys of RFC 6902 appendix A."""

from types import SimpleNamespace
from typing import Any

from apiserver.core.schemas import Flag, List, Object, Patch, Text, Whole


class Document(Object):
    """Fields of every type; two have the names of the appendix's escaped keys."""

    foo = List(Text(1, 20), longest=5)
    bar = List(Text(1, 20), missing=())
    baz = Text(0, 20, missing="")
    count = Whole(0, 100)
    flag = Flag()
    slash = Whole(0, 100, name="/")
    tilde = Whole(0, 100, name="~1")


def make_entity(**columns: Any) -> SimpleNamespace:
    values = {
        "foo": ("all", "grass", "cows"),
        "bar": (),
        "baz": "qux",
        "count": 1,
        "flag": True,
        "/": 9,
        "~1": 10,
    }
    return SimpleNamespace(**{**values, **columns})


def apply(*operations: Any, **columns: Any) -> dict[str, Any]:
    """Return what the operations change of the entity."""
    return Patch(Document(), list(operations)).apply(make_entity(**columns))


def op(name: str, path: str, *value: Any, **members: Any) -> dict[str, Any]:
    """Return an operation; with a value, if one is given."""
    members |= {"value": value[0]} if value else {}
    return {"op": name, "path": path, **members}
