"""What deletes the accounts whose time has come, and what is left of them."""

from collections.abc import Mapping

from sqlalchemy import ColumnElement, and_, bindparam, or_, select, update

from apiserver.account.actions import (
    delete_user,
    deletion_of,
    lock_to_delete,
    tell,
)
from apiserver.account.models import OF_ACCOUNT, AccountDeletion
from apiserver.account.schemas import AccountPayload
from apiserver.core.audit import COMMAND, AuditEvent, record_command
from apiserver.core.db import UTCDateTime, now
from apiserver.core.http import Conflict
from apiserver.core.jobs import Run, every, job, put

# Jobs that one run puts, and rows that a transaction erases.
MOST = 10_000
BATCH = 1000

DUE = (
    select(AccountDeletion.user_id)
    .where(AccountDeletion.due <= bindparam("now", type_=UTCDateTime))
    .order_by(AccountDeletion.due)
    .limit(MOST)
)


# What the user has done, if as an administrator to others; and what the user is in
# without being known, as in the sign-up.
BY_ACTOR = AuditEvent.actor_id == bindparam("actor")
ABOUT_ACCOUNT = and_(OF_ACCOUNT, or_(BY_ACTOR, AuditEvent.actor_id.is_(None)))
BY_REQUEST = and_(AuditEvent.address != COMMAND, AuditEvent.address.not_like("job:%"))
ERASED = "erased"
ERASE = (
    update(AuditEvent)
    .values(address=ERASED, request_id=ERASED)
    .execution_options(synchronize_session=False)
)


@job(schedule=every(hours=1))
def delete_due_accounts(run: Run) -> None:
    """Put a job for each account that is due: one that fails keeps no other."""
    for row in run.db.rows(DUE, {"now": now()}):
        put(run.db, delete_account, {"user_id": row.user_id})


@job(takes=AccountPayload)
def delete_account(run: Run, *, user_id: int) -> None:
    """Delete an account, unless that was cancelled, or something needs it by now."""
    user = lock_to_delete(run.db, run.registry, user_id)
    deletion = deletion_of(run.db, user_id)
    if user is None or deletion is None or deletion.due > now():
        return
    try:
        with run.db.begin_nested():
            delete_user(run.db, run.registry, user)
    except Conflict:
        # As things are the user has to do something first.
        run.db.delete(deletion)
        record_command(run.db, "deletion_refused", target=f"deletion_of:{user_id}")
        tell(run.db, run.registry, "mail_deletion_refused", user_id)


@job(takes=AccountPayload, limit=3600)
def erase_account(run: Run, *, user_id: int) -> None:
    """Erase from the audit log where the user of a deleted account was."""
    for condition in (ABOUT_ACCOUNT, BY_ACTOR):
        erase(run, condition, {"account": str(user_id), "actor": user_id})


def erase(
    run: Run, condition: ColumnElement[bool], about: Mapping[str, object]
) -> None:
    """Erase the addresses of these events, in batches, each a transaction."""
    after = AuditEvent.id > bindparam("last")
    found = select(AuditEvent.id).where(condition, BY_REQUEST, after)
    last = 0
    while True:
        batch = found.order_by(AuditEvent.id).limit(BATCH)
        ids = run.db.scalars(batch, {**about, "last": last}).all()
        if not ids:
            return
        run.db.execute(ERASE.where(AuditEvent.id.in_(ids)))
        run.commit_so_far()
        last = ids[-1]
