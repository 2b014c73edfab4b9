"""Gates of accounts: whoever waits to change a row gets it, however many share it.

PostgreSQL lets those who share a row (``FOR SHARE``) in before one who waits to change
it. Someone who keeps overlapping writes going would never lose a right. Advisory locks
are given in turn: who shares an account's row passes its gate before, in the same
statement; who changes it closes the gate and waits for those within. All administrators
have one gate, since their rows are locked together.

SQLite has one lock for all, and no gates.
"""

from collections.abc import Callable, Iterable

from sqlalchemy import (
    BindParameter,
    Boolean,
    ColumnElement,
    CompoundSelect,
    case,
    func,
    literal_column,
    select,
    union,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import aliased
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from apiserver.core.typing import Selection
from apiserver.users.models import User

# Apart from the advisory locks that others may use, by 64 bits, in the same database.
FIRST: ColumnElement[int] = literal_column(str(0x6163_636F << 32))
OF_ADMINISTRATORS: ColumnElement[int] = literal_column("0")

_User = aliased(User, name="gated")
NUMBER = case((_User.is_admin, OF_ADMINISTRATORS), else_=_User.id)


class Gate(FunctionElement[bool]):
    """A condition that is true, once the locks that its statement takes are held.

    The statement names nothing of the rows that are selected, so PostgreSQL executes it
    once, before it looks at any.
    """

    type = Boolean()
    inherit_cache = True


@compiles(Gate)
def compile_gate(element: Gate, compiler: SQLCompiler, **kw: object) -> str:
    return "1"


@compiles(Gate, "postgresql")
def compile_lock(element: Gate, compiler: SQLCompiler, **kw: object) -> str:
    return f"{compiler.process(element.clauses, **kw)} >= 0"


def passed(*user_ids: ColumnElement[int] | BindParameter[int]) -> Gate:
    """Wait until nobody changes the accounts, or is waiting to."""
    return gate(func.pg_advisory_xact_lock_shared, numbers_of(user_ids))


def closed(*user_ids: ColumnElement[int] | BindParameter[int]) -> Gate:
    """Let nobody pass until the transaction ends, and wait for those who have."""
    return gate(func.pg_advisory_xact_lock, numbers_of(user_ids))


def closed_with_administrators(
    *user_ids: ColumnElement[int] | BindParameter[int],
) -> Gate:
    """Close the administrators' gate, too: first, since its number is the lowest."""
    numbers = union(numbers_of(user_ids), select(OF_ADMINISTRATORS))
    return gate(func.pg_advisory_xact_lock, numbers)


def numbers_of(
    user_ids: Iterable[ColumnElement[int] | BindParameter[int]],
) -> Selection:
    return select(NUMBER.label("number")).where(_User.id.in_(user_ids))


def gate(
    lock: Callable[..., ColumnElement[object]],
    numbers: Selection | CompoundSelect[int],
) -> Gate:
    """Return the condition that takes a lock of each number, in their order."""
    ordered = numbers.order_by("number").subquery("gates")
    locks = select(func.count(lock(FIRST + ordered.c.number)))
    return Gate(locks.scalar_subquery())
