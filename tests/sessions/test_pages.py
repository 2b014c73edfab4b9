"""The pages ``/account/sessions`` and ``/account/applications``."""

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import select

from apiserver.auth.models import BrowserSession, OAuth2Grant
from apiserver.users.models import User
from tests.auth.browser import Browser
from tests.factories import PASSWORD

SESSIONS = "/account/sessions"
APPLICATIONS = "/account/applications"


def headings(page):
    return [
        " ".join(heading.text.split())
        for heading in BeautifulSoup(page.text, "html.parser").find_all("h2")
    ]


def press(browser, path, **button):
    """Send a form of the page, by one of its buttons."""
    answer = browser.press(path, **button)
    assert (answer.status_int, answer.headers.get("Location")) == (303, path)
    return browser.call("GET", path)


class TestSessions:
    def test_shows_the_latest_first(self, signed_in, user, make_session):
        make_session(user, user_agent="<b>Mozilla</b> lynx/2.9", address="<i>")
        page = signed_in.call("GET", SESSIONS)
        assert headings(page) == ["lynx", "Unknown browser This browser"]
        assert "&lt;i&gt;" in page.text

    def test_ends_one(self, signed_in, user, make_session, make_user, db, events):
        other, strange = make_session(user), make_session(make_user())
        signed_in.call("GET", SESSIONS)
        page = press(signed_in, SESSIONS, session=str(other.id))
        assert headings(page) == ["Unknown browser This browser"]
        for number in (other.id, strange.id, "x", 2**70):
            press(signed_in, SESSIONS, session=str(number))
        assert db.scalar(
            select(BrowserSession.id).where(BrowserSession.id == strange.id)
        )
        [event] = [e for e in events() if e["action"] == "session_ended"]
        target = f"session:{other.id}"
        assert (event["actor_id"], event["target"]) == (user.id, target)

    def test_ends_all_others(self, signed_in, api, user, events):
        others = [Browser(api) for _ in "ab"]
        for other in others:
            other.sign_in(user.username, PASSWORD)
        signed_in.call("GET", SESSIONS)
        page = press(signed_in, SESSIONS)
        assert headings(page) == ["Unknown browser This browser"]
        for other in others:
            assert other.call("GET", SESSIONS).status_int == 303
        assert [e["target"] for e in events() if e["action"] == "sessions_ended"] == [
            f"sessions_of:{user.id}"
        ]

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
        for method, form in (("GET", None), ("POST", {"csrf": "x"})):
            answer = browser.call(method, path, form)
            assert answer.status_int == (303 if method == "GET" else 400)


class TestApplications:
    def test_shows_each_with_all_that_it_may(
        self, signed_in, user, make_client, make_token, make_user
    ):
        client = make_client(default_scopes=("users:read", "teams:read"))
        for scopes in (["users:read"], ["teams:read"], ["users:read"]):
            make_token(user, client=client, scopes=scopes)
        make_token(make_user(), scopes=["users:read"])
        page = signed_in.call("GET", APPLICATIONS)
        assert headings(page) == [client.client_id]
        shown = BeautifulSoup(page.text, "html.parser").select(".items ul li")
        assert [each.text for each in shown] == [
            "See teams and their members.",
            "See users and their details.",
        ]

    def test_ends_the_access(
        self, signed_in, user, make_client, make_token, make_user, db, events
    ):
        client, other = make_client(), make_client()
        for _ in "ab":
            make_token(user, client=client, scopes=["users:read"])
        make_token(user, client=other, scopes=["users:read"])
        make_token(make_user(), client=client, scopes=["users:read"])
        signed_in.call("GET", APPLICATIONS)
        page = press(signed_in, APPLICATIONS, client_id=client.client_id)
        assert headings(page) == [other.client_id]
        press(signed_in, APPLICATIONS, client_id="nobody")
        ended = select(OAuth2Grant.user_id).where(OAuth2Grant.revoked.is_not(None))
        assert db.scalars(ended).all() == [user.id, user.id]
        [event] = [e for e in events() if e["action"] == "revoked_by_user"]
        assert (event["actor_id"], event["client_id"]) == (user.id, client.client_id)

    def test_says_if_there_is_none(self, signed_in):
        page = signed_in.call("GET", APPLICATIONS)
        assert "No application has access to your account." in page.text
