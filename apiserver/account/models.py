"""Accounts that wait to be deleted; which account an event of the audit log is about.

It is the account that the target names, as ``user:7``, ``sessions_of:7`` or
``personal_token:3 of:7``; else that of the actor. What an administrator does to an
account is an event of that account, and not of the administrator's own.
"""

from datetime import datetime

from sqlalchemy import Boolean, ColumnElement, ForeignKey, Index, Text, bindparam
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from apiserver.core.audit import AuditEvent
from apiserver.core.db import COMPARED_BY_NAME, OF_HISTORY, Base, Bookkeeping, now
from apiserver.users.models import User

# Regular expressions of PostgreSQL and Python.
NAMED = "(?:^user|_of| of):"


class AccountDeletion(Base):
    """The scheduled deletion of an account, at the time ``due``."""

    __tablename__ = "account_deletion"
    __audit__ = Bookkeeping("Events tell that it was requested, and what came of it.")

    user_id: Mapped[int] = mapped_column(
        ForeignKey(User.id, ondelete="CASCADE"), primary_key=True
    )
    created: Mapped[datetime] = mapped_column(default=now)
    due: Mapped[datetime] = mapped_column(index=True)


class Account(FunctionElement[str]):
    """The account's id as a string, from target and actor; for PostgreSQL."""

    type = Text()
    inherit_cache = True


@compiles(Account)
def compile_account(element: Account, compiler: SQLCompiler, **kw: object) -> str:
    target, actor = (compiler.process(each, **kw) for each in element.clauses)
    named = f"substring({target} from '{NAMED}([0-9]+)')"
    return f"coalesce({named}, CAST({actor} AS TEXT))"


class IsAccount(FunctionElement[bool]):
    """Whether target and actor are about the account with this id, a string."""

    type = Boolean()
    inherit_cache = True


@compiles(IsAccount, "postgresql")
def compile_indexed(element: IsAccount, compiler: SQLCompiler, **kw: object) -> str:
    target, actor, account = element.clauses
    found = compiler.process(Account(target, actor), **kw)
    return f"{found} = {compiler.process(account, **kw)}"


@compiles(IsAccount)
def compile_scanned(element: IsAccount, compiler: SQLCompiler, **kw: object) -> str:
    target, actor, account = (compiler.process(e, **kw) for e in element.clauses)
    target = f"coalesce({target}, '')"
    is_named = f"{target} REGEXP '{NAMED}' || {account} || '( |$)'"
    names_none = f"{target} NOT REGEXP '{NAMED}[0-9]'"
    # This skips most rows without a regular expression.
    by_name = f"({target} LIKE '%:' || {account} || '%' AND {is_named})"
    return f"({by_name} OR ({actor} = CAST({account} AS INTEGER) AND {names_none}))"


ACCOUNT = Account(AuditEvent.target, AuditEvent.actor_id)
# Its parameter is the id as a string.
OF_ACCOUNT: ColumnElement[bool] = IsAccount(
    AuditEvent.target, AuditEvent.actor_id, bindparam("account", type_=Text())
)

# SQLite has no such index: there the log is scanned from the newest event on.
Index(
    "ix_audit_event_account",
    ACCOUNT,
    AuditEvent.id,
    postgresql_using="btree",
    info={OF_HISTORY: "account", COMPARED_BY_NAME: True},
)
