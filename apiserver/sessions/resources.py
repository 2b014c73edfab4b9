"""Sessions in the tree: ``/users/{user_id}/sessions/``."""

from pyramid.authorization import Allow
from sqlalchemy import and_, bindparam, case, func, select

from apiserver.auth.models import BrowserSession
from apiserver.core.db import UTCDateTime, now
from apiserver.core.tree import CALLER, KEY, Collection, Item
from apiserver.core.typing import Row, Selection
from apiserver.sessions.permissions import SessionPermission
from apiserver.users.models import User
from apiserver.users.permissions import SELF

NOW = bindparam("now", type_=UTCDateTime)
SIGNED_IN = func.coalesce(BrowserSession.auth_time, BrowserSession.created)
# The time of the sign-in tells which session a grant comes from.
IS_CURRENT = and_(
    BrowserSession.user_id == CALLER,
    bindparam("auth_time", type_=UTCDateTime) == SIGNED_IN,
)

# The live sessions. Old ones don't record when they were last seen.
LIVE: Selection = (
    select(
        BrowserSession.id,
        BrowserSession.user_agent,
        BrowserSession.address,
        BrowserSession.created,
        func.coalesce(BrowserSession.last_seen, BrowserSession.created).label(
            "last_seen"
        ),
        case((IS_CURRENT, True), else_=False).label("is_current"),
    )
    .join(User, User.id == BrowserSession.user_id)
    .where(
        BrowserSession.idle_expires > NOW,
        BrowserSession.absolute_expires > NOW,
        User.is_active,
        User.epoch == BrowserSession.user_epoch,
    )
)


class SessionResource(Item[BrowserSession]):
    """One browser in which a user is signed in: ``context.session``."""

    noun = "session"
    model = BrowserSession
    statement = LIVE.where(BrowserSession.id == KEY)
    # Ending one locks the account.
    is_locked = False
    session: Row

    def parameters(self) -> dict[str, object]:
        identity = self.request.identity
        auth_time = identity.auth_time if identity is not None else None
        return {**super().parameters(), "now": now(), "auth_time": auth_time}


class SessionCollection(Collection):
    """The browsers in which a user is signed in."""

    __acl__ = [(Allow, SELF, [SessionPermission.LIST, SessionPermission.END])]
    item = SessionResource
