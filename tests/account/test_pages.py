"""The pages of one's profile, password and deletion."""

import re
from html import unescape

import pytest
from sqlalchemy import select

from apiserver.account.models import AccountDeletion
from apiserver.users.models import User
from tests.auth.browser import Browser
from tests.factories import PASSWORD
from tests.settings import SHIPPED

PROFILE = "/account/profile"
PASSWORD_PAGE = "/account/password"
DELETE = "/account/delete"
NEW = "an umbrella for the tortoise"


class TestNavigation:
    ORDER = (
        *("Overview", "Profile", "Email address", "Password", "Sign-in security"),
        *("Sessions", "Applications", "Tokens", "History", "Your data"),
        *("Delete account", "Administration"),
    )

    @pytest.mark.parametrize("place", ["first", "last"])
    def test_is_the_same_wherever_the_feature_is_named(
        self, shared_app, api, make_user, place
    ):
        names = [name for name in SHIPPED.split() if name != "account"]
        needed = max(names.index(name) for name in {"auth", "mail"} & {*names})
        names.insert(needed + 1 if place == "first" else len(names), "account")
        app = shared_app(features=" ".join(names))
        browser = Browser(lambda: api(app=app))
        browser.sign_in(make_user("admin").username, PASSWORD)
        page = browser.call("GET", "/account/")
        titles = re.findall(r"<li><a [^>]*>(.*?)</a>", page.text)
        known = [title for title in titles if title in self.ORDER]
        assert known == [title for title in self.ORDER if title in titles]
        assert {"Profile", "Delete account"} <= {*known}


class TestProfile:
    def test_changes_the_names(self, signed_in, user, db, events):
        page = signed_in.call("GET", PROFILE)
        assert user.email in page.text
        names = {"first_name": " Ada ", "middle_name": "", "last_name": "<King>"}
        answer = signed_in.submit(PROFILE, **names)
        assert answer.headers["Location"] == f"{PROFILE}?saved="
        page = signed_in.call("GET", f"{PROFILE}?saved=")
        assert "Your profile is saved." in page.text
        assert 'value="&lt;King&gt;"' in page.text
        db.refresh(user)
        assert (user.first_name, user.last_name) == ("Ada", "<King>")
        [event] = [e for e in events() if e["action"] == "user_changed"]
        target = f"user:{user.id} first_name,last_name"
        assert (event["actor_id"], event["target"]) == (user.id, target)

    def test_says_what_is_wrong(self, signed_in, user, db):
        signed_in.call("GET", PROFILE)
        page = signed_in.submit(PROFILE, first_name="x" * 31)
        assert page.status_int == 422
        assert "Must be at most 30 characters long." in page.text
        db.refresh(user)
        assert user.first_name == ""

    def test_needs_a_recent_sign_in(self, signed_in, an_hour_later):
        an_hour_later()
        page = signed_in.call("GET", PROFILE)
        assert "sign in again" in page.text
        answer = signed_in.submit(PROFILE, first_name="Ada")
        assert answer.headers["Location"].startswith("/auth/login?next=")


class TestPassword:
    def test_ends_all_but_this_session(
        self, signed_in, api, user, make_token, events, db
    ):
        other = Browser(api)
        other.sign_in(user.username, PASSWORD)
        signed_in.call("GET", PASSWORD_PAGE)
        answer = signed_in.submit(
            PASSWORD_PAGE, current_password=PASSWORD, password=NEW
        )
        assert answer.headers["Location"] == f"{PASSWORD_PAGE}?saved="
        page = signed_in.call("GET", f"{PASSWORD_PAGE}?saved=")
        assert "You have a new password." in page.text
        assert other.call("GET", "/account/").status_int == 303
        answer = Browser(api).sign_in(user.username, NEW)
        assert answer.status_int == 303
        changed = [e for e in events() if e["action"] == "password_change"]
        about = (changed[0]["actor_id"], changed[0]["target"])
        assert (len(changed), about) == (1, (user.id, f"user:{user.id}"))

    @pytest.mark.parametrize(
        ("current", "new", "status", "said"),
        [
            ("wrong", NEW, 403, "The current password is incorrect."),
            ("x" * 2000, NEW, 403, "The current password is incorrect."),
            ("", NEW, 403, "The current password is incorrect."),
            (PASSWORD, "short", 422, "Must be at least 12 characters long."),
            (PASSWORD, "aaaaaaaaaaaaaaaa", 422, "Is too easy to guess; use several "),
            (PASSWORD, "{username} and more", 422, "Must not contain your username"),
        ],
    )
    def test_says_what_is_wrong(self, signed_in, user, db, current, new, status, said):
        before = user.password_digest
        signed_in.call("GET", PASSWORD_PAGE)
        new = new.format(username=user.username)
        page = signed_in.submit(PASSWORD_PAGE, current_password=current, password=new)
        assert page.status_int == status
        assert said in unescape(page.text)
        db.refresh(user)
        assert user.password_digest == before

    def test_limits_guessing(self, signed_in):
        signed_in.call("GET", PASSWORD_PAGE)
        wrong = {"current_password": "wrong", "password": NEW}
        statuses = [
            signed_in.submit(PASSWORD_PAGE, **wrong).status_int for _ in range(11)
        ]
        assert statuses == [403] * 10 + [429]

    def test_is_nothing_for_read_only_accounts(self, signed_in, user, db):
        signed_in.call("GET", PASSWORD_PAGE)
        db.get(User, user.id).is_regular_user = False
        db.flush()
        answer = signed_in.submit(
            PASSWORD_PAGE, current_password=PASSWORD, password=NEW
        )
        assert answer.status_int == 403


class TestDelete:
    def test_signs_out_and_can_be_cancelled(self, signed_in, user, db, events):
        page = signed_in.call("GET", DELETE)
        assert "14 days" in page.text
        page = signed_in.submit(DELETE, delete="1")
        assert "Your account will be deleted" in page.text
        deletion = db.get(AccountDeletion, user.id)
        assert signed_in.call("GET", DELETE).status_int == 303
        signed_in.sign_in(user.username, PASSWORD)
        page = signed_in.call("GET", "/account/")
        assert f"deleted on {deletion.due.day} {deletion.due:%B %Y}" in page.text
        page = signed_in.call("GET", DELETE)
        assert deletion.due.isoformat() in page.text
        for _ in "ab":
            assert signed_in.submit(DELETE, cancel="1").headers["Location"] == DELETE
            page = signed_in.call("GET", DELETE)
            assert "Delete my account" in page.text
        assert db.scalars(select(AccountDeletion)).all() == []
        done = [e for e in events() if e["action"].startswith("deletion_")]
        assert [(e["action"], e["actor_id"]) for e in done] == [
            ("deletion_requested", user.id),
            ("deletion_cancelled", user.id),
        ]

    def test_is_for_read_only_accounts_too(self, browser, make_user, db):
        user = make_user("read_only")
        browser.sign_in(user.username, PASSWORD)
        browser.call("GET", DELETE)
        page = browser.submit(DELETE, delete="1")
        assert "Your account will be deleted" in page.text
        browser.sign_in(user.username, PASSWORD)
        browser.call("GET", DELETE)
        assert browser.submit(DELETE, cancel="1").headers["Location"] == DELETE
        assert db.scalars(select(AccountDeletion)).all() == []

    def test_names_what_is_in_the_way(self, signed_in, user, make_team, db):
        team = make_team(leaders=[user])
        signed_in.call("GET", DELETE)
        page = signed_in.submit(DELETE, delete="1")
        assert page.status_int == 409
        assert f"a leader who can act: {team.id}." in page.text
        assert signed_in.call("GET", "/account/").status_int == 200

    def test_needs_a_recent_sign_in(self, signed_in, an_hour_later):
        an_hour_later()
        page = signed_in.call("GET", DELETE)
        assert "sign in again" in page.text
        answer = signed_in.submit(DELETE, delete="1")
        assert answer.headers["Location"].startswith("/auth/login?next=")
