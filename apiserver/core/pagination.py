"""A select becomes a page: LIMIT and OFFSET in a stable order, total and links."""

from typing import Any
from urllib.parse import urlencode

from sqlalchemy import BigInteger, bindparam, func, select

from apiserver.core.nodes import Object, Whole

LARGEST_OFFSET = 2**62


class PageQuery(Object):
    """Which page of a list."""

    limit = Whole(1, 100, missing=20, description="How many objects a page holds.")
    offset = Whole(
        0, LARGEST_OFFSET, missing=0, description="How many objects come before."
    )


class Listing:
    """A list that is read by pages.

    ``statement`` selects the rows, ``by`` is the column that orders them; it must be
    unique. The total comes with the rows, in one statement.

    ::

        TEAMS = Listing(select(Team.id, Team.title), by=Team.id)
    """

    def __init__(self, statement: Any, *, by: Any) -> None:
        counted = statement.with_only_columns(by).order_by(None).subquery()
        self.count = select(func.count()).select_from(counted)
        self.page = (
            statement.add_columns(self.count.scalar_subquery().label("total_count"))
            .order_by(by)
            .limit(bindparam("limit", type_=BigInteger))
            .offset(bindparam("offset", type_=BigInteger))
        )

    def __call__(self, request: Any, **parameters: Any) -> Any:
        """Return the rows of the page that the query asks for; set the headers."""
        query = request.validated["querystring"]
        window = {"limit": query["limit"], "offset": query["offset"]}
        rows = request.db.execute(self.page, {**parameters, **window}).all()
        if rows:
            total = rows[0].total_count
        elif window["offset"]:
            total = request.db.execute(self.count, parameters).scalar_one()
        else:
            total = 0
        request.extra_headers.append(("X-Total-Count", str(total)))
        request.extra_headers.append(("Link", links(request, query, total)))
        return rows


def links(request: Any, query: dict[str, Any], total: int) -> str:
    """Return the ``Link`` header (RFC 8288): first, prev, next and last page."""
    limit, offset = query["limit"], query["offset"]
    last = max(0, (total - 1) // limit * limit)
    targets = {"first": 0}
    if offset > 0:
        # From beyond the end it leads back to where there is something.
        targets["prev"] = min(last, max(0, offset - limit))
    if offset + limit < total:
        targets["next"] = offset + limit
    targets["last"] = last
    path = request.script_name + request.path_info
    query = {name: value for name, value in query.items() if value is not None}
    return ", ".join(
        f'<{path}?{urlencode({**query, "offset": start})}>; rel="{relation}"'
        for relation, start in targets.items()
    )
