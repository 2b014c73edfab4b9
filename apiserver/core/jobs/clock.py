"""The clock of the database, which all workers use for waits and leases."""

from datetime import datetime

from sqlalchemy import Float, bindparam, literal
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from apiserver.core.db.columns import UTCDateTime


class in_seconds(FunctionElement[datetime]):  # noqa: N801 (as SQL's functions are)
    """The time this many seconds after the beginning of the transaction."""

    name = "in_seconds"
    type = UTCDateTime()
    inherit_cache = True


@compiles(in_seconds, "postgresql")
def for_postgresql(element: in_seconds, compiler: SQLCompiler, **kw: object) -> str:
    # Not clock_timestamp(), for which PostgreSQL uses no index.
    return f"now() + make_interval(secs => {compiler.process(element.clauses, **kw)})"


@compiles(in_seconds)
def for_sqlite(element: in_seconds, compiler: SQLCompiler, **kw: object) -> str:
    """In SQLAlchemy's format of a datetime, with milliseconds."""
    seconds = compiler.process(element.clauses, **kw)
    return f"strftime('%Y-%m-%d %H:%M:%f000', 'now', {seconds} || ' seconds')"


CLOCK = in_seconds(literal(0.0))


def seconds(name: str) -> in_seconds:
    """Return the time after as many seconds as the parameter with this name says."""
    return in_seconds(bindparam(name, type_=Float()))
