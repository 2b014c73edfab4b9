"""A select becomes a page in a stable order, with the total and links to other pages.

By ``offset``, or by a cursor: the page after, or before, a row that is known. To skip
rows takes time with each of them; from a cursor on, any page costs what the first does.
"""

from typing import Any

from sqlalchemy import BigInteger, bindparam

from apiserver.core import cursors
from apiserver.core.counting import COUNTS, EXACT, NONE, Total, how_to_count
from apiserver.core.errors import ValidationFailed
from apiserver.core.nodes import Object, Text, Whole
from apiserver.core.pages import AFTER, BEFORE, OFFSET, WAYS, Page, link_header

LARGEST_OFFSET = 2**62

LIMIT: Any = bindparam("limit", type_=BigInteger)
PLACE: Any = bindparam("place", type_=BigInteger)


class PageQuery(Object):
    """Which page of a list."""

    limit = Whole(1, 100, missing=20, description="How many objects a page holds.")
    offset = Whole(
        0,
        LARGEST_OFFSET,
        missing=None,
        description="How many objects come before; by default none.",
    )
    after = Text(1, 200, missing=None, description="A cursor, from the link `next`.")
    before = Text(1, 200, missing=None, description="A cursor, from the link `prev`.")


class NoCursor(ValidationFailed):
    def __init__(self, name: str = AFTER) -> None:
        super().__init__(("querystring", name, "Is no cursor of this list."))


class TwoPlaces(ValidationFailed):
    def __init__(self, name: str = BEFORE) -> None:
        description = "Of offset, after and before only one can be given."
        super().__init__(("querystring", name, description))


class Listing:
    """A list that is read by pages.

    ``statement`` selects the rows, ``by`` is the column that orders them: a unique
    number above 0. The total comes with the rows, in one statement.

    ::

        TEAMS = Listing(select(Team.id, Team.title), by=Team.id)
    """

    def __init__(self, statement: Any, *, by: Any) -> None:
        self.order = str(by.expression)
        self.total = Total(statement, by)
        keyed = statement.add_columns(by.label("page_key")).limit(LIMIT)
        pages = {
            OFFSET: keyed.order_by(by).offset(PLACE),
            AFTER: keyed.order_by(by).where(by > PLACE),
            BEFORE: keyed.order_by(by.desc()).where(by < PLACE),
        }
        self.pages = {
            (way, count): page.add_columns(
                self.total.columns[count].label("total_count")
            )
            for way, page in pages.items()
            for count in COUNTS
        }

    def __call__(self, request: Any, **parameters: Any) -> Any:
        """Return the rows of the page that the query asks for; set the headers."""
        query = request.validated["querystring"]
        way, place = self.place(query)
        count = how_to_count(request, EXACT if way == OFFSET else NONE)
        # One more, to see whether there is another page.
        window = {"limit": query["limit"] + 1, "place": place}
        rows = request.db.rows(self.pages[way, count], {**parameters, **window})
        total = None
        if count != NONE:
            known = rows[0].total_count if rows else None if place else 0
            total = self.total.number(request.db, count, known, parameters)
            request.extra_headers.append(("X-Total-Count", str(total)))
        exact = total if count == EXACT else None
        page = Page(self.order, query, way, place, rows, exact)
        path = request.script_name + request.path_info
        header = link_header(path, query, page.targets())
        request.extra_headers.append(("Link", header))
        return page.rows

    def place(self, query: dict[str, Any]) -> tuple[str, int]:
        """Return how the page is asked for, and the offset or the cursor's key."""
        given = [way for way in WAYS if query[way] is not None]
        if len(given) > 1:
            raise TwoPlaces(given[1])
        if given in ([], [OFFSET]):
            return OFFSET, query[OFFSET] or 0
        try:
            return given[0], cursors.decode(self.order, query[given[0]])
        except ValueError:
            raise NoCursor(given[0]) from None
