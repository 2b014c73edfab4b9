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


class PermissionMatrix:
    """The tests of a feature's table of statuses, where the objects exist.

    Each cell is a test. What doesn't depend on who calls is tried as nobody and as an
    administrator: missing objects, HEAD, and OPTIONS, which allows what is answered.
    All callers at all of these are walked by ``tests/contract/test_walk.py``.

    The fixture ``sign_in`` gives the client of a caller and the ids that it tries.
    """

    endpoints: ClassVar[Collection[str]]
    operations: ClassVar[Mapping[str, Operation]]
    statuses: ClassVar[str]
    # The operation whose 403 is about something else than the permission.
    unrelated: ClassVar[str] = ""

    def pytest_generate_tests(self, metafunc: Any) -> None:
        operations = self.operations.items()
        values: dict[str, list[Any]] = {
            "cell": read(self.statuses),
            "reading": [name for name, each in operations if each.method == "GET"],
            "keyed": [
                name for name, o in operations if "{" in o.path.partition("?")[0]
            ],
            "path": sorted(
                {o.path for name, o in operations if name != self.unrelated}
            ),
        }
        for name in values.keys() & metafunc.fixturenames:
            ids = "-".join if name == "cell" else str
            metafunc.parametrize(name, values[name], ids=ids)

    def test_status_where_it_exists(self, sign_in: SignIn, cell: Any) -> None:
        caller, operation, status = cell
        response = self.operations[operation].call(*sign_in(caller))
        assert response.status_int == int(status)

    def test_status_where_it_is_missing(self, sign_in: SignIn, keyed: str) -> None:
        operation = self.operations[keyed]
        for caller, status in (("anonymous", 401), ("admin", 404)):
            client, ids = sign_in(caller)
            tried = list(operation.without_each(ids))
            answers = [operation.call(client, each) for each in tried]
            answers += [operation.options(client, each) for each in tried]
            assert {answer.status_int for answer in answers} == {status}

    def test_head_answers_as_get(self, sign_in: SignIn, reading: str) -> None:
        statuses = {
            row: cell for row, name, cell in read(self.statuses) if name == reading
        }
        for caller in ("anonymous", "admin"):
            client, ids = sign_in(caller)
            response = client.head(self.operations[reading].path.format(**ids))
            assert (response.status_int, response.body) == (int(statuses[caller]), b"")

    def test_options_allow_what_is_answered(self, sign_in: SignIn, path: str) -> None:
        for caller in ("anonymous", "admin"):
            client, ids = sign_in(caller)
            response = client.options(path.format(**ids))
            expected = self.expected_options(caller, path)
            assert (response.status_int, allow(response)) == expected

    def expected_options(self, caller: str, path: str) -> tuple[int, list[str]]:
        """Return the status and the methods that the cells of a path stand for."""
        cells = {
            self.operations[name].method: cell
            for row, name, cell in read(self.statuses)
            if (row, self.operations[name].path) == (caller, path)
            and name != self.unrelated
        }
        if set(cells.values()) in ({"401"}, {"404"}):
            return int(min(cells.values())), []
        named = {m for m, cell in cells.items() if cell not in {"401", "403", "404"}}
        head = {"HEAD"} if "GET" in named else set()
        return 204, sorted({*named, *head, "OPTIONS"})

    def test_every_method_is_in_the_table(self, app: Any) -> None:
        columns = {column for _, column, _ in read(self.statuses)}
        declared = {
            (method, service.path)
            for service in services_of(app.registry)
            for method in service.permissions
            if service.path in self.endpoints and method != "HEAD"
        }
        assert declared <= {self.operations[column][:2] for column in columns}
