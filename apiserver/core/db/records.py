"""Named tuples, as which prepared statements return the driver's rows."""

from collections import namedtuple
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from sqlalchemy import Select
from sqlalchemy.orm import Bundle
from sqlalchemy.sql.dml import UpdateBase

from apiserver.core.typing import Row, Selection

# A SELECT of columns, or an INSERT, UPDATE or DELETE.
Statement = Selection | UpdateBase
# The values of the parameters by their names.
Values = Mapping[str, object]
Convert = Callable[[Any], Any]
MakeRows = Callable[[Sequence[tuple[object, ...]]], list[Row]]


def maker_of(statement: Statement, converters: list[Convert | None]) -> MakeRows:
    """Return the function that makes named tuples of rows, bundles nested in them."""
    names, bundles = shape_of(statement)
    record = record_of(names)
    conversions = [(n, each) for n, each in enumerate(converters) if each is not None]

    def make_one(row: tuple[object, ...]) -> Row:
        values = list(row)
        for place, convert in conversions:
            values[place] = convert(values[place])
        for places, make_bundle in bundles:
            values[places] = (make_bundle(values[places]),)
        return record(values)

    def make_all(rows: Sequence[tuple[object, ...]]) -> list[Row]:
        # Many rows are converted by columns, without a step in Python for each row.
        columns: list[Iterable[object]] = list(zip(*rows, strict=True))
        for place, convert in conversions:
            columns[place] = map(convert, columns[place])
        for places, make_bundle in bundles:
            columns[places] = (map(make_bundle, zip(*columns[places], strict=True)),)
        return list(map(record, zip(*columns, strict=True)))

    if not (conversions or bundles):
        return lambda rows: list(map(record, rows))
    return lambda rows: make_all(rows) if rows[1:] else list(map(make_one, rows))


def shape_of(statement: Statement) -> tuple[list[str], list[tuple[slice, Convert]]]:
    """Return the names of a row's values, and the columns of each bundle.

    The last bundle comes first, so that the positions of the others stay valid.
    """
    names: list[str] = []
    bundles: list[tuple[slice, Convert]] = []
    place = 0
    for name, bundle in columns_of(statement):
        names.append(name)
        end = place + (1 if bundle is None else len(bundle))
        if bundle is not None:
            bundles.insert(0, (slice(place, end), record_of(bundle)))
        place = end
    return names, bundles


def selects_entities(statement: Statement) -> bool:
    """Whether the rows are entities, which takes the ORM."""
    return isinstance(statement, Select) and any(
        column["expr"] is column.get("entity")
        for column in statement.column_descriptions
    )


def columns_of(statement: Statement) -> Iterable[tuple[str, list[str] | None]]:
    """Yield the names of the columns, and those of a Bundle's columns."""
    if not isinstance(statement, Select):
        names = statement.exported_columns.keys()
        yield from ((str(name), None) for name in names)
        return
    for column in statement.column_descriptions:
        expression = column["expr"]
        is_bundle = isinstance(expression, Bundle)
        yield (
            str(column["name"]),
            list(expression.columns.keys()) if is_bundle else None,
        )


def record_of(names: list[str]) -> Convert:
    """Return the function that makes named tuples of sequences.

    An attribute of SQLAlchemy's own rows is found only after a failed look-up, which
    takes ten times as long.
    """
    make_class: Callable[..., type[tuple[object, ...]]] = namedtuple
    return partial(tuple.__new__, make_class("Row", names))
