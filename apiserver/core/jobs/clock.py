"""The clock of the database, by which all workers wait and leases end."""

from datetime import datetime

from sqlalchemy import Float, bindparam, literal
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from apiserver.core.db.columns import UTCDateTime


class in_seconds(FunctionElement[datetime]):  # noqa: N801 (as SQL's functions are)
    """The time in so many seconds, counted from the beginning of the transaction."""

    name = "in_seconds"
    type = UTCDateTime()
    inherit_cache = True


@compiles(in_seconds, "postgresql")
def for_postgresql(element: in_seconds, compiler: SQLCompiler, **kw: object) -> str:
    # Not clock_timestamp(), by which no index is searched.
    return f"now() + make_interval(secs => {compiler.process(element.clauses, **kw)})"


@compiles(in_seconds)
def for_sqlite(element: in_seconds, compiler: SQLCompiler, **kw: object) -> str:
    """As SQLAlchemy stores a datetime, of which only the milliseconds are known."""
    seconds = compiler.process(element.clauses, **kw)
    return f"strftime('%Y-%m-%d %H:%M:%f000', 'now', {seconds} || ' seconds')"


CLOCK = in_seconds(literal(0.0))


def seconds(name: str) -> in_seconds:
    """Return the time in as many seconds as the parameter of this name says."""
    return in_seconds(bindparam(name, type_=Float()))
