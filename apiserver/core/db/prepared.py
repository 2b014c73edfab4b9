"""Statements that are constants, compiled once for a dialect.

For each execution SQLAlchemy looks again at what could be different this time: it makes
the key of the statement, of hundreds of parts, finds what it has compiled, and sets up
a context and rows for any use. That takes several times as long as the driver itself
does. Here this is done once, and what is left is to convert the values.
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

# Of several rows one after the other.
Params = Values | list[dict[str, Any]] | None
# In the form that the driver wants.
Sent = dict[str, Any] | tuple[Any, ...]
# Named tuples, or of how many rows it was.
Found: TypeAlias = Any

# Far more than an application has, if its statements are constants.
MOST_STATEMENTS = 1000


ADVICE = "use db.execute"


class Prepared:
    """A statement in the words of a dialect, and what converts its values.

    ``names`` are those of the parameters, which decide the columns of an INSERT.
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
            # Else an INSERT would return the number of the row, unasked.
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
        """Return named tuples, or where no columns are selected how many rows it was.

        Errors are SQLAlchemy's, and events are sent, as for any statement.
        """
        if isinstance(params, list) and len(params) == 1:
            # Drivers prepare for many, which takes psycopg as long as the rest.
            params = params[0]
        if isinstance(params, list):
            values: Sent | list[Sent] = [self.values(each) for each in params]
        else:
            values = self.values(params or {})
        return connection.exec_driver_sql(
            self.text, values, execution_options=self.options
        )

    def values(self, params: Values) -> Sent:
        """Return what the driver is given, in the form that it wants."""
        values = {**self.fixed, **params}
        for name, default in self.made:
            values[name] = default(None)
        for name, convert in self.converters:
            values[name] = convert(values[name])
        if self.order is None:
            return values
        return tuple([values[name] for name in self.order])

    def result(self, cursor: DBAPICursor) -> Found:
        """Return the rows that a cursor has, or the number of those it concerned."""
        found: Found
        if not self.types:
            found = cursor.rowcount
        else:
            self.make = self.make or self.maker(cursor.description)
            found = self.make(cursor.fetchall())
        cursor.close()
        return found

    def maker(self, description: Sequence[Sequence[object]]) -> MakeRows:
        """Return what makes named tuples of rows that the driver describes (PEP 249).

        How some types are converted depends on the driver's own code of the type.
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
    """Before SQLAlchemy's context: the result of a prepared statement is its own.

    A CursorResult would describe its columns again each time.
    """

    cursor: DBAPICursor
    execution_options: Mapping[str, Prepared]

    def _setup_result_proxy(self) -> object:
        prepared = self.execution_options.get("prepared")
        if prepared is not None:
            return prepared.result(self.cursor)
        # The next class is the dialect's own context.
        return super()._setup_result_proxy()  # type: ignore[misc]


def give_plain_results(dialect: Dialect) -> None:
    """Let prepared statements have their results; once, where an engine is made.

    Threads that prepare their first statements at once would do it twice.
    """
    bases = (PlainContext, dialect.execution_ctx_cls)
    dialect.execution_ctx_cls = type("Context", bases, {})


prepare = lru_cache(MOST_STATEMENTS)(Prepared)


def is_by_names(statement: Statement) -> bool:
    """Whether columns are written by parameters of their names.

    Where several rows are written out, each value has a parameter of its own.
    """
    return statement.is_dml and not getattr(statement, "_multi_values", ())


def values_of(
    compiled: SQLCompiler, names: tuple[str, ...]
) -> tuple[dict[str, object], list[tuple[str, Convert]], list[tuple[str, Convert]]]:
    """Return the values that are fixed, those to be made, and what converts values."""
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
