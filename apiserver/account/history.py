"""What users may see of the audit log: events of their own accounts only."""

from collections.abc import Sequence

from sqlalchemy import BigInteger, ColumnElement, Text, bindparam, case, cast, select

from apiserver.account.models import IsAccount
from apiserver.core.audit import AuditEvent
from apiserver.core.db import Session
from apiserver.core.typing import Row, Selection
from apiserver.users.personal_data import USER

# Events on one HTML page.
PAGE = 50


def events_of(account: ColumnElement[str]) -> Selection:
    """Select the events of an account; its id is a string."""
    is_own = AuditEvent.actor_id == cast(account, BigInteger)
    return select(
        AuditEvent.id,
        AuditEvent.created,
        AuditEvent.action,
        AuditEvent.result,
        AuditEvent.target,
        case((is_own, True), else_=False).label("is_own"),
        # The addresses and clients of other people are private.
        case((is_own, AuditEvent.client_id)).label("client_id"),
        case((is_own, AuditEvent.address)).label("address"),
    ).where(IsAccount(AuditEvent.target, AuditEvent.actor_id, account))


EVENTS = events_of(bindparam("account", type_=Text()))
# The parameter of personal data is a number.
PERSONAL_EVENTS = events_of(cast(USER, Text()))
NEWEST = EVENTS.order_by(AuditEvent.id.desc()).limit(PAGE + 1)
OLDER = NEWEST.where(AuditEvent.id < bindparam("before"))

# Names of actions on the page; other actions are shown as they are.
CALLED = {
    ("sign_in", "success"): "Signed in",
    ("sign_in", "failure"): "Failed to sign in",
    ("sign_out", "success"): "Signed out",
    ("second_factor", "failure"): "Wrong second factor",
    ("password_confirmation", "failure"): "Wrong password",
    ("password_change", "success"): "Password changed",
    ("role_change", "success"): "Roles changed",
    ("user_created", "success"): "Account created",
    ("user_changed", "success"): "Profile changed",
    ("revoked_by_user", "success"): "Access of an application ended",
    ("deletion_requested", "success"): "Deletion of the account requested",
    ("deletion_cancelled", "success"): "Deletion of the account cancelled",
    ("deletion_refused", "success"): "Deletion of the account refused",
}


def called(event: Row) -> str:
    """Return a name for people of what was done."""
    words: str = event.action.replace("_", " ").capitalize()
    if event.result != "success":
        words += f" ({event.result})"
    return CALLED.get((event.action, event.result), words)


def page_of_events(
    db: Session, user_id: int, before: int | None
) -> tuple[Sequence[Row], int | None]:
    """Return a page of events, newest first, and the ``before`` of the next page."""
    account = {"account": str(user_id)}
    if before is None:
        found = db.execute(NEWEST, account).all()
    else:
        found = db.execute(OLDER, {**account, "before": before}).all()
    shown = found[:PAGE]
    return shown, shown[-1].id if len(found) > PAGE else None
