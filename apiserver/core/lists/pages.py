"""A page, and the ``Link`` header to others (RFC 8288)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from apiserver.core.http.response import Header
from apiserver.core.lists.orders import ListOrder
from apiserver.core.typing import Json, Request, Row

# How a page is requested; the last two by a cursor.
OFFSET, AFTER, BEFORE = "offset", "after", "before"
WAYS = (OFFSET, AFTER, BEFORE)

# The parameter and value in a link to a page; None for the first page.
Target = dict[str, int | str]


@dataclass(frozen=True)
class Page:
    """A page of a list.

    ``read`` are its rows, and one more if there is another page; ``skipped`` is the
    offset; ``total`` is None if unknown.
    """

    order: ListOrder
    query: Mapping[str, Json]
    limit: int
    way: str
    skipped: int
    read: Sequence[Row]
    total: int | None

    @property
    def has_more(self) -> bool:
        """Whether there are more rows in the direction of reading."""
        return len(self.read) > self.limit

    @property
    def rows(self) -> Sequence[Row]:
        rows = self.read[: self.limit]
        return rows[::-1] if self.way == BEFORE else rows

    def targets(self) -> dict[str, Target]:
        """Return the targets of the links, by relation."""
        targets = self.from_offset() if self.way == OFFSET else self.from_cursor()
        if self.total is not None:
            targets["last"] = {OFFSET: self.last}
        return targets

    @property
    def last(self) -> int:
        """The offset of the last page."""
        return max(0, ((self.total or 0) - 1) // self.limit * self.limit)

    def from_offset(self) -> dict[str, Target]:
        targets: dict[str, Target] = {"first": {OFFSET: 0}}
        if self.skipped > 0:
            previous = max(0, self.skipped - self.limit)
            # From beyond the end it leads back to the last page.
            known = self.total is not None
            targets["prev"] = {OFFSET: min(self.last, previous) if known else previous}
        if self.has_more and self.query[OFFSET] is None:
            targets["next"] = {AFTER: self.cursor(-1)}
        elif self.has_more:
            targets["next"] = {OFFSET: self.skipped + self.limit}
        return targets

    def from_cursor(self) -> dict[str, Target]:
        targets: dict[str, Target] = {"first": {}}
        if self.read and (self.way == AFTER or self.has_more):
            targets["prev"] = {BEFORE: self.cursor(0)}
        if self.read and (self.way == BEFORE or self.has_more):
            targets["next"] = {AFTER: self.cursor(-1)}
        return targets

    def cursor(self, index: int) -> str:
        return self.order.cursor(self.rows[index])


def page_headers(request: Request, page: Page, total: int | None) -> Iterator[Header]:
    """Yield the total, if it was counted, and the links."""
    if total is not None:
        yield "X-Total-Count", str(total)
    targets = page.targets()
    yield "Link", link_header(request.path, page.limit, request.GET.items(), targets)


def link_header(
    path: str,
    limit: int,
    query: Iterable[tuple[str, str]],
    targets: Mapping[str, Target],
) -> str:
    """Return the header; the links keep the other parameters of the query."""
    others = [(name, value) for name, value in query if name not in {"limit", *WAYS}]
    return ", ".join(
        f"<{path}?{urlencode([('limit', limit), *target.items(), *others])}>; "
        f'rel="{relation}"'
        for relation, target in targets.items()
    )
