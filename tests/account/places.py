"""Accounts that are to be deleted, of the caller or of another user."""

from typing import Any

from apiserver.account.models import AccountDeletion
from apiserver.core.audit import AuditEvent
from apiserver.core.db import now
from tests.contract.places import Place
from tests.factories import make_user


def mark(db: Any, user: Any) -> None:
    db.add(AccountDeletion(user_id=user.id, due=now()))
    db.commit()


def deletion(db: Any, caller: Any, role: str | None) -> Place:
    user = caller if role == "user:self" else make_user(db)
    mark(db, user)
    return Place({"user_id": user.id}, {role})


def own_deletion(db: Any, caller: Any, role: str | None) -> Place:
    mark(db, caller or make_user(db))
    return Place({}, {"user:self"} if caller else ())


def own(db: Any, caller: Any, role: str | None) -> Place:
    return Place({}, {"user:self"} if caller else ())


def own_events(db: Any, caller: Any, role: str | None) -> Place:
    common = {"actor_id": caller.id if caller else None, "request_id": "x"}
    for address in ("192.0.2.7", "192.0.2.8"):
        values = {"action": "sign_in", "result": "success", "address": address}
        db.add(AuditEvent(**common, **values))
    db.commit()
    return own(db, caller, role)


PLACES = {
    "/users/me/events/": own_events,
    "/users/me/data": own,
    "/users/{user_id}/deletion": deletion,
    "/users/me/deletion": own_deletion,
}
