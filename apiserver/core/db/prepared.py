"""Compiles constant statements once for each dialect.

For each execution SQLAlchemy computes the cache key of the statement, of hundreds of
parts, looks up the compiled statement, and sets up a general context and result. That
takes several times as long as the driver itself. Here this is done once; what remains
per execution is to convert the values.
"""

from collections.abc import Mapping, Sequence, Set
from functools import lru_cache
from typing import Any, TypeAlias

from sqlalchemy import BindParameter, Connection, Dialect
from sqlalchemy.engine.interfaces import DBAPICursor
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.util import immutabledict

from apiserver.core.db.records import (
    Convert,
    MakeRows,
    Statement,
    Values,
    maker_of,
    selects_entities,
)
from apiserver.core.db.writing import check_written

# For several rows, one after the other.
Params = Values | list[dict[str, Any]] | None
# In the form that the driver expects.
Sent = dict[str, Any] | tuple[Any, ...]
# Named tuples, or the number of rows.
Found: TypeAlias = Any

# Far more than the constant statements of an application.
MOST_STATEMENTS = 1000


ADVICE = "use db.execute"

# In the info that SQLAlchemy keeps about a connection.
IDLE_CURSOR = "apiserver.idle_cursor"


class Prepared:
    """A statement compiled for a dialect, with the converters of its values.

    ``names`` are the parameters, which determine the columns of an INSERT.
    """

    def __init__(
        self, statement: Statement, dialect: Dialect, names: tuple[str, ...]
    ) -> None:
        if selects_entities(statement):
            raise TypeError(f"This statement selects entities: {ADVICE}: {statement}")
        if statement.is_dml:
            check_written(statement, [names])
        compiled = statement.compile(
            dialect=dialect,
            column_keys=list(names) if is_by_names(statement) else None,
            # Otherwise an INSERT would return the row's id, unasked.
            for_executemany=not statement.exported_columns,
        )
        if compiled.post_compile_params or compiled.literal_execute_params:
            raise TypeError(
                f"This statement's text depends on its values: {ADVICE}: {statement}"
            )
        self.statement = statement
        self.dialect = dialect
        self.text = compiled.string
        self.order = compiled.positiontup
        self.fixed, self.made, self.converters = values_of(compiled, names)
        self.types = [entry.type for entry in compiled._result_columns]
        self.make: MakeRows | None = None
        self.options = immutabledict({"prepared": self})

    def execute(self, connection: Connection, params: Params) -> Found:
        """Return named tuples, or the number of rows if no columns are selected.

        Errors are SQLAlchemy's, and events are sent, as for any statement.
        """
        if isinstance(params, list) and len(params) == 1:
            # executemany prepares for many, which takes psycopg as long as the rest.
            params = params[0]
        if isinstance(params, list):
            values: Sent | list[Sent] = [self.values(each) for each in params]
        else:
            values = self.values(params or {})
        return connection.exec_driver_sql(
            self.text, values, execution_options=self.options
        )

    def values(self, params: Values) -> Sent:
        """Return the parameters in the form that the driver expects."""
        values = {**self.fixed, **params}
        for name, default in self.made:
            values[name] = default(None)
        for name, convert in self.converters:
            values[name] = convert(values[name])
        if self.order is None:
            return values
        return tuple([values[name] for name in self.order])

    def result(self, cursor: DBAPICursor) -> Found:
        """Return the rows of a cursor, or the number of affected rows."""
        found: Found
        if not self.types:
            found = cursor.rowcount
        else:
            self.make = self.make or self.maker(cursor.description)
            found = self.make(cursor.fetchall())
        return found

    def maker(self, description: Sequence[Sequence[object]]) -> MakeRows:
        """Return the function that makes named tuples, given a description (PEP 249).

        The conversion of some types depends on the driver's type code.
        """
        pairs = zip(self.types, [column[1] for column in description], strict=True)
        return maker_of(
            self.statement,
            [
                each.dialect_impl(self.dialect).result_processor(self.dialect, code)
                for each, code in pairs
            ],
        )


class PlainContext:
    """Precedes SQLAlchemy's context; returns the results of prepared statements itself.

    A CursorResult would analyse its columns each time. Since these fetch their rows at
    once, the next prepared statement on the connection uses the same cursor.
    """

    cursor: DBAPICursor
    execution_options: Mapping[str, Prepared]
    root_connection: Connection

    # The next class in the MRO is the dialect's own context.

    def create_cursor(self) -> DBAPICursor:
        cursor: DBAPICursor | None = None
        if "prepared" in self.execution_options:
            # Whoever takes it is its only user; after an error it isn't put back.
            cursor = self.root_connection.info.pop(IDLE_CURSOR, None)
        return cursor or super().create_cursor()  # type: ignore[misc]

    def _setup_result_proxy(self) -> object:
        prepared = self.execution_options.get("prepared")
        if prepared is None:
            return super()._setup_result_proxy()  # type: ignore[misc]
        found = prepared.result(self.cursor)
        self.root_connection.info[IDLE_CURSOR] = self.cursor
        return found


def give_plain_results(dialect: Dialect) -> None:
    """Install PlainContext in the dialect, when its engine is made.

    Threads that prepare their first statements concurrently would install it twice.
    """
    bases = (PlainContext, dialect.execution_ctx_cls)
    dialect.execution_ctx_cls = type("Context", bases, {})


prepare = lru_cache(MOST_STATEMENTS)(Prepared)


def is_by_names(statement: Statement) -> bool:
    """Whether each column is written by the parameter with its name.

    Not in a VALUES of several rows, where each value has a parameter of its own.
    """
    return statement.is_dml and not getattr(statement, "_multi_values", ())


def values_of(
    compiled: SQLCompiler, names: tuple[str, ...]
) -> tuple[dict[str, object], list[tuple[str, Convert]], list[tuple[str, Convert]]]:
    """Return the fixed values, the generated ones, and the converters."""
    dialect = compiled.dialect
    made: dict[str, Any] = {
        column.key: column.default for column in compiled.insert_prefetch
    }
    made |= {column.key: column.onupdate for column in compiled.update_prefetch}
    fixed, converters = {}, {}
    for bind, name in compiled.bind_names.items():
        check_bind(bind, name, given={*names, *made})
        convert = bind.type.dialect_impl(dialect).bind_processor(dialect)
        if name in names or name in made:
            if convert is not None:
                converters[name] = convert
        elif not bind.required:
            value = bind.effective_value
            fixed[name] = convert(value) if convert is not None else value
    defaults = [
        (name, each.arg if each.is_callable else lambda _, each=each: each.arg)
        for name, each in made.items()
    ]
    return fixed, defaults, list(converters.items())


def check_bind(bind: BindParameter[object], name: str, *, given: Set[str]) -> None:
    """Raise TypeError for a parameter without a value, or whose value is a function."""
    if bind.callable is not None:
        raise TypeError(
            f"The value of the parameter {name} would be taken once and for all: "
            f"write bindparam({name!r}), and give the value with each call."
        )
    if bind.required and name not in given:
        known = ", ".join(sorted(given)) or "none"
        raise TypeError(f"The parameter {name} has no value; given are: {known}.")
