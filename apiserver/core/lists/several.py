"""Several values as one parameter, so that the statement is constant.

They are an array in PostgreSQL, and JSON in SQLite.
"""

from collections.abc import Sequence
from typing import Any

import orjson
from sqlalchemy import ARRAY, Dialect, String, func, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator, TypeEngine


class Several(TypeDecorator[Sequence[Any]]):
    """The type of several values of one type."""

    impl = String
    cache_ok = True

    def __init__(self, item: TypeEngine[Any]) -> None:
        super().__init__()
        self.item = item

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "postgresql":
            return dialect.type_descriptor(ARRAY(self.item))
        return dialect.type_descriptor(String())

    def process_bind_param(
        self, value: Sequence[object] | None, dialect: Dialect
    ) -> Sequence[object] | str | None:
        if value is None or dialect.name == "postgresql":
            return value
        convert = self.item.dialect_impl(dialect).bind_processor(dialect)
        values = [convert(each) for each in value] if convert else list(value)
        return orjson.dumps(values, default=str).decode()


class among(FunctionElement[Any]):  # noqa: N801 (as SQLAlchemy's own elements)
    """Whether a column, the first argument, has one of the second argument's values.

    Untyped: SQLAlchemy would compare a Boolean with 1 on SQLite, which prevents the use
    of an index.
    """

    inherit_cache = True


@compiles(among)
def compile_among(element: among, compiler: SQLCompiler, **kw: object) -> str:
    column, values = element.clauses
    if compiler.dialect.name == "postgresql":
        return str(compiler.process(column == func.any(values), **kw))
    rows = func.json_each(values).table_valued("value")
    return str(compiler.process(column.in_(select(rows.c.value)), **kw))
