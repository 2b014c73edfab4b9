"""The pages of one's profile and password, and their navigation."""

import re
from html import unescape

import pytest

from apiserver.users.models import User
from tests.auth.browser import Browser
from tests.factories import PASSWORD
from tests.settings import SHIPPED
from tests.users.accounts import EASY, PERSONAL, SHORT, WRONG

PROFILE = "/account/profile"
PASSWORD_PAGE = "/account/password"
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
    def test_changes_the_names(self, signed_in, user, db, acts):
        assert user.email in signed_in.call("GET", PROFILE).text
        names = {"first_name": " Ada ", "middle_name": "", "last_name": "<King>"}
        answer = signed_in.submit(PROFILE, **names)
        page = signed_in.call("GET", answer.headers["Location"])
        assert "Your profile is saved." in page.text
        assert 'value="&lt;King&gt;"' in page.text
        db.refresh(user)
        assert (user.first_name, user.last_name) == ("Ada", "<King>")
        target = f"user:{user.id} first_name,last_name"
        assert acts("user_changed") == [(user.id, target)]

    def test_says_what_is_wrong(self, signed_in, user, db):
        signed_in.call("GET", PROFILE)
        page = signed_in.submit(PROFILE, first_name="x" * 31)
        assert page.status_int == 422
        assert "Must be at most 30 characters long." in page.text
        db.refresh(user)
        assert user.first_name == ""

    def test_needs_a_recent_sign_in(self, refused_later):
        assert "sign in again" in refused_later(PROFILE, first_name="Ada")


class TestPassword:
    @pytest.fixture
    def send(self, signed_in):
        """A function that sends the current password, and a new one."""

        def call(current=PASSWORD, new=NEW):
            signed_in.call("GET", PASSWORD_PAGE)
            passwords = {"current_password": current, "password": new}
            return signed_in.submit(PASSWORD_PAGE, **passwords)

        return call

    def test_ends_all_but_this_session(self, send, signed_in, api, user, acts):
        other = Browser(api)
        other.sign_in(user.username, PASSWORD)
        page = signed_in.call("GET", send().headers["Location"])
        assert "You have a new password." in page.text
        assert other.call("GET", "/account/").status_int == 303
        assert Browser(api).sign_in(user.username, NEW).status_int == 303
        assert acts("password_change") == [(user.id, f"user:{user.id}")]

    @pytest.mark.parametrize(
        ("current", "new", "status", "said"),
        [
            ("wrong", NEW, 403, WRONG["detail"]),
            ("x" * 2000, NEW, 403, WRONG["detail"]),
            ("", NEW, 403, WRONG["detail"]),
            (PASSWORD, "short", 422, SHORT),
            (PASSWORD, "aaaaaaaaaaaaaaaa", 422, EASY),
            (PASSWORD, "{username} and more", 422, PERSONAL),
        ],
    )
    def test_says_what_is_wrong(self, send, user, db, current, new, status, said):
        before = user.password_digest
        page = send(current, new.format(username=user.username))
        assert (page.status_int, said in unescape(page.text)) == (status, True)
        db.refresh(user)
        assert user.password_digest == before

    def test_limits_guessing(self, send):
        statuses = [send("wrong").status_int for _ in range(11)]
        assert statuses == [403] * 10 + [429]

    def test_is_nothing_for_read_only_accounts(self, send, signed_in, user, db):
        db.get(User, user.id).is_regular_user = False
        db.flush()
        assert send().status_int == 403
