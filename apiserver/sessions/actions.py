"""Read and end sessions and the access of applications, for views and pages."""

from collections.abc import Iterable
from datetime import datetime
from types import SimpleNamespace

from sqlalchemy import bindparam, delete, func, select

from apiserver.auth.actions import revoke_grants
from apiserver.auth.models import BrowserSession, OAuth2Client, OAuth2Grant
from apiserver.auth.policy import OWNER, live
from apiserver.core.db import Session, UTCDateTime, now
from apiserver.core.typing import Row
from apiserver.sessions.browsers import name_of
from apiserver.sessions.resources import LIVE, SIGNED_IN

OF_USER = LIVE.where(BrowserSession.user_id == bindparam("user_id")).order_by(
    SIGNED_IN.desc(), BrowserSession.id.desc()
)
END = delete(BrowserSession).where(
    BrowserSession.user_id == bindparam("user_id"),
    BrowserSession.id == bindparam("session_id"),
)
END_ALL = delete(BrowserSession).where(BrowserSession.user_id == bindparam("user_id"))
END_OTHERS = END_ALL.where(bindparam("auth_time", type_=UTCDateTime) != SIGNED_IN)

APPLICATIONS = (
    live(
        select(
            OAuth2Client.id,
            OAuth2Client.client_id,
            OWNER.username.label("owner"),
            OAuth2Grant.granted_scopes,
            func.min(OAuth2Grant.created).label("since"),
            func.max(OAuth2Grant.absolute_expires).label("until"),
        ).select_from(OAuth2Grant)
    )
    .where(
        OAuth2Grant.user_id == bindparam("user_id"),
        OAuth2Grant.absolute_expires > bindparam("now", type_=UTCDateTime),
    )
    .group_by(
        OAuth2Client.id,
        OAuth2Client.client_id,
        OWNER.username,
        OAuth2Grant.granted_scopes,
    )
    .order_by(OAuth2Client.client_id)
)


def described(sessions: Iterable[Row]) -> list[SimpleNamespace]:
    """Return the sessions with the names of their browsers."""
    return [
        SimpleNamespace(**row._asdict(), browser=name_of(row.user_agent))
        for row in sessions
    ]


def sessions_of(
    db: Session, *, user_id: int, auth_time: datetime
) -> list[SimpleNamespace]:
    """Return the user's sessions, latest first, as the user sees them."""
    parameters = {"user_id": user_id, "caller": user_id, "auth_time": auth_time}
    return described(db.execute(OF_USER, {**parameters, "now": now()}))


def end_session(db: Session, *, user_id: int, session_id: int) -> bool:
    """End a session of the user; return False if there is none."""
    parameters = {"user_id": user_id, "session_id": session_id}
    return bool(db.run(END, parameters))


def end_others(db: Session, *, user_id: int, auth_time: datetime | None) -> int:
    """End the user's sessions except the one that began then; return how many."""
    parameters = {"user_id": user_id, "auth_time": auth_time}
    statement = END_ALL if auth_time is None else END_OTHERS
    return db.run(statement, parameters)


def applications_of(db: Session, *, user_id: int) -> list[SimpleNamespace]:
    """Return the applications that have access to the account, sorted by name.

    Each has the ``scopes`` of all its grants, and when its access began and will end.
    """
    found: dict[int, SimpleNamespace] = {}
    for row in db.execute(APPLICATIONS, {"user_id": user_id, "now": now()}):
        known = found.setdefault(
            row.id,
            SimpleNamespace(
                client_id=row.client_id,
                owner=row.owner,
                scopes=set(),
                since=row.since,
                until=row.until,
            ),
        )
        known.scopes |= set(row.granted_scopes)
        known.since = min(known.since, row.since)
        known.until = max(known.until, row.until)
    return list(found.values())


CLIENT = select(OAuth2Client.id).where(OAuth2Client.client_id == bindparam("client_id"))


def end_access(db: Session, *, user_id: int, client_id: str) -> int:
    """End everything that the user has granted to a client; return how many grants."""
    key = db.execute(CLIENT, {"client_id": client_id}).scalar_one_or_none()
    if key is None:
        return 0
    return revoke_grants(db, user_id=user_id, client_key=key, reason="revoked_by_user")
