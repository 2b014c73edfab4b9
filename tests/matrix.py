"""Permission matrices: tables in the source of a test, which are run cell by cell.

A row is a caller, a column an operation, a cell what is answered. Columns are separated
by two spaces or more.
"""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any, ClassVar, NamedTuple

from apiserver.core.services import services_of

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

    def options(self, client: Any, ids: Ids) -> Any:
        return client.options(self.path.format(**ids))

    def without_each(self, ids: Ids) -> Iterator[dict[str, int]]:
        """Yield the ids with each one of the path replaced by one that is missing."""
        for name in ids:
            if f"{{{name}}}" in self.path:
                yield {**ids, name: MISSING}


def read(table: str) -> list[tuple[str, str, str]]:
    """Return a table as (row, column, cell)."""
    heading, *rows = (re.split("  +", line) for line in table.strip().splitlines())
    return [
        (name, column, cell)
        for name, *row in rows
        for column, cell in zip(heading[1:], row, strict=True)
    ]


def allow(response: Any) -> list[str]:
    """Return the methods of ``Allow`` in alphabetical order; none without it."""
    value = response.headers.get("Allow")
    return sorted(value.split(", ")) if value is not None else []


def expected_options(cell: str) -> tuple[int, list[str]]:
    """Return the status and the methods that a cell stands for."""
    if cell.isdigit():
        return int(cell), []
    named = cell.split() if cell != "-" else []
    return 204, sorted([*named, "OPTIONS", *(["HEAD"] if "GET" in named else [])])


class PermissionMatrix:
    """The tests of a feature's tables.

    A cell of ``statuses`` is the status where the object exists; behind a slash, where
    it is missing. A cell of ``allowed`` holds the methods that OPTIONS allows, without
    HEAD, which goes with GET, and OPTIONS itself; ``-`` is OPTIONS alone.

    The fixture ``sign_in`` gives the client of a caller and the ids that it tries.
    """

    endpoints: ClassVar[Collection[str]]
    operations: ClassVar[Mapping[str, Operation]]
    statuses: ClassVar[str]
    allowed: ClassVar[str]
    # The operation whose 403 is about something else than the permission.
    unrelated: ClassVar[str] = ""

    def pytest_generate_tests(self, metafunc: Any) -> None:
        cells = [(*key, *cell.split("/")) for *key, cell in read(self.statuses)]
        tables = {
            "cell": [cell[:3] for cell in cells],
            "reading": [c[:3] for c in cells if self.operations[c[1]].method == "GET"],
            "permission": [cell[:3] for cell in cells if cell[1] != self.unrelated],
            "missing": [(*cell[:2], cell[3]) for cell in cells if len(cell) == 4],
            "options": read(self.allowed),
        }
        for name in tables.keys() & metafunc.fixturenames:
            metafunc.parametrize(name, tables[name], ids="-".join)

    def test_status_where_it_exists(self, sign_in: SignIn, cell: Any) -> None:
        caller, operation, status = cell
        response = self.operations[operation].call(*sign_in(caller))
        assert response.status_int == int(status)

    def test_status_where_it_is_missing(self, sign_in: SignIn, missing: Any) -> None:
        caller, operation, status = missing
        client, ids = sign_in(caller)
        tried = self.operations[operation].without_each(ids)
        answers = [self.operations[operation].call(client, each) for each in tried]
        assert {answer.status_int for answer in answers} == {int(status)}

    def test_head_answers_as_get(self, sign_in: SignIn, reading: Any) -> None:
        caller, operation, status = reading
        client, ids = sign_in(caller)
        response = client.head(self.operations[operation].path.format(**ids))
        assert response.status_int == int(status)
        assert response.body == b""

    def test_options(self, sign_in: SignIn, options: Any) -> None:
        caller, operation, cell = options
        response = self.operations[operation].options(*sign_in(caller))
        assert (response.status_int, allow(response)) == expected_options(cell)
        assert response.status_int != 204 or response.body == b""

    def test_options_where_it_is_missing(self, sign_in: SignIn, missing: Any) -> None:
        caller, operation, status = missing
        client, ids = sign_in(caller)
        tried = self.operations[operation].without_each(ids)
        answers = [self.operations[operation].options(client, each) for each in tried]
        assert {answer.status_int for answer in answers} == {int(status)}

    def test_allow_agrees_with_status(self, sign_in: SignIn, permission: Any) -> None:
        caller, operation, status = permission
        response = self.operations[operation].options(*sign_in(caller))
        allowed = self.operations[operation].method in allow(response)
        assert allowed == (status not in {"401", "403", "404"})

    def test_every_method_is_in_the_table(self, app: Any) -> None:
        columns = {column for _, column, _ in read(self.statuses)}
        declared = {
            (method, service.path)
            for service in services_of(app.registry)
            for method in service.permissions
            if service.path in self.endpoints and method != "HEAD"
        }
        assert declared <= {self.operations[column][:2] for column in columns}
