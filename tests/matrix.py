"""Permission matrices: tables in the source of a test, which are run cell by cell.

A row is a caller, a column an operation, a cell what is answered. Columns are separated
by two spaces or more.
"""

import re
from collections.abc import Callable, Collection, Mapping
from typing import Any, ClassVar, NamedTuple

from apiserver.core.endpoints import services_of

Ids = Mapping[str, int]
SignIn = Callable[[str], tuple[Any, Ids]]

# An id that no object has.
MISSING = 2**62


class Caller(NamedTuple):
    """A kind of account, its part in the test, the scopes of its token (None: all)."""

    kind: str
    part: str = ""
    scopes: tuple[str, ...] | None = None


class Operation(NamedTuple):
    """A method at a path with placeholders; the body that it takes, made of the ids."""

    method: str
    path: str
    body: Callable[[Ids], Any] | None = None

    def call(self, client: Any, ids: Ids) -> Any:
        body = {"json": self.body(ids)} if self.body else {}
        path = client.prefix + self.path.format(**ids)
        return client.call(self.method, path, **body)


def read(table: str) -> list[tuple[str, str, str]]:
    """Return a table as (row, column, cell)."""
    heading, *rows = (re.split("  +", line) for line in table.strip().splitlines())
    return [
        (name, column, cell)
        for name, *row in rows
        for column, cell in zip(heading[1:], row, strict=True)
    ]


class PermissionMatrix:
    """The tests of a feature's table of statuses, where the objects exist.

    Each cell is a test. All callers are walked to missing objects, with HEAD and with
    OPTIONS, too, by ``tests/contract/test_walk.py``.

    The fixture ``sign_in`` gives the client of a caller and the ids that it tries.
    """

    endpoints: ClassVar[Collection[str]]
    operations: ClassVar[Mapping[str, Operation]]
    statuses: ClassVar[str]

    def pytest_generate_tests(self, metafunc: Any) -> None:
        if "cell" in metafunc.fixturenames:
            metafunc.parametrize("cell", read(self.statuses), ids="-".join)

    def test_status_where_it_exists(self, sign_in: SignIn, cell: Any) -> None:
        caller, operation, status = cell
        response = self.operations[operation].call(*sign_in(caller))
        assert response.status_int == int(status)

    def test_every_method_is_in_the_table(self, app: Any) -> None:
        columns = {column for _, column, _ in read(self.statuses)}
        declared = {
            (method, service.path)
            for service in services_of(app.registry)
            for method in service.permissions
            if service.path in self.endpoints and method != "HEAD"
        }
        assert declared <= {self.operations[column][:2] for column in columns}
