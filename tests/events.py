"""The events of the audit log, as tests compare them: without times and requests."""

from typing import Any

from sqlalchemy import select

from apiserver.core.audit import AuditEvent

EVENTS = select(
    AuditEvent.action,
    AuditEvent.result,
    AuditEvent.actor_id,
    AuditEvent.client_id,
    AuditEvent.grant_id,
    AuditEvent.target,
).order_by(AuditEvent.id)


def stored_events(db: Any) -> list[dict[str, Any]]:
    """Return what is stored, in its order."""
    return [dict(row) for row in db.execute(EVENTS).mappings()]


def event(action: str, result: str = "success", **columns: Any) -> dict[str, Any]:
    """Return an event; the columns that are not given are empty."""
    return {
        "action": action,
        "result": result,
        "actor_id": None,
        "client_id": None,
        "grant_id": None,
        "target": None,
        **columns,
    }
