"""What administrators read about accounts, and do with them."""

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, time

from sqlalchemy import bindparam, select

from apiserver.audit.views import list_of_events
from apiserver.auth.actions import end_all_grants
from apiserver.auth.models import OAuth2Client
from apiserver.core.audit import AuditEvent, record_call
from apiserver.core.db import Session
from apiserver.core.endpoints import Request
from apiserver.core.http import Conflict, NotFound
from apiserver.core.jobs import retry_jobs
from apiserver.core.lists import ListFilter, Listing, contains, equals
from apiserver.core.schemas import Date, Opaque
from apiserver.core.tree import parse_id
from apiserver.core.typing import Row
from apiserver.sessions.actions import end_access, end_others, end_session
from apiserver.users.actions import announce, change_user
from apiserver.users.models import User
from apiserver.users.names import canonical

# The most clients of one account that are shown.
MOST_CLIENTS = 100

NAMES = (User.username, User.email, User.first_name, User.middle_name, User.last_name)
ABOUT = (
    User.id,
    *NAMES,
    User.created,
    User.is_active,
    User.is_regular_user,
    User.is_admin,
    User.is_internal,
)
TEXT = User.username + " " + User.email + " " + User.first_name + " " + User.last_name
ACCOUNTS = Listing(
    select(*ABOUT),
    by=User.id,
    sort=(User.created,),
    order="-created",
    filters={
        "q": contains(TEXT, Opaque(1, 120)),
        "is_active": equals(User.is_active),
    },
)


def midnight(day: date) -> datetime:
    """Return when a day begins, in UTC."""
    return datetime.combine(day, time(), UTC)


MOMENT = AuditEvent.created.type
EVENTS = list_of_events(
    **{
        "from": ListFilter(Date(), MOMENT, AuditEvent.created.__ge__, midnight),
        "until": ListFilter(Date(), MOMENT, AuditEvent.created.__lt__, midnight),
    }
)
FIND = select(*ABOUT).where(User.id == bindparam("user_id"))
FIND_BY_NAME = select(User.id, User.is_active).where(
    User.canonical_username == bindparam("name")
)
CLIENTS = (
    select(OAuth2Client.client_id, OAuth2Client.enabled, OAuth2Client.created)
    .where(OAuth2Client.user_id == bindparam("user_id"))
    .order_by(OAuth2Client.id)
    .limit(MOST_CLIENTS)
)
KEY_OF_CLIENT = select(OAuth2Client.id).where(
    OAuth2Client.client_id == bindparam("client_id")
)


class NotOneself(Conflict):
    """Administrators can't lock themselves out by mistake."""

    sentence = "This is your own account. Change it at /account/."


class NoSuchOwner(Conflict):
    """A client's owner must be an active user."""

    sentence = "There is no active user with this name."


def find_user(db: Session, user_id: int) -> Row:
    """Return the row of an account, or None."""
    return db.row(FIND, {"user_id": user_id})


def find_by_name(db: Session, username: str) -> Row:
    """Return id and state of the account with this name, or None."""
    return db.row(FIND_BY_NAME, {"name": canonical(username)})


def clients_of(db: Session, user_id: int) -> list[Row]:
    return list(db.rows(CLIENTS, {"user_id": user_id}))


def names_of(db: Session, user_ids: Iterable[int]) -> dict[int, str]:
    """Return the usernames of those accounts that still exist, by id."""
    found = select(User.id, User.username).where(User.id.in_(set(user_ids)))
    return {row.id: row.username for row in db.execute(found)}


def set_active(request: Request, user: User, *, is_active: bool) -> None:
    """Activate or deactivate an account, which is locked with all administrators'.

    Raises LastAdministrator, StillNeeded.
    """
    changes = {"is_active": is_active}
    if user.is_active != is_active:
        announce(request, user, change_user(request.db, user, changes))


def activate(request: Request, user: User, value: str) -> None:
    set_active(request, user, is_active=True)


def deactivate(request: Request, user: User, value: str) -> None:
    set_active(request, user, is_active=False)


def end_one_session(request: Request, user: User, value: str) -> None:
    """End the session with this id; do nothing if it is gone."""
    try:
        session_id = parse_id(value)
    except KeyError:
        return
    if end_session(request.db, user_id=user.id, session_id=session_id):
        record_call(request, "session_ended", target=f"session:{session_id}")


def end_sessions(request: Request, user: User, value: str) -> None:
    end_others(request.db, user_id=user.id, auth_time=None)
    record_call(request, "sessions_ended", target=f"sessions_of:{user.id}")


def end_application(request: Request, user: User, value: str) -> None:
    """End everything that the user has granted to this client."""
    if end_access(request.db, user_id=user.id, client_id=value):
        target = f"user:{user.id} client:{value}"
        record_call(request, "revoked_by_user", target=target)


def end_everything(request: Request, user: User, value: str) -> None:
    """End all sessions, grants and tokens of the user."""
    end_all_grants(request.db, user_id=user.id)
    record_call(request, "sign_out", target=f"user:{user.id}")


# By the names of the buttons; each function gets the button's value.
ACTS: dict[str, Callable[[Request, User, str], None]] = {
    "activate": activate,
    "deactivate": deactivate,
    "session": end_one_session,
    "sessions": end_sessions,
    "application": end_application,
    "everything": end_everything,
}


def retry_job(request: Request, value: str) -> None:
    """Queue the dead job with this id again; do nothing if there is none."""
    try:
        job_id = parse_id(value)
    except KeyError:
        return
    if retry_jobs(request.db, id=job_id):
        record_call(request, "job_retried", target=f"job:{job_id}")


def hand_over(db: Session, *, client_id: str, owner_id: int) -> None:
    """Transfer a client to a locked account; raise NotFound or NoSuchOwner."""
    key = db.row(KEY_OF_CLIENT, {"client_id": client_id})
    client = db.lock(OAuth2Client, key.id) if key is not None else None
    if client is None:
        raise NotFound("There is no such client.")
    owner = find_user(db, owner_id)
    if owner is None or not owner.is_active:
        raise NoSuchOwner
    client.user_id = owner_id
    db.flush()
