"""Delete accounts, for views, pages, jobs and commands.

A deletion is requested, and can be cancelled for some days. Then a job deletes the
account: it decides again under the locks, since things may have changed.
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

# By then, requests that still saw the account have written all that they will.
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
    """Return the overview's notice if the account is to be deleted, or None."""
    deletion = deletion_of(request.db, user_id)
    if deletion is None:
        return None
    due = deletion.due.astimezone(UTC)
    return f"Your account will be deleted on {due.day} {due:%B %Y, %H:%M} UTC."


def request_deletion(db: Session, registry: Registry, user: User) -> Row:
    """Schedule the deletion of an account, which is locked and not yet scheduled.

    Everything granted in its name ends. Raises StillNeeded or LastAdministrator if it
    can't be deleted as things are now.
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
    """Raise StillNeeded or LastAdministrator if the account can't be deleted now."""
    registry.notify(DeletionAsked(db, user.id))
    if user.is_admin and user.is_active:
        others = db.execute(OTHER_ADMINISTRATORS, {"user_id": user.id})
        if others.first() is None:
            raise LastAdministrator


def cancel_deletion(db: Session, registry: Registry, user: Row) -> None:
    """Cancel the deletion of an account, which is locked; raise NotScheduled."""
    deletion = deletion_of(db, user.id)
    if deletion is None:
        raise NotScheduled
    db.delete(deletion)
    db.flush()
    tell(db, registry, "mail_deletion_cancelled", user.id)


def lock_to_delete(db: Session, registry: Registry, user_id: int) -> User | None:
    """Lock an account and all that its deletion depends on; None if it is gone."""
    registry.notify(AccountLocking(db, user_id))
    db.rows(LOCK_ALL, {"key": user_id, "caller": None})
    return db.lock(User, user_id)


def delete_user(db: Session, registry: Registry, user: User) -> None:
    """Delete an account, locked by ``lock_to_delete``, and everything it owns.

    A job erases its traces in the audit log. Raises StillNeeded or LastAdministrator.
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
    """Enqueue the job that mails a notice to the user, if mail is enabled."""
    job = registry.jobs.get(name)
    if job is not None:
        put(db, job, {"user_id": user_id})
