"""Jobs that delete the accounts that are due, and erase their traces."""

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

# Jobs that one run enqueues, and rows that one transaction erases.
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
    """Enqueue a job for each account that is due, so that failures are independent."""
    for row in run.db.rows(DUE, {"now": now()}):
        put(run.db, delete_account, {"user_id": row.user_id})


@job(takes=AccountPayload)
def delete_account(run: Run, *, user_id: int) -> None:
    """Delete an account, unless the deletion was cancelled or something needs it."""
    user = lock_to_delete(run.db, run.registry, user_id)
    deletion = deletion_of(run.db, user_id)
    if user is None or deletion is None or deletion.due > now():
        return
    try:
        with run.db.begin_nested():
            delete_user(run.db, run.registry, user)
    except Conflict:
        # The user has to do something first.
        run.db.delete(deletion)
        record_command(run.db, "deletion_refused", target=f"deletion_of:{user_id}")
        tell(run.db, run.registry, "mail_deletion_refused", user_id)


@job(takes=AccountPayload, limit=3600)
def erase_account(run: Run, *, user_id: int) -> None:
    """Erase a deleted account's network addresses from the audit log."""
    for condition in (ABOUT_ACCOUNT, BY_ACTOR):
        erase(run, condition, {"account": str(user_id), "actor": user_id})


def erase(
    run: Run, condition: ColumnElement[bool], about: Mapping[str, object]
) -> None:
    """Erase the addresses of these events in batches, one transaction each."""
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
