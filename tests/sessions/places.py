"""Browsers in which a user is signed in, the caller or another one."""

from typing import Any

from tests.contract.places import Place
from tests.factories import make_session, make_user


def sessions(db: Any, caller: Any, role: str | None) -> Place:
    user = caller if role == "user:self" else make_user(db)
    made = [make_session(db, user) for _ in "ab"]
    return Place({"user_id": user.id, "session_id": made[0].id}, {role})


def own_sessions(db: Any, caller: Any, role: str | None) -> Place:
    made = [make_session(db, caller or make_user(db)) for _ in "ab"]
    return Place({"session_id": made[0].id}, {"user:self"} if caller else ())


PLACES = {
    "/users/{user_id}/sessions/": sessions,
    "/users/{user_id}/sessions/{session_id}": sessions,
    "/users/me/sessions/": own_sessions,
    "/users/me/sessions/{session_id}": own_sessions,
}
