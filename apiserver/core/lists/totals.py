"""The total of a list, as exact as the client prefers (RFC 7240).

``Prefer: count=exact|none|estimated``. The time to count grows with the list, the time
to read a page doesn't.
"""

import re

from sqlalchemy import func, null, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.expression import ClauseElement, Executable

from apiserver.core.db.sessions import Session
from apiserver.core.lists.columns import Column
from apiserver.core.typing import Request, Selection

EXACT, NONE, ESTIMATED = "exact", "none", "estimated"
COUNTS = (EXACT, NONE, ESTIMATED)

# The header in the document.
ABOUT = (
    "How to count the objects on all pages (RFC 7240): `count=exact`, `count=none` or "
    "`count=estimated`. The default is `exact`, or `none` on pages reached by a cursor."
)

_PREFERENCE = re.compile(
    rf'(?:^|,)\s*count\s*=\s*"?({"|".join(COUNTS)})"?\s*(?=$|[;,])', re.IGNORECASE
)

# Up to here an estimate is exact, since counting is fast enough.
BOUND = 10_000


class explain(Executable, ClauseElement):  # noqa: N801 (as SQLAlchemy's own elements)
    """PostgreSQL's plan of a statement, as JSON."""

    inherit_cache = False

    def __init__(self, statement: Selection) -> None:
        self.statement = statement


@compiles(explain)
def compile_explain(element: explain, compiler: SQLCompiler, **kw: object) -> str:
    return f"EXPLAIN (FORMAT JSON) {compiler.process(element.statement, **kw)}"


class Total:
    """The number of the rows that a statement selects.

    ``columns`` has the additional column of a page for each way of counting.
    """

    def __init__(self, statement: Selection, by: Column) -> None:
        self.rows = statement.with_only_columns(by).order_by(None)
        bounded = self.rows.limit(BOUND + 1).subquery()
        counted = self.rows.subquery()
        self.statements = {
            EXACT: select(func.count().label("total")).select_from(counted),
            ESTIMATED: select(func.count().label("total")).select_from(bounded),
        }
        self.columns = {
            **{k: s.scalar_subquery() for k, s in self.statements.items()},
            NONE: null(),
        }

    def number(
        self, db: Session, count: str, known: int | None, parameters: dict[str, object]
    ) -> int:
        """Return the total, given the page's additional column."""
        if known is None:
            known = int(db.row(self.statements[count], parameters).total)
        if count == ESTIMATED and known > BOUND:
            [plan] = db.execute(explain(self.rows), parameters).scalar_one()
            known = max(known, plan["Plan"]["Plan Rows"])
        return known


def how_to_count(request: Request, default: str) -> str:
    """Return how to count; set ``Vary`` and ``Preference-Applied``.

    SQLite's planner estimates no totals, so there an estimate is exact.
    """
    request.extra_headers.append(("Vary", "Prefer"))
    found = _PREFERENCE.search(request.environ.get("HTTP_PREFER", ""))
    if found is None:
        return default
    count = found[1].lower()
    if count == ESTIMATED and request.db.get_bind().dialect.name != "postgresql":
        count = EXACT
    request.extra_headers.append(("Preference-Applied", f"count={count}"))
    return count
