"""The pages ``/account/sessions`` and ``/account/applications``."""

import pytest
from sqlalchemy import select

from apiserver.auth.models import BrowserSession, OAuth2Grant
from apiserver.users.models import User
from tests.auth.browser import Browser
from tests.factories import PASSWORD
from tests.html import headings, soup

SESSIONS = "/account/sessions"
APPLICATIONS = "/account/applications"
THIS = "Unknown browser This browser"


@pytest.fixture
def press(signed_in):
    """A function that presses a button of a page; it returns what is shown then."""

    def send(path, **button):
        signed_in.call("GET", path)
        answer = signed_in.press(path, **button)
        assert (answer.status_int, answer.headers.get("Location")) == (303, path)
        return headings(signed_in.call("GET", path))

    return send


class TestSessions:
    def test_shows_the_latest_first(self, signed_in, user, make_session):
        make_session(user, user_agent="<b>Mozilla</b> lynx/2.9", address="<i>")
        page = signed_in.call("GET", SESSIONS)
        assert headings(page) == ["lynx", THIS]
        assert "&lt;i&gt;" in page.text

    def test_ends_one(self, press, user, make_session, make_user, db, acts):
        other, strange = make_session(user), make_session(make_user())
        for number in (other.id, other.id, strange.id, "x", 2**70):
            assert press(SESSIONS, session=str(number)) == [THIS]
        assert db.get(BrowserSession, strange.id) is not None
        assert acts("session_ended") == [(user.id, f"session:{other.id}")]

    def test_ends_all_others(self, press, api, user, acts):
        others = [Browser(api) for _ in "ab"]
        for other in others:
            other.sign_in(user.username, PASSWORD)
        assert press(SESSIONS) == [THIS]
        assert {other.call("GET", SESSIONS).status_int for other in others} == {303}
        assert acts("sessions_ended") == [(user.id, f"sessions_of:{user.id}")]

    def test_lets_read_only_accounts_change_nothing(
        self, signed_in, user, make_session, db
    ):
        session = make_session(user)
        signed_in.call("GET", SESSIONS)
        db.get(User, user.id).is_regular_user = False
        db.flush()
        page = signed_in.press(SESSIONS, session=str(session.id))
        assert page.status_int == 403
        assert "Read-only accounts can&#39;t change anything." in page.text

    @pytest.mark.parametrize("path", [SESSIONS, APPLICATIONS])
    def test_is_for_who_has_signed_in(self, browser, path):
        assert browser.call("GET", path).status_int == 303
        assert browser.call("POST", path, {"csrf": "x"}).status_int == 400


class TestApplications:
    def test_shows_each_with_all_that_it_may(
        self, signed_in, user, make_client, make_token, make_user
    ):
        assert "No application has" in signed_in.call("GET", APPLICATIONS).text
        client = make_client(default_scopes=("users:read", "auth:read"))
        for scopes in (["users:read"], ["auth:read"], ["users:read"]):
            make_token(user, client=client, scopes=scopes)
        make_token(make_user(), scopes=["users:read"])
        page = signed_in.call("GET", APPLICATIONS)
        assert headings(page) == [client.client_id]
        assert len(soup(page).select(".items ul li")) == 2
        assert "See users and their details." in page.text

    def test_ends_the_access(
        self, press, user, make_client, make_token, make_user, db, events
    ):
        client, other = make_client(), make_client()
        for who, what in (
            (user, client),
            (user, client),
            (user, other),
            (make_user(), client),
        ):
            make_token(who, client=what, scopes=["users:read"])
        for client_id in (client.client_id, "nobody"):
            assert press(APPLICATIONS, client_id=client_id) == [other.client_id]
        ended = select(OAuth2Grant.user_id).where(OAuth2Grant.revoked.is_not(None))
        assert db.scalars(ended).all() == [user.id, user.id]
        [event] = [e for e in events() if e["action"] == "revoked_by_user"]
        assert (event["actor_id"], event["client_id"]) == (user.id, client.client_id)
