"""The endpoints of ``/users/{user_id}/sessions``."""

from apiserver.auth.models import BrowserSession
from apiserver.core.audit import record_call
from apiserver.core.db import now
from apiserver.core.endpoints import ApiService, Request
from apiserver.core.http import NotFound
from apiserver.core.lists import Listing
from apiserver.sessions import actions
from apiserver.sessions.permissions import SessionPermission
from apiserver.sessions.resources import LIVE, SessionResource
from apiserver.sessions.schemas import SessionDetail
from apiserver.users.resources import UserResource

user_sessions = ApiService("user_sessions", "/users/{user_id}/sessions/")
user_session = ApiService("user_session", "/users/{user_id}/sessions/{session_id}")

SESSIONS = Listing(LIVE, by=BrowserSession.id)


@user_sessions.get(
    permission=SessionPermission.LIST, lists=SESSIONS, returns=SessionDetail
)
def list_user_sessions(request: Request) -> object:
    """List the browsers in which a user is signed in."""
    auth_time = request.identity.auth_time
    page = SESSIONS.page_of(request, now=now(), auth_time=auth_time)
    return actions.described(page)


@user_sessions.delete(permission=SessionPermission.END)
def delete_user_sessions(request: Request) -> None:
    """Sign a user out of all browsers but the current one.

    The current one is that of the access token, if the user is the caller. The access
    of applications continues: `DELETE /auth/grants/` ends that, too.
    """
    user = request.context.above(UserResource).user
    is_own = user.id == request.caller_id
    auth_time = request.identity.auth_time if is_own else None
    actions.end_others(request.db, user_id=user.id, auth_time=auth_time)
    record_call(request, "sessions_ended", target=f"sessions_of:{user.id}")


@user_session.delete(permission=SessionPermission.END)
def delete_user_session(request: Request) -> None:
    """Sign a user out of one browser."""
    user_id = request.context.above(UserResource).user.id
    session_id = request.context.above(SessionResource).session.id
    if not actions.end_session(request.db, user_id=user_id, session_id=session_id):
        raise NotFound("The session is gone.")
    record_call(request, "session_ended", target=f"session:{session_id}")


own_sessions = user_sessions.also_at("/users/me/sessions/", "of_me")
own_session = user_session.also_at("/users/me/sessions/{session_id}", "of_me")
