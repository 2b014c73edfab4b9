"""Deleting accounts; views, pages, jobs and commands do.

A deletion is requested, and waits for some days, in which it can be cancelled. Then a
job deletes the account: it decides again under the locks, since the world went on.
"""

from datetime import UTC, timedelta

from sqlalchemy import bindparam, select

from apiserver.account.models import AccountDeletion
from apiserver.core.db import Session, now
from apiserver.core.endpoints import Request
from apiserver.core.http import NotFound
from apiserver.core.jobs import put
from apiserver.core.registry import Registry
from apiserver.core.typing import Row
from apiserver.users.actions import LastAdministrator, keep_an_administrator
from apiserver.users.events import AccountDeleting, AccountLocking, DeletionAsked
from apiserver.users.models import User
from apiserver.users.resources import LOCK_ALL

# By then whatever a request has written that knew the account is there.
LATER = timedelta(hours=1)

FIND = select(AccountDeletion).where(AccountDeletion.user_id == bindparam("user_id"))
OTHER_ADMINISTRATORS = select(User.id).where(
    User.is_admin, User.is_active, User.id != bindparam("user_id")
)


class NotScheduled(NotFound):
    sentence = "The account is not to be deleted."


def deletion_of(db: Session, user_id: int) -> AccountDeletion | None:
    return db.execute(FIND, {"user_id": user_id}).scalar_one_or_none()


def told_of_deletion(request: Request, user_id: int) -> str | None:
    """Return what the overview says of an account that is to be deleted."""
    deletion = deletion_of(request.db, user_id)
    if deletion is None:
        return None
    due = deletion.due.astimezone(UTC)
    return f"Your account will be deleted on {due.day} {due:%B %Y, %H:%M} UTC."


def request_deletion(db: Session, registry: Registry, user: User) -> Row:
    """Let an account be deleted, which is locked and is not to be so far.

    All that was granted in its name ends. Raises StillNeeded, LastAdministrator where
    it can't be deleted as things are now.
    """
    refuse_needed(db, registry, user)
    moment = now()
    grace = timedelta(days=registry.settings["apiserver.deletion_grace"])
    deletion = AccountDeletion(user_id=user.id, created=moment, due=moment + grace)
    db.add(deletion)
    user.end_grants()
    db.flush()
    if grace:
        tell(db, registry, "mail_deletion_requested", user.id)
    else:
        put(db, registry.jobs["delete_account"], {"user_id": user.id})
    return deletion


def refuse_needed(db: Session, registry: Registry, user: User) -> None:
    """Raise StillNeeded or LastAdministrator if the account can't go at the moment."""
    registry.notify(DeletionAsked(db, user.id))
    if user.is_admin and user.is_active:
        others = db.execute(OTHER_ADMINISTRATORS, {"user_id": user.id})
        if others.first() is None:
            raise LastAdministrator


def cancel_deletion(db: Session, registry: Registry, user: Row) -> None:
    """Keep an account, which is locked; raise NotScheduled."""
    deletion = deletion_of(db, user.id)
    if deletion is None:
        raise NotScheduled
    db.delete(deletion)
    db.flush()
    tell(db, registry, "mail_deletion_cancelled", user.id)


def lock_to_delete(db: Session, registry: Registry, user_id: int) -> User | None:
    """Lock an account, and all that its deletion rests on; None if it is gone."""
    registry.notify(AccountLocking(db, user_id))
    db.rows(LOCK_ALL, {"key": user_id, "caller": None})
    return db.lock(User, user_id)


def delete_user(db: Session, registry: Registry, user: User) -> None:
    """Delete an account that ``lock_to_delete`` has locked, with all that is its own.

    What the audit log has of it is erased by a job. Raises StillNeeded,
    LastAdministrator.
    """
    administrates = user.is_admin and user.is_active
    registry.notify(AccountDeleting(db, user))
    db.delete(user)
    db.flush()
    if administrates:
        keep_an_administrator(db)
    about = {"user_id": user.id}
    for after in (timedelta(), LATER):
        put(db, registry.jobs["erase_account"], about, after=after)


def tell(db: Session, registry: Registry, name: str, user_id: int) -> None:
    """Put the job that mails a notice to the user, where mail is switched on."""
    job = registry.jobs.get(name)
    if job is not None:
        put(db, job, {"user_id": user_id})
