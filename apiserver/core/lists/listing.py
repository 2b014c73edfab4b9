"""Turns a SELECT into pages in a stable order, with the total and links.

Pages begin at an ``offset``, or after or before a cursor. Skipping rows takes time for
each of them; with a cursor any page costs as much as the first.
"""

from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from functools import cache, lru_cache
from types import MappingProxyType

from pyramid.config import Configurator
from sqlalchemy import bindparam

from apiserver.core.db.records import selects_entities
from apiserver.core.db.sessions import Session
from apiserver.core.lists.columns import Column
from apiserver.core.lists.filters import ListFilter
from apiserver.core.lists.orders import ListOrder
from apiserver.core.lists.pages import OFFSET, Page, page_headers
from apiserver.core.lists.queries import PageQuery, cursors_of, query_of, where
from apiserver.core.lists.sorting import Sort, columns_of, order_of
from apiserver.core.lists.statements import page_statement
from apiserver.core.lists.totals import EXACT, NONE, Total, how_to_count
from apiserver.core.tree.resources import asks_for
from apiserver.core.typing import Json, Request, Row, Selection

# Each combination of filters and order is one. A list caches this many.
MOST_STATEMENTS = 200

# The names of the given filters, with the settings of their switches.
Given = tuple[tuple[str, bool | None], ...]

NOTHING: Mapping[str, ListFilter] = MappingProxyType({})


class Listing:
    """A list with pages.

    ``statement`` selects columns, or entities of one class; ``by`` is the column that
    orders them: a unique number above 0. ``sort`` are the columns to sort by, perhaps
    with other names for clients. One statement returns both the total and the rows.
    ``query`` is PageQuery or a subclass, to which the parameters of ``filters`` and
    ``sort`` are added. ``order`` is the default of ``sort``; without it the name of
    ``by``.

    ::

        TEAMS = Listing(
            select(Team.id, Team.title),
            by=Team.id,
            sort=(Team.title, Team.created),
            filters={"title": contains(Team.title)},
        )

        @teams.get(permission=…, lists=TEAMS, returns=TeamSummary)
        def list_teams(request):
            return TEAMS.page_of(request)
    """

    def __init__(
        self,
        statement: Selection,
        *,
        by: Column,
        query: type[PageQuery] = PageQuery,
        sort: Mapping[str, Column] | Iterable[Column] = (),
        filters: Mapping[str, ListFilter] = NOTHING,
        order: str = "",
    ) -> None:
        self.statement = statement
        self.has_entities = selects_entities(statement)
        self.by = by
        self.filters = filters
        self.columns = columns_of(by, sort)
        self.order = lru_cache(MOST_STATEMENTS)(self.make_order)
        self.usual = (order or by.key,)
        cursors = cursors_of(self.order(self.usual))
        sorts = {"sort": Sort(self.columns, self.usual)} if sort else {}
        self.query = query_of(query, filters, {**cursors, **sorts})
        self.prepare()

    def prepare(self) -> None:
        """Create the caches of statements, and of lists below objects."""
        self.total = lru_cache(MOST_STATEMENTS)(self.make_total)
        self.page = lru_cache(MOST_STATEMENTS)(self.make_page)
        self.below = cache(self.make_below)

    def make_below(self, name: str, *, given: bool) -> "Listing":
        """Return the list below an object, whose id has this name.

        That is this list, if the statement has a parameter for the id or from the view.
        Raises TypeError if it has none and the table has no column of that name:
        otherwise the rows of all objects would be listed below each.
        """
        table = getattr(self.by.expression, "table", None)
        column = table.columns.get(name) if table is not None else None
        if asks_for(self.statement, name) or (column is None and given):
            return self
        if column is None:
            raise TypeError(
                f"Below /{{{name}}} a list must refer to it: by a column {name} of its "
                f"table, or bindparam({name!r}) in its statement."
            )
        below = copy(self)
        below.statement = self.statement.where(column == bindparam(name))
        below.prepare()
        return below

    def make_order(self, words: tuple[str, ...]) -> ListOrder:
        """Return the order for the words of ``sort``."""
        return order_of(self.by, self.columns, words)

    def make_total(self, given: Given) -> Total:
        """Return the total of the rows that match the given filters."""
        return Total(self.filtered(given), self.by)

    def make_page(
        self,
        given: Given,
        order: ListOrder,
        way: str,
        count: str,
        nulls: tuple[bool, ...] = (),
    ) -> Selection:
        """Return the statement for pages requested in this way."""
        page = page_statement(self.filtered(given), self.by, order, way, nulls)
        total = self.total(given).columns[count]
        return page.add_columns(total.label("total_count"))

    def filtered(self, given: Given) -> Selection:
        """Return the statement for the rows that match the given filters."""
        switches = dict(given)
        conditions = (
            each.where(name, switch=switches[name])
            if name in switches
            else each.otherwise
            for name, each in self.filters.items()
        )
        return self.statement.where(*(c for c in conditions if c is not None))

    def given_by(self, query: Mapping[str, Json]) -> Given:
        """Return the filters whose values aren't the default."""
        return tuple(
            (name, each.switch(query[name]))
            for name, each in self.filters.items()
            if query[name] != each.default
        )

    def values(self, given: Given, query: Mapping[str, Json]) -> dict[str, Json]:
        """Return the values of the filters, by the names of their parameters."""
        return {
            f"filter_{name}": self.filters[name].prepare(query[name])
            for name, switch in given
            if switch is None
        }

    def page_of(self, request: Request, **parameters: object) -> Sequence[Row]:
        """Return the rows of the requested page; set the headers.

        ``parameters`` are those of the statement, besides ``CALLER`` and the ids of the
        URL's items. Only rows below the nearest item are listed: if the statement has
        no parameter ``team_id``, that column of the table is compared.
        """
        ids = request.context.ids()
        nearest = next(reversed(ids), None)
        listing = self
        if nearest is not None:
            listing = self.below(nearest, given=bool(parameters))
        known = {"caller": request.caller_id, **ids, **parameters}
        return listing.read_page(request, known)

    def read_page(
        self, request: Request, parameters: dict[str, object]
    ) -> Sequence[Row]:
        query = request.validated["querystring"]
        given = self.given_by(query)
        values = self.values(given, query) if given else {}
        parameters = {**values, **parameters}
        order = self.order(query.get("sort", self.usual))
        way, place = where(query, order)
        nulls = order.nulls_at(place) if order.nullable else ()
        count = how_to_count(request, EXACT if way == OFFSET else NONE)
        # One more row, to see whether there is another page.
        limit: int = query["limit"]
        window = {"limit": limit + 1, **place}
        statement = self.page(given, order, way, count, nulls)
        rows = self.read(request.db, statement, {**parameters, **window})
        total = None
        if count != NONE:
            # Each row has the total; an empty page may be beyond the last one.
            known = rows[0].total_count if rows else None if any(place.values()) else 0
            total = self.total(given).number(request.db, count, known, parameters)
        exact = total if count == EXACT else None
        page = Page(order, query, limit, way, place.get("skipped", 0), rows, exact)
        request.extra_headers += page_headers(request, page, total)
        return [row[0] for row in page.rows] if self.has_entities else page.rows

    def read_on(
        self, db: Session, query: Mapping[str, Json], **parameters: object
    ) -> tuple[Sequence[Row], str | None]:
        """Return the rows of a page, without a total, and the cursor of the next one.

        For HTML pages. ``query`` has the values that the schema ``query`` returned.
        Raises NoCursor, TwoPlaces.
        """
        given, order = self.given_by(query), self.order(query.get("sort", self.usual))
        way, place = where(query, order)
        statement = self.page(given, order, way, NONE, order.nulls_at(place))
        values = {**self.values(given, query), **parameters, **place}
        limit: int = query["limit"]
        rows = self.read(db, statement, {**values, "limit": limit + 1})
        page = Page(order, query, limit, way, 0, rows, None)
        return page.rows, page.cursor(-1) if page.has_more else None

    def read(
        self, db: Session, statement: Selection, parameters: dict[str, object]
    ) -> Sequence[Row]:
        if self.has_entities:
            return db.execute(statement, parameters).unique().all()
        return db.rows(statement, parameters)


def includeme(config: Configurator) -> None:
    exposed = ["Link", "Preference-Applied", "X-Total-Count"]
    config.add_cors_headers(taken=["Prefer"], exposed=exposed)
