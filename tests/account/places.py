"""Accounts that are to be deleted, of the caller or of another user."""

from apiserver.account.models import AccountDeletion
from apiserver.core.audit import AuditEvent
from apiserver.core.db import now
from tests.contract.places import of_account


def mark(db, user):
    db.add(AccountDeletion(user_id=user.id, due=now()))
    db.commit()


def events(db, user):
    about = {"action": "sign_in", "result": "success", "request_id": "x"}
    for address in ("192.0.2.7", "192.0.2.8"):
        db.add(AuditEvent(**about, actor_id=user.id, address=address))
    db.commit()


PLACES = {
    **of_account("/deletion", mark),
    **of_account("/events/", events),
    **of_account("/data", lambda db, user: None),
}
