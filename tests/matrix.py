"""Permission matrices: tables in the source of a test, which are run cell by cell.

A row is a caller, a column an operation, a cell what is answered. Columns are separated
by two spaces or more. A caller is named by the kind of his account, by his part in the
test, and after a comma by what his token may: ``read-only owner``; ``owner, no scope``,
which has all scopes but the feature's; ``admin, read scope``.
"""

import re
from collections.abc import Callable, Collection, Mapping
from typing import Any, ClassVar, NamedTuple

import pytest

from apiserver.core.endpoints.services import services_of
from tests.contract.places import make_place

Ids = Mapping[str, int]
SignIn = Callable[[str], tuple[Any, Ids]]

# An id that no object has.
MISSING = 2**62


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


# The words for kinds of accounts; all others name a part.
KINDS = {"read-only": "read_only", "inactive": "inactive"}
KINDS |= {"admin": "admin", "internal": "internal"}


class Caller(NamedTuple):
    """A kind of account, its part in the test, what its token may."""

    kind: str
    part: str
    token: str

    @classmethod
    def named(cls, name: str) -> "Caller":
        who, _, token = name.partition(", ")
        words = who.split()
        kind = next((KINDS[word] for word in words if word in KINDS), "regular")
        part = next((word for word in words if word not in KINDS), "")
        return cls(kind, part, token.removesuffix(" scope"))

    def scopes(self, every: Collection[str], feature: str) -> list[str]:
        """Return the scopes of the token: all, all but the feature's, or one."""
        if not self.token:
            return list(every)
        if self.token != "no":
            return [f"{feature}:{self.token}"]
        return [scope for scope in every if not scope.startswith(f"{feature}:")]


class PermissionMatrix:
    """The tests of a feature's table of statuses, where the objects exist.

    Each cell is a test. All callers are walked to missing objects, with HEAD and with
    OPTIONS, too, by ``tests/contract/test_walk.py``.

    The fixture ``make_ids`` is a function of a user and its part that makes what is
    asked for, and returns the ids.
    """

    feature: ClassVar[str]
    endpoints: ClassVar[Collection[str]]
    operations: ClassVar[Mapping[str, Operation]]
    statuses: ClassVar[str]

    @pytest.fixture
    def sign_in(
        self, api: Any, app: Any, make_user: Any, make_client: Any, make_ids: Any
    ) -> SignIn:
        """A function that returns the client of a caller, and the ids that it tries."""

        def call(name: str) -> tuple[Any, Ids]:
            caller = Caller.named(name)
            user = make_user(caller.kind)
            ids = make_ids(user, caller.part)
            if name == "anonymous":
                return api(), ids
            every = app.registry.scopes
            if name == "client":
                return api(client=make_client(default_scopes=tuple(every))), ids
            return api(user, scopes=caller.scopes(every, self.feature)), ids

        return call

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


class PermissionsAtPlaces(PermissionMatrix):
    """The tests of a table, at the objects that the feature's ``places.py`` makes.

    ``parts`` has the roles there for the parts in the table.
    """

    place: ClassVar[str]
    parts: ClassVar[Mapping[str, str]]

    @pytest.fixture
    def make_ids(self, db: Any) -> Callable[[Any, str], Ids]:
        def make(user: Any, part: str) -> Ids:
            place = make_place(db, self.place, user, self.parts.get(part))
            return {**place.keys, **place.values, "own_id": user.id}

        return make
