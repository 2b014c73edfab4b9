"""The audit log: who did what, or tried to.

An event is a row of ``audit_event`` and a line of the logger ``apiserver.audit``.
Neither contains secrets, nor text that was typed into a form: people type their
password into the wrong field.

Each change of a row is recorded automatically (``changes.py``): ``team_created``,
``team_changed`` with the names of the fields, ``team_deleted``. An event that code
records about the same target, under a more specific name, replaces that one.
"""

import logging
import secrets
from collections.abc import Collection, Iterable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, TypedDict, Unpack

from sqlalchemy import String, Text, bindparam, insert
from sqlalchemy import event as hooks
from sqlalchemy.orm import Mapped, SessionTransaction, mapped_column
from sqlalchemy.orm import Session as AnySession

from apiserver.core.db.base import Base, Bookkeeping, PrimaryKey, now
from apiserver.core.db.changes import Change, Changes
from apiserver.core.db.records import Statement
from apiserver.core.db.sessions import Session
from apiserver.core.registry import Registry
from apiserver.core.typing import Request


class AuditEvent(Base):
    """Something that was done, or tried.

    Append-only. Without foreign keys the rows survive what they describe.
    ``grant_id`` is the grant that was issued, used or revoked by the request.
    """

    __tablename__ = "audit_event"
    __audit__ = Bookkeeping("It is the audit log.")

    id: Mapped[PrimaryKey]
    created: Mapped[datetime] = mapped_column(default=now)
    action: Mapped[str] = mapped_column(String(40))
    result: Mapped[str] = mapped_column(String(10))
    actor_id: Mapped[int | None]
    client_id: Mapped[str | None] = mapped_column(String(80))
    grant_id: Mapped[int | None]
    target: Mapped[str | None] = mapped_column(Text)
    request_id: Mapped[str] = mapped_column(String(80))
    address: Mapped[str] = mapped_column(String(80))


log = logging.getLogger("apiserver.audit")

INSERT = insert(AuditEvent)
# Per statement; the driver splits more of them.
MOST_EVENTS = 10
SUCCESS = "success"
FAILURE = "failure"
DENIED = "denied"


# Instead of the address, if no request did it.
COMMAND = "command"


class About(TypedDict, total=False):
    """Who did it, and with which token, if there is one."""

    actor_id: int | None
    client_id: str | None
    grant_id: int | None
    target: str | None


NOTHING = About(actor_id=None, client_id=None, grant_id=None, target=None)


# The keys of the transaction's data in a session's info.
NOTED = {"told", "changes"}

# The columns of a row.
Event = dict[str, Any]


@dataclass(frozen=True)
class Recorded:
    """Pyramid's event for each event of the audit log, once it is committed."""

    event: Event


@dataclass(frozen=True)
class Told:
    """An event that code has recorded.

    It covers these ``fields`` of its target, or all of them.
    """

    event: Event
    fields: frozenset[str]


def record(
    request: Request,
    action: str,
    result: str = SUCCESS,
    fields: Iterable[str] = (),
    **about: Unpack[About],
) -> None:
    """Add an event to the transaction of the request; it is rolled back with it.

    Set ``request.must_commit`` if it must survive an error.
    """
    tell(request.db, action, result, fields, about)


def record_call(
    request: Request, action: str, *, target: str, fields: Iterable[str] = ()
) -> None:
    """Record an event of the API, with its caller."""
    tell(request.db, action, SUCCESS, fields, {**caller(request), "target": target})


def record_command(
    db: AnySession, action: str, *, target: str, fields: Iterable[str] = ()
) -> None:
    """Record what the operator did with a command."""
    tell(db, action, SUCCESS, fields, {"target": target})


def tell(
    db: AnySession, action: str, result: str, fields: Iterable[str], about: About
) -> None:
    event = {"action": action, "result": result, **NOTHING, **about}
    if not db.in_transaction():
        # Otherwise it isn't part of the request's transaction, and never committed.
        db.connection()
    db.info.setdefault("told", []).append(Told(event, frozenset(fields)))


def caller(request: Request) -> About:
    """Return who calls the API or has signed in to the page, if known."""
    identity = request.identity
    if identity is None:
        return About(actor_id=request.signed_in_id)
    return About(
        actor_id=identity.user_id,
        client_id=identity.client_id,
        grant_id=identity.grant_id,
    )


def write_events(db: Session) -> None:
    """Store the events of a transaction that is about to be committed."""
    if db.in_nested_transaction():
        return
    db.flush()
    told: list[Told] = db.info.pop("told", [])
    changes: Changes = db.info.pop("changes", Changes())
    db.info.pop("savepoints", None)
    untold = list(left_untold(told, changes.by_row.values()))
    if not (told or untold):
        return
    request = db.info.get("request")
    about = {**NOTHING, **(caller(request) if request is not None and untold else {})}
    common = db.info.get("origin") or origin(request)
    events = [{**each.event, **common} for each in told]
    events += [
        {"action": each.action, "result": SUCCESS, **about, **common}
        | {"target": each.target}
        for each in untold
    ]
    insert_events(db, events)
    announce_later(db, request, events)


def insert_events(db: Session, events: list[Event]) -> None:
    """Insert the rows; a few with one statement, which costs half as much."""
    if not 1 < len(events) <= MOST_EVENTS:
        db.run(INSERT, events)
        return
    moment = now()
    rows = [{**event, "created": moment} for event in events]
    values = {f"{name}_{n}": row[name] for n, row in enumerate(rows) for name in row}
    db.run(inserting(len(events)), values)


@cache
def inserting(events: int) -> Statement:
    """Return the statement that inserts this many events, with numbered parameters."""
    columns = [column for column in AuditEvent.__table__.columns if column.key != "id"]
    rows = [
        {each.key: bindparam(f"{each.key}_{n}", type_=each.type) for each in columns}
        for n in range(events)
    ]
    return insert(AuditEvent).values(rows)


def left_untold(told: Collection[Told], changes: Iterable[Change]) -> Iterator[Change]:
    """Yield the changes, without the fields that an event already describes."""
    known = [
        (word, each.fields)
        for each in told
        for word in (each.event["target"] or "").split()
    ]
    for change in changes:
        fields = [names for word, names in known if word == change.name]
        if not all(fields):
            continue
        left = change.fields.difference(*fields)
        if left or not change.fields:
            change.fields = left
            yield change


def origin(request: Request | None) -> dict[str, str]:
    if request is None:
        return {"request_id": secrets.token_hex(16), "address": COMMAND}
    return {"request_id": request.request_id, "address": request.address}


def keep_events(db: Session, begun: SessionTransaction) -> None:
    """Remember the events so far, when a savepoint begins."""
    if begun.nested:
        kept = {name: deepcopy(db.info[name]) for name in NOTED & db.info.keys()}
        db.info.setdefault("savepoints", {})[begun] = kept


def forget_events(db: Session, undone: SessionTransaction) -> None:
    """Drop the events that are rolled back: all, or those after a savepoint."""
    if undone.nested or undone.parent is None:
        kept = db.info.get("savepoints", {}).pop(undone, {})
        for name in NOTED:
            db.info.pop(name, None)
        db.info.update(kept)


hooks.listen(Session, "before_commit", write_events)
hooks.listen(Session, "after_transaction_create", keep_events)
hooks.listen(Session, "after_soft_rollback", forget_events)


def announce_later(db: Session, request: Request | None, events: list[Event]) -> None:
    """Announce the events once they are committed.

    Not earlier, since pyramid_retry may repeat the request.
    """
    if request is None:
        hooks.listen(db, "after_commit", lambda _: write(events), once=True)
    else:
        hook = (announce, (events, request.registry))
        request.tm.get().addAfterCommitHook(*hook)


def announce(committed: bool, events: list[Event], registry: Registry) -> None:  # noqa: FBT001 (transaction's hook)
    """Log the events, and notify the subscribers of ``Recorded``."""
    if committed:
        write(events)
        for event in events:
            registry.notify(Recorded(event))


def write(events: list[Event]) -> None:
    """Log events as ``name=value``; the fields are there for formatters, too."""
    for event in events:
        known = [
            f"{name}={value}" for name, value in event.items() if value is not None
        ]
        log.info(" ".join(known), extra=event)
