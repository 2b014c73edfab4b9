"""How many objects a list holds, as exactly as the client prefers (RFC 7240).

``Prefer: count=exact|none|estimated``. Counting takes time with each object that there
is; what it would take to show a page doesn't.
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

# What the document says of the header.
ABOUT = (
    "How to count the objects on all pages (RFC 7240): `count=exact`, `count=none` or "
    "`count=estimated`. The default is `exact`, or `none` on pages reached by a cursor."
)

_PREFERENCE = re.compile(
    rf'(?:^|,)\s*count\s*=\s*"?({"|".join(COUNTS)})"?\s*(?=$|[;,])', re.IGNORECASE
)

# Up to here an estimate is exact: so many are counted in a moment.
BOUND = 10_000


class explain(Executable, ClauseElement):  # noqa: N801 (as SQLAlchemy's own elements)
    """What PostgreSQL's planner expects of a statement, as JSON."""

    inherit_cache = False

    def __init__(self, statement: Selection) -> None:
        self.statement = statement


@compiles(explain)
def compile_explain(element: explain, compiler: SQLCompiler, **kw: object) -> str:
    return f"EXPLAIN (FORMAT JSON) {compiler.process(element.statement, **kw)}"


class Total:
    """The number of the rows that a statement selects.

    ``columns`` has, for each way of counting, what comes as a column with each page.
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
        """Return the total, of which a page has brought what is known."""
        if known is None:
            known = int(db.row(self.statements[count], parameters).total)
        if count == ESTIMATED and known > BOUND:
            [plan] = db.execute(explain(self.rows), parameters).scalar_one()
            known = max(known, plan["Plan"]["Plan Rows"])
        return known


def how_to_count(request: Request, default: str) -> str:
    """Return how to count, and say whether that is what the client prefers.

    SQLite has no planner that could be asked: there an estimate is exact.
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
