"""Indexes for reading the audit log: without the feature no writes pay for them."""

from sqlalchemy import Index, Text
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from apiserver.core.audit import AuditEvent
from apiserver.core.db import COMPARED_BY_NAME, OF_HISTORY

# The longest name that PostgreSQL's index holds: longer ones are truncated.
LONGEST_NAME = 200


class RowName(FunctionElement[str]):
    """The first word of a target, such as ``user:7``; the rest says what changed."""

    type = Text()
    inherit_cache = True


@compiles(RowName)
def compile_name(element: RowName, compiler: SQLCompiler, **kw: object) -> str:
    target = compiler.process(element.clauses, **kw)
    return f"substr({target}, 1, instr({target} || ' ', ' ') - 1)"


@compiles(RowName, "postgresql")
def compile_cut_name(element: RowName, compiler: SQLCompiler, **kw: object) -> str:
    target = compiler.process(element.clauses, **kw)
    return f"\"left\"(split_part({target}, ' ', 1), {LONGEST_NAME})"


ROW_NAME = RowName(AuditEvent.target)
NEWEST = (AuditEvent.created, AuditEvent.id)
OF_FEATURE = {OF_HISTORY: "audit"}

Index(None, *NEWEST, info=OF_FEATURE)
Index(None, AuditEvent.action, *NEWEST, info=OF_FEATURE)
Index(None, AuditEvent.result, *NEWEST, info=OF_FEATURE)
Index(None, AuditEvent.actor_id, *NEWEST, info=OF_FEATURE)
Index(None, AuditEvent.client_id, *NEWEST, info=OF_FEATURE)
# SQLite has none: looking for a target there scans the events from the newest on.
Index(
    "ix_audit_event_row_name",
    ROW_NAME,
    *NEWEST,
    postgresql_using="btree",
    info={**OF_FEATURE, COMPARED_BY_NAME: True},
)
