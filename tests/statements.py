"""How many SQL statements operations take: tables of a feature's tests, run row by row.

Of everything that an operation could read one by one there are ``MANY`` rows: were
there a statement for each, the number would show it.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, NamedTuple

import pytest

MANY = 20


class Row(NamedTuple):
    """Who calls what, with which body; the status, and how many statements it takes.

    The check of the token is one of them, and so is an event of the audit log. Path and
    body have placeholders, such as ``{team}``.
    """

    caller: str
    method: str
    path: str
    body: Any
    status: int
    number: int


def filled(body: Any, values: Mapping[str, Any]) -> Any:
    """Return a body with the values that its fields name."""
    if not isinstance(body, dict):
        return body
    named = {f"{{{name}}}": value for name, value in values.items()}
    return {
        field: named.get(value, value) if isinstance(value, str) else value
        for field, value in body.items()
    }


class StatementCounts:
    """The tests of a feature's table.

    The fixture ``scene`` makes the rows; it returns the callers by their names, and the
    values of the placeholders.
    """

    table: ClassVar[Sequence[tuple[Any, ...]]]

    @pytest.fixture
    def sign_in(self, api: Any) -> Callable[[Any], Any]:
        """A function that gives the client of a caller, of None an anonymous one."""
        return lambda user: api(user)

    def pytest_generate_tests(self, metafunc: Any) -> None:
        if "row" in metafunc.fixturenames:
            rows = [Row(*each) for each in self.table]
            metafunc.parametrize("row", rows, ids=lambda row: " ".join(row[:3]))

    def counted(self, executed: list[str]) -> list[str]:
        """Return the statements that count."""
        return executed

    def further(self, app: Any, path: str) -> int:
        """Return how many statements it takes besides, by the features that are on."""
        return 0

    def test_number(
        self, app: Any, scene: Any, sign_in: Any, statements: Any, row: Row
    ) -> None:
        callers, values = scene
        client = sign_in(callers[row.caller])
        json = {} if row.body is None else {"json": filled(row.body, values)}
        path = client.prefix + row.path.format(**values)
        with statements() as executed:
            response = client.call(row.method, path, **json)
        assert response.status_int == row.status
        number = row.number + self.further(app, row.path)
        assert len(self.counted(executed)) == number, executed
