"""What prepared statements make of the rows that a driver gives: named tuples."""

from collections import namedtuple
from collections.abc import Callable, Iterable
from functools import partial
from itertools import islice
from typing import Any

from sqlalchemy import Select
from sqlalchemy.orm import Bundle

Convert = Callable[[Any], Any]


def maker_of(statement: Any, converters: list[Convert | None]) -> Convert:
    """Return what makes a named tuple of a row, with the bundles as tuples in it.

    Compiled from source, as named tuples are: a loop would take three times as long.
    """
    known: dict[str, Any] = {f"convert{n}": each for n, each in enumerate(converters)}
    values = iter(
        f"convert{n}(row[{n}])" if each else f"row[{n}]"
        for n, each in enumerate(converters)
    )
    names, parts = [], []
    for name, bundle in columns_of(statement):
        names.append(name)
        if bundle is None:
            parts.append(next(values))
        else:
            known[f"make_{name}"] = record_of(bundle)
            parts.append(f"make_{name}(({', '.join(islice(values, len(bundle)))},))")
    record = known["record"] = record_of(names)
    if all(part.startswith("row") for part in parts):
        return record
    make: Convert = eval(f"lambda row: record(({', '.join(parts)},))", known)  # noqa: S307
    return make


def columns_of(statement: Any) -> Iterable[tuple[str, list[str] | None]]:
    """Yield the names of the columns; of a Bundle also those of its own columns."""
    if not isinstance(statement, Select):
        names = statement.exported_columns.keys()
        yield from ((name, None) for name in names)
        return
    for column in statement.column_descriptions:
        expression = column["expr"]
        is_bundle = isinstance(expression, Bundle)
        yield column["name"], list(expression.columns.keys()) if is_bundle else None


def record_of(names: list[str]) -> Convert:
    """Return what makes named tuples of sequences.

    In SQLAlchemy's own rows an attribute is found after a failed look-up, which costs
    ten times as much.
    """
    make_class: Any = namedtuple
    return partial(tuple.__new__, make_class("Row", names))
