"""The statement of a page: rows in an order, from an offset or a position on."""

from collections.abc import Sequence

from sqlalchemy import BigInteger, ColumnElement, bindparam, select, union_all

from apiserver.core.lists.columns import Column
from apiserver.core.lists.orders import ListOrder
from apiserver.core.lists.pages import BEFORE, OFFSET
from apiserver.core.typing import Selection

LIMIT = bindparam("limit", type_=BigInteger)
SKIPPED = bindparam("skipped", type_=BigInteger)


def page_statement(
    rows: Selection, by: Column, order: ListOrder, way: str, nulls: Sequence[bool]
) -> Selection:
    """Return the statement for a page of the rows.

    ``way`` says how it is requested, and ``nulls`` which columns of the order are NULL
    at the position of the cursor.
    """
    backwards = way == BEFORE
    page = rows.add_columns(*order.labels).limit(LIMIT)
    page = page.order_by(*order.clauses(backwards=backwards))
    if way == OFFSET:
        return page.offset(SKIPPED)
    parts = list(order.beyond(nulls, backwards=backwards))
    if len(parts) == 1:
        return page.where(*parts)
    return page.where(among_first(rows, by, order, parts, backwards=backwards))


def among_first(
    rows: Selection,
    by: Column,
    order: ListOrder,
    parts: Sequence[ColumnElement[bool]],
    *,
    backwards: bool,
) -> ColumnElement[bool]:
    """Return the condition for the first rows of each part, which include the page.

    An index finds these at any depth. For an OR of the conditions the database would
    read all rows, and sort them.
    """
    ordered = rows.with_only_columns(by).limit(LIMIT)
    ordered = ordered.order_by(*order.clauses(backwards=backwards))
    firsts = (ordered.where(part).subquery() for part in parts)
    return by.in_(union_all(*(select(*first.c) for first in firsts)))
