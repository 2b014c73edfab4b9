"""Analyses which rows and columns a statement writes."""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import chain
from typing import Any, NamedTuple

from sqlalchemy import BindParameter, Table
from sqlalchemy.sql import operators
from sqlalchemy.sql.base import ReadOnlyColumnCollection
from sqlalchemy.sql.elements import BooleanClauseList

from apiserver.core.db.base import Audited, Base, Bookkeeping
from apiserver.core.db.records import Values
from apiserver.core.typing import Row

MOST_STATEMENTS = 1000
CREATED, CHANGED, DELETED = "created", "changed", "deleted"
# The columns that only entities may change, by table name.
WRITTEN_BY_ENTITIES: dict[str, frozenset[str]] = {}


@lru_cache(MOST_STATEMENTS)
def audited(table: Table) -> Audited | None:
    """Return how events name the table's rows; None if they aren't recorded."""
    declared = declarations().get(table.name, Audited())
    if isinstance(declared, Bookkeeping):
        return None
    key = declared.key or tuple(table.primary_key.columns.keys())
    return Audited(declared.name or table.name, key)


def declarations() -> dict[str, Audited | Bookkeeping]:
    return {
        mapper.class_.__tablename__: mapper.class_.__audit__
        for mapper in Base.registry.mappers
    }


class Writing(NamedTuple):
    """The rows and columns that a statement writes, by which of its parameters."""

    verb: str
    noun: str
    keys: tuple[tuple[str, object], ...] | None
    fields: frozenset[str]
    by_parameters: bool = False

    def fields_of(self, values: Values) -> frozenset[str]:
        """Return the columns that are written."""
        return self.fields & values.keys() if self.by_parameters else self.fields

    def key(self, values: Values, row: Row) -> str | None:
        """Return the key of the row, from the parameters or the returned row."""
        if self.keys is None:
            return None
        found = [
            values.get(name, getattr(row, name, value)) for name, value in self.keys
        ]
        return None if None in found else "/".join(map(str, found))


@lru_cache(MOST_STATEMENTS)
def writing(statement: Any) -> Writing | None:
    """Analyse an INSERT, UPDATE or DELETE; None if it isn't recorded."""
    rows = audited(statement.table)
    if rows is None:
        return None
    if statement.is_insert:
        keys = tuple((name, None) for name in rows.key)
        return Writing(CREATED, rows.name, keys, frozenset())
    # If rows are returned, they have the key.
    returned = {each.name: (each.key, None) for each in statement.exported_columns}
    compared = {**returned, **dict(comparisons(statement))}
    known = all(name in compared for name in rows.key)
    key = tuple(compared[name] for name in rows.key) if known else None
    if not statement.is_update:
        return Writing(DELETED, rows.name, key, frozenset())
    columns = statement.table.c
    written = statement._values or ()
    # Without VALUES it writes its parameters.
    names = [getattr(each, "key", each) for each in written] or columns.keys()
    fields = names_of(columns, names)
    return Writing(CHANGED, rows.name, key, fields, by_parameters=not written)


def check_written(statement: Any, several: Iterable[Iterable[str]]) -> None:
    """Raise TypeError for a statement that writes columns only entities may change.

    ``several`` are the names of the parameters, for each set of them.
    """
    kept = WRITTEN_BY_ENTITIES.get(statement.table.name)
    if kept is None or statement.is_delete:
        return
    conflict = getattr(statement, "_post_values_clause", None)
    written = [*dict(getattr(conflict, "update_values_to_set", ()))]
    if statement.is_update:
        written += statement._values or chain.from_iterable(several)
    changed = {getattr(each, "key", each) for each in written}.intersection(kept)
    if changed:
        raise TypeError(
            f"{statement.table.name} keeps a history of {', '.join(sorted(changed))}: "
            "change the entities, of which it is known what was there before."
        )


def comparisons(statement: Any) -> Iterator[tuple[str, tuple[str, object]]]:
    """Yield the columns compared with a parameter: its name, and its fixed value."""
    where = statement.whereclause
    for clause in where.clauses if isinstance(where, BooleanClauseList) else [where]:
        right = getattr(clause, "right", None)
        if isinstance(right, BindParameter) and clause.operator is operators.eq:
            yield clause.left.name, (right.key, right.value)


def names_of(
    columns: ReadOnlyColumnCollection[str, Any], names: Iterable[str]
) -> frozenset[str]:
    """Return the names without columns that change with every update."""
    return frozenset(
        name for name in names if name not in columns or columns[name].onupdate is None
    )
