"""Events of the audit log; there are two, which no filter takes for each other."""

from typing import Any

from apiserver.core.audit import AuditEvent
from tests.contract.places import Place

KEY = "3f2a7d0c9b5e4f1886a1c0d2e4b6f8a0"


def make_event(db: Any, **values: Any) -> AuditEvent:
    """Make an event that has succeeded, or what the values say."""
    usual = {
        "action": "user_changed",
        "result": "success",
        "actor_id": 7,
        "client_id": "documentation",
        "grant_id": 3,
        "target": "user:7 email",
        "request_id": KEY,
        "address": "192.0.2.7",
    }
    event = AuditEvent(**{**usual, **values})
    db.add(event)
    db.commit()
    return event


def events(db: Any, caller: Any, role: str | None) -> Place:
    make_event(db)
    others = {"actor_id": None, "client_id": None, "grant_id": None, "target": None}
    make_event(db, action="sign_in", result="failure", **others)
    return Place()


PLACES = {"/audit/": events}
