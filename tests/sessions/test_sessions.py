"""Where a user is signed in: ``/users/{user_id}/sessions/``."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from apiserver.auth.models import BrowserSession, OAuth2Grant
from apiserver.core.db import now
from apiserver.sessions.browsers import name_of
from tests.problems import problem

MINUTE = timedelta(minutes=1)
SCOPES = ("sessions:read", "sessions:write")
OWN = "/users/me/sessions/"
WEBKIT = "(KHTML, like Gecko)"


@pytest.fixture
def left(db):
    """A function that returns the ids of the sessions that there still are."""
    return lambda: list(db.scalars(select(BrowserSession.id).order_by("id")))


@pytest.fixture
def came_of(db):
    """A function that makes all grants so far come of a session."""
    return lambda session: db.execute(
        update(OAuth2Grant).values(auth_time=session.auth_time, amr=("pwd",))
    )


class TestList:
    def test_shows_browser_address_and_times(self, api, user, make_session):
        moment = datetime(2026, 3, 1, 12, tzinfo=UTC)
        session = make_session(user, created=moment, last_seen=moment + MINUTE)
        make_session(user, user_agent="curl/8.5.0", address="", last_seen=None)
        first, second = api(user).get(OWN).json
        assert first == {
            "id": session.id,
            "browser": "Firefox on Linux",
            "user_agent": session.user_agent,
            "address": "192.0.2.7",
            "created": "2026-03-01T12:00:00+00:00",
            "last_seen": "2026-03-01T12:01:00+00:00",
            "is_current": False,
        }
        assert (second["browser"], second["address"]) == ("curl", "")
        assert second["last_seen"] == second["created"]

    def test_knows_the_session_of_the_token(self, api, user, make_session, came_of):
        sessions = [make_session(user) for _ in "ab"]
        client = api(user)
        came_of(sessions[1])
        listed = client.get(OWN).json
        assert [each["is_current"] for each in listed] == [False, True]

    def test_leaves_out_what_has_ended(self, api, user, make_user, make_session):
        past = now() - MINUTE
        for ended in (
            {"idle_expires": past},
            {"absolute_expires": past},
            {"user_epoch": user.epoch - 1},
        ):
            make_session(user, **ended)
        make_session(make_user())
        assert api(user).get(OWN).json == []

    def test_of_others_is_for_administrators(self, api, user, make_user, make_session):
        session = make_session(user)
        [seen] = api(make_user("admin")).get(f"/users/{user.id}/sessions/").json
        assert (seen["id"], seen["is_current"]) == (session.id, False)


class TestEndOne:
    def test_ends_it_and_is_audited(self, api, user, make_session, left, acts):
        ended, kept = [make_session(user) for _ in "ab"]
        client, path = api(user, scopes=SCOPES), f"{OWN}{ended.id}"
        assert client.delete(path).status_int == 204
        assert left() == [kept.id]
        assert acts("session_ended") == [(user.id, f"session:{ended.id}")]
        assert client.delete(path).json == problem(404)

    def test_ends_none_of_another_user(self, api, user, make_user, make_session, left):
        session = make_session(make_user())
        path = f"/users/{user.id}/sessions/{session.id}"
        for caller in (user, make_user("admin")):
            assert api(caller).delete(path).json == problem(404)
        assert left() == [session.id]


class TestEndOthers:
    def test_keeps_the_session_of_the_token(
        self, api, user, make_user, make_session, came_of, left, acts
    ):
        sessions = [make_session(user) for _ in "abc"]
        other = make_session(make_user())
        client = api(user, scopes=SCOPES)
        came_of(sessions[1])
        assert client.delete(OWN).status_int == 204
        assert left() == [sessions[1].id, other.id]
        assert acts("sessions_ended") == [(user.id, f"sessions_of:{user.id}")]

    @pytest.mark.parametrize("kind", ["regular", "admin"])
    def test_ends_all_where_the_token_comes_of_none_of_them(
        self, api, user, make_user, make_session, came_of, left, kind
    ):
        caller = user if kind == "regular" else make_user(kind)
        kept, theirs = make_session(make_user()), make_session(user)
        client = api(caller)
        if caller is not user:
            # Of one that is like it, but another user's.
            came_of(theirs)
        assert client.delete(f"/users/{user.id}/sessions/").status_int == 204
        assert left() == [kept.id]


@pytest.mark.parametrize(
    ("user_agent", "name"),
    [
        (
            f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 {WEBKIT} "
            "Chrome/141.0.0.0 Safari/537.36 Edg/141.0.0.0",
            "Edge on Windows",
        ),
        (
            f"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 {WEBKIT} "
            "Chrome/141.0.0.0 Safari/537.36",
            "Chrome on Linux",
        ),
        (
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 "
            f"{WEBKIT} Version/26.0 Safari/605.1.15",
            "Safari on macOS",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_7 like Mac OS X) AppleWebKit/605.1 "
            f"{WEBKIT} CriOS/141.0.7390.41 Mobile/15E148 Safari/604.1",
            "Chrome on iPhone",
        ),
        (
            "Mozilla/5.0 (Android 16; Mobile; rv:143.0) Firefox/143.0",
            "Firefox on Android",
        ),
        ("curl/8.5.0", "curl"),
        ("<script>alert(1)</script>", "Unknown browser"),
        ("Mozilla/5.0", "Unknown browser"),
        ("", "Unknown browser"),
    ],
)
def test_browsers_have_short_names(user_agent, name):
    assert name_of(user_agent) == name
