"""How psycopg is made to do less for each result."""

from collections.abc import Iterator, Sequence
from typing import Any

import psycopg


class Columns(Sequence[Any]):
    """The columns of a result (PEP 249), each described when it is asked for."""

    def __init__(self, cursor: "Cursor", number: int) -> None:
        self.cursor = cursor
        self.number = number

    def __len__(self) -> int:
        return self.number

    def __getitem__(self, index: Any) -> Any:
        return [psycopg.Column(self.cursor, n) for n in range(self.number)][index]

    def __iter__(self) -> Iterator[Any]:
        return iter(self[:])


class Cursor(psycopg.Cursor[Any]):
    """A cursor that looks up no types.

    SQLAlchemy asks after each statement for the description of the columns. It reads
    it once, and afterwards only sees whether there is one.
    """

    @property
    def description(self) -> Any:
        result = self.pgresult
        return Columns(self, result.nfields) if result and result.nfields else None
