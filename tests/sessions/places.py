"""Browsers in which a user is signed in, the caller or another one."""

from tests.contract.places import of_account
from tests.factories import make_session


def sessions(db, user):
    made = [make_session(db, user) for _ in "ab"]
    return {"session_id": made[0].id}


PLACES = {
    **of_account("/sessions/", sessions),
    **of_account("/sessions/{session_id}", sessions),
}
