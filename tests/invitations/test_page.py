"""The page ``/account/invitation``, to which the link of a mail leads."""

import re
from html import unescape

import pytest
from sqlalchemy import select

from apiserver.invitations.models import Invitation
from apiserver.teams.models import TeamMember
from apiserver.users.models import User
from tests.factories import PASSWORD
from tests.users.accounts import EASY, SHORT

PAGE = "/account/invitation"
NEW = {"username": "ada", "password": "an umbrella for the tortoise"}


@pytest.fixture
def invited(team, leader, make_invitation):
    """The row of an invitation, and the token of its link."""
    return make_invitation(team, email="ada@example.com", invited_by_id=leader.id)


@pytest.fixture
def opened(browser, invited):
    """The browser, in which the link was opened."""
    answer = browser.call("GET", f"{PAGE}?token={invited[1]}")
    assert (answer.status_int, answer.headers["Location"]) == (303, PAGE)
    browser.call("GET", PAGE)
    return browser


@pytest.fixture
def members(db, team):
    """A function that returns the ids of the team's members."""
    of_team = select(TeamMember.user_id).where(TeamMember.team_id == team.id)
    return lambda: {*db.scalars(of_team)}


@pytest.fixture
def is_open(db, invited):
    """A function that says whether the invitation is there."""
    return lambda: db.scalars(select(Invitation.id)).all() == [invited[0].id]


class TestGet:
    def test_says_who_invites_to_what_and_changes_nothing(
        self, opened, team, leader, invited, is_open
    ):
        text = unescape(opened.page.text)
        assert f"Join {team.title}" in text
        assert f"<strong>{leader.username}</strong> invites you" in text
        assert "ada@example.com" in text
        opened.call("GET", f"{PAGE}?token={invited[1]}")
        assert is_open()

    def test_leads_to_the_login_page_without_the_token_in_a_url(
        self, opened, make_user, invited, members
    ):
        user = make_user()
        link = re.search(r'href="(/auth/login\?next=[^"]*)"', opened.page.text)[1]
        assert invited[1] not in link
        assert invited[1] not in opened.call("GET", unescape(link)).text
        sent = {"username": user.username, "password": PASSWORD}
        answer = opened.submit("/auth/login", **sent)
        assert answer.headers["Location"] == PAGE
        page = opened.call("GET", PAGE)
        assert f"signed in as <strong>{user.username}</strong>" in page.text
        assert opened.submit(PAGE).status_int == 200
        assert user.id in members()

    @pytest.mark.parametrize("query", ["?token=x", "?token=", "", "?token=%00", "?a=b"])
    def test_is_an_error_for_who_has_no_link(self, browser, query):
        page = browser.call("GET", PAGE + query)
        assert page.status_int in {400, 404}
        assert page.headers.getall("Set-Cookie") == []

    def test_says_that_a_link_is_over(self, opened, db, invited):
        db.delete(invited[0])
        db.commit()
        page = opened.call("GET", PAGE)
        assert page.status_int == 404
        assert "The link is unknown, has expired" in page.text

    def test_has_no_form_where_sign_up_is_closed(self, opened, api, shared_app):
        closed = shared_app(signup="closed")
        opened.api = lambda: api(app=closed)
        # The form of before.
        assert opened.submit(PAGE, **NEW).status_int == 403
        assert 'name="password"' not in opened.call("GET", PAGE).text


class TestAccept:
    def test_works_once(self, opened, team, make_user, acts, invited, members):
        user = make_user()
        opened.sign_in(user.username, PASSWORD)
        form = opened.call("GET", PAGE)
        page = opened.submit(PAGE)
        assert page.status_int == 200
        assert "is now a member of the team" in page.text
        assert user.id in members()
        target = f"invitation:{invited[0].id} team_member:{team.id}/{user.id}"
        assert acts("invitation_accepted") == [(user.id, target)]
        opened.page = form
        assert opened.submit(PAGE).status_int == 404

    @pytest.mark.parametrize(
        ("who", "form", "status"),
        [("leader", {}, 409), ("reader", {}, 403), ("user", {"csrf": "x"}, 400)],
    )
    def test_is_refused_to_members_readers_and_other_browsers(
        self, opened, leader, make_user, is_open, who, form, status
    ):
        kind = "read_only" if who == "reader" else "regular"
        user = leader if who == "leader" else make_user(kind)
        opened.sign_in(user.username, PASSWORD)
        opened.call("GET", PAGE)
        assert opened.submit(PAGE, **form).status_int == status
        assert is_open()


class TestSignUp:
    def test_makes_a_member_who_can_sign_in(self, opened, db, acts, members):
        page = opened.submit(PAGE, **NEW)
        assert page.status_int == 200
        assert 'href="/auth/login">Sign in</a>' in page.text
        user = db.scalars(select(User).where(User.username == "ada")).one()
        assert user.email == "ada@example.com"
        assert user.id in members()
        assert len(acts("invitation_accepted")) == 1
        assert opened.sign_in("ada", NEW["password"]).status_int == 303

    @pytest.mark.parametrize(
        ("wrong", "status", "said"),
        [
            ({"username": "taken"}, 409, "is already taken"),
            ({"username": ""}, 422, "Username: "),
            ({"password": "password1234"}, 422, f"Password: {EASY}"),
            ({"password": "short"}, 422, f"Password: {SHORT}"),
            ({"csrf": "x"}, 400, "This form has expired."),
            ({"token": "x"}, 404, "The link is unknown, has expired"),
        ],
    )
    def test_says_what_is_wrong(self, opened, make_user, is_open, wrong, status, said):
        make_user(username="taken")
        page = opened.submit(PAGE, **{**NEW, **wrong})
        assert page.status_int == status
        assert said in unescape(page.text)
        assert NEW["password"] not in page.text
        assert is_open()
