"""The pages ``/account/lost-password`` and ``/account/new-password``."""

import pytest
from sqlalchemy import select, update

from apiserver.auth.tokens import LINK, make_token
from apiserver.core.db import now
from apiserver.core.http import FORM, JSON
from apiserver.core.jobs import QueuedJob
from apiserver.password_resets.models import PasswordReset
from apiserver.users.models import Throttle
from tests.auth.browser import said
from tests.factories import PASSWORD
from tests.html import headings
from tests.users.accounts import EASY, SHORT

LOST = "/account/lost-password"
NEW_PASSWORD = "/account/new-password"
NEW = "an umbrella for the tortoise"
OVER = "This link doesn\u2019t work"


@pytest.fixture
def follow(browser):
    """A function that opens the link with a token, and returns the page."""
    return lambda token: browser.call("GET", f"{NEW_PASSWORD}?token={token}")


@pytest.fixture
def send(browser):
    """A function that sends a new password."""
    return lambda password=NEW: browser.submit(NEW_PASSWORD, password=password)


def shown(page):
    """Return the status of a page, and what it is about."""
    return page.status_int, *headings(page, "h1")


class TestLostPassword:
    @pytest.fixture
    def ask(self, browser):
        """A function that sends an address, and returns the page."""

        def call(email):
            browser.call("GET", LOST)
            return browser.submit(LOST, email=email)

        return call

    def test_leads_by_the_mail_to_a_new_one(
        self, ask, notified, mailed_token, follow, send, browser, user
    ):
        page = browser.call("GET", "/auth/login")
        assert f'<a href="{LOST}">Forgot your password?</a>' in page.text
        assert shown(ask(user.email)) == (200, "Check your email")
        page = follow(mailed_token())
        assert f"<strong>{user.username}</strong>" in page.text
        assert shown(send()) == (200, "Your password is set")
        assert notified() == [(user.email, "Your password was changed")]
        assert browser.sign_in(user.username, PASSWORD).status_int == 403
        assert browser.sign_in(user.username, NEW).status_int == 303

    def test_says_the_same_of_each_address(self, ask, user, make_user, statements):
        answers = []
        for email in (user.email, make_user("inactive").email, "nobody@example.com"):
            with statements() as executed:
                page = ask(email)
            answers.append((page.text, list(page.headers), list(executed)))
        assert answers == [answers[0]] * 3

    def test_says_what_is_no_address(self, ask, mails):
        page = ask("<ada>")
        assert (page.status_int, said(page)) == (422, "Must be an email address.")
        assert 'value="&lt;ada&gt;"' in page.text
        assert mails() == []

    def test_is_limited(self, ask):
        assert {ask("nobody@example.com").status_int for _ in range(30)} == {200}
        page = ask("nobody@example.com")
        sentence = "Too many attempts. Try again in 60 min."
        assert (page.status_int, said(page)) == (429, sentence)
        assert int(page.headers["Retry-After"]) > 3500


class TestNewPassword:
    def test_looks_at_the_link_and_uses_it_once(
        self, follow, send, make_reset, user, db, browser
    ):
        token = make_reset(user)
        for _ in range(2):
            assert shown(follow(token)) == (200, "New password")
        assert db.scalar(select(PasswordReset.user_id)) == user.id
        form = browser.page
        assert send().status_int == 200
        browser.page = form
        for page in (send(), follow(token)):
            assert shown(page) == (404, OVER)
            assert f'href="{LOST}"' in page.text

    @pytest.mark.parametrize(
        "token", [pytest.param(make_token(LINK), id="unknown"), "x", "", "a&b=c"]
    )
    def test_needs_a_link_that_works(self, follow, token):
        assert shown(follow(token)) == (404, OVER)

    @pytest.mark.parametrize(
        ("password", "sentence"), [("short", SHORT), ("aaaaaaaaaaaaaaaa", EASY)]
    )
    def test_says_at_the_field_what_is_wrong(
        self, follow, send, make_reset, user, password, sentence
    ):
        follow(make_reset(user))
        page = send(password)
        assert (page.status_int, said(page)) == (422, sentence)
        assert 'aria-describedby="password-note password-error"' in page.text
        assert f"<strong>{user.username}</strong>" in page.text
        assert password not in page.text
        assert send().status_int == 200

    def test_is_throttled_by_address(self, follow, send, make_reset, user, db, browser):
        token = make_reset(user)
        form = follow(token)
        follow(make_token(LINK))
        db.execute(update(Throttle).values(tries=101))
        assert follow(token).status_int == 429
        browser.page = form
        page = send()
        assert page.status_int == 429
        assert int(page.headers["Retry-After"]) > 800
        db.execute(update(Throttle).values(expires=now()))
        assert send().status_int == 200

    def test_ends_the_session_of_the_browser(
        self, browser, follow, send, make_reset, user
    ):
        browser.sign_in(user.username, PASSWORD)
        follow(make_reset(user))
        send()
        assert shown(browser.call("GET", "/auth/login")) == (200, "Sign in")


@pytest.mark.parametrize("path", [LOST, NEW_PASSWORD])
class TestForm:
    def test_that_is_none_is_refused(self, api, db, path):
        for body in (b"", b"csrf=%ff", b"\xff", b"csrf=%00", b"csrf=x"):
            response = api().call("POST", path, body=body, content_type=FORM)
            assert response.status_int == 400
        assert api().call("POST", path, body=b"{}", content_type=JSON).status_int == 415
        assert db.scalars(select(QueuedJob.id)).all() == []

    def test_of_another_browser_is_refused(self, browser, make_reset, user, db, path):
        browser.call("GET", f"{path}?token={make_reset(user)}")
        browser.cookies.clear()
        assert browser.submit(path, email=user.email, password=NEW).status_int == 400
        assert db.scalars(select(QueuedJob.id)).all() == []
        assert db.scalar(select(PasswordReset.user_id)) == user.id
