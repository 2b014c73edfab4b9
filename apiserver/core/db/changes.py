"""Tracks which rows a transaction changes, for the audit log.

The ORM reports what it flushes; from other statements of a session, the row is read off
the statement itself. Changes that bypass the session are missed: triggers, cascades,
the SQL of migrations.
"""

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Executable, Result, inspect
from sqlalchemy.orm import ORMExecuteState, Session

from apiserver.core.db.base import Base
from apiserver.core.db.prepared import Found
from apiserver.core.db.writing import (
    CHANGED,
    CREATED,
    DELETED,
    audited,
    check_written,
    names_of,
    writing,
)

# That of the column.
LONGEST_ACTION = 40


@dataclass
class Change:
    """A change of a row, or of several unidentified rows.

    ``fields`` are the names of the changed columns, never their values.
    """

    noun: str
    key: str | None
    verb: str
    rows: int = 1
    fields: set[str] = field(default_factory=set)

    @property
    def action(self) -> str:
        end = f"_{self.verb}"
        return f"{self.noun[: LONGEST_ACTION - len(end)]}{end}"

    @property
    def name(self) -> str:
        """The name of the row, or that of the table if the row isn't known."""
        return self.noun if self.key is None else f"{self.noun}:{self.key}"

    @property
    def target(self) -> str:
        """The event's target: which row or how many, the names of the fields."""
        words = [self.name, *([f"rows={self.rows}"] if self.rows > 1 else [])]
        return " ".join([*words, ",".join(sorted(self.fields))]).strip()


class Changes:
    """The changes of a transaction, one for each row."""

    def __init__(self) -> None:
        self.by_row: dict[tuple[str, str | None, str | None], Change] = {}

    def add(self, change: Change) -> None:
        """Add a change; merge it with an earlier one of the same row."""
        known = None if change.key is not None else change.verb
        row = (change.noun, change.key, known)
        before = self.by_row.pop(row, None)
        if before is None:
            self.by_row[row] = change
            return
        change.rows = before.rows = before.rows + (change.rows if known else 0)
        if change.verb == DELETED:
            if before.verb == CREATED and known is None:
                return
            before = change
        elif before.verb == DELETED and known is None:
            before.verb = CHANGED
        elif before.verb == CHANGED:
            before.fields |= change.fields
        self.by_row[row] = before


def changes_of(session: Session) -> Changes:
    """Return the changes so far in the session's transaction."""
    changes: Changes = session.info.setdefault("changes", Changes())
    return changes


def note(session: Session, statement: Executable, params: Any, found: Found) -> None:
    """Note the changes of a statement: ``found`` are its rows, or their number."""
    written = writing(statement)
    if written is None or not found:
        return
    several = params if isinstance(params, list) else [params or {}]
    if isinstance(found, list):
        pairs = [
            (several[number % len(several)], row) for number, row in enumerate(found)
        ]
        rows = 1
    else:
        pairs = [(values, None) for values in several]
        rows = max(found // len(several), 1)
    changes = changes_of(session)
    for values, row in pairs:
        change = Change(written.noun, written.key(values, row), written.verb, rows)
        change.fields |= written.fields_of(values)
        changes.add(change)


def note_executed(state: ORMExecuteState) -> Result[Any] | None:
    """Note the changes of an ORM-enabled statement (``do_orm_execute``)."""
    if state.is_select or not getattr(state.statement, "is_dml", False):
        return None
    params: Any = state.parameters
    several = params if isinstance(params, list) else [params or {}]
    check_written(state.statement, several)
    result = state.invoke_statement()
    # With RETURNING only the caller may fetch the rows; the rowcount is -1 then.
    rows = getattr(result, "rowcount", -1)
    note(state.session, state.statement, state.parameters, rows)
    return result


def note_flushed(session: Session, context: object) -> None:
    """Note the changes that the ORM has just flushed (``after_flush``)."""
    changes = changes_of(session)
    for verb, entities in (
        (CREATED, session.new),
        (CHANGED, session.dirty),
        (DELETED, session.deleted),
    ):
        for entity in entities:
            change = change_of(entity, verb)
            if change is not None and (verb != CHANGED or change.fields):
                changes.add(change)


def change_of(entity: Base, verb: str) -> Change | None:
    state = inspect(entity)
    rows = audited(state.mapper.local_table)
    if rows is None:
        return None
    key = "/".join(str(getattr(entity, name)) for name in rows.key)
    change = Change(rows.name, key, verb)
    if verb == CHANGED:
        changed = [
            attribute.columns[0].name
            for attribute in state.mapper.column_attrs
            if state.attrs[attribute.key].history.has_changes()
        ]
        change.fields |= names_of(state.mapper.local_table.c, changed)
    return change
