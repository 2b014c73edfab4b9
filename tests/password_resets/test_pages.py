"""The pages ``/account/lost-password`` and ``/account/new-password``."""

import re
from html import unescape

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


def heading(page):
    return unescape(re.search("<h1>(.*?)</h1>", page.text)[1])


class TestLostPassword:
    @pytest.fixture
    def ask(self, browser):
        """A function that sends an address, and returns the page."""

        def call(email):
            browser.call("GET", LOST)
            return browser.submit(LOST, email=email)

        return call

    def test_is_linked_from_the_login_page(self, browser):
        page = browser.call("GET", "/auth/login")
        assert f'<a href="{LOST}">Forgot your password?</a>' in page.text

    def test_leads_by_the_mail_to_a_new_one(
        self, ask, mails, mailed_token, follow, send, browser, user
    ):
        page = ask(user.email)
        assert (page.status_int, heading(page)) == (200, "Check your email")
        page = follow(mailed_token())
        assert f"<strong>{user.username}</strong>" in page.text
        page = send()
        assert (page.status_int, heading(page)) == (200, "Your password is set")
        assert [mail.subject for mail in mails()][1:] == ["Your password was changed"]
        assert browser.sign_in(user.username, PASSWORD).status_int == 403
        assert browser.sign_in(user.username, NEW).status_int == 303

    def test_says_the_same_of_each_address(self, ask, user, make_user, statements):
        emails = [user.email, make_user("inactive").email, "nobody@example.com"]
        pages, counted = [], []
        for email in emails:
            with statements() as executed:
                pages.append(ask(email))
            counted.append(list(executed))
        assert {page.text for page in pages} == {pages[0].text}
        assert [list(page.headers) for page in pages] == [[*pages[0].headers]] * 3
        assert counted == [counted[0]] * 3

    def test_says_what_is_no_address(self, ask, mails):
        page = ask("<ada>")
        assert (page.status_int, said(page)) == (422, "Must be an email address.")
        assert 'value="&lt;ada&gt;"' in page.text
        assert mails() == []

    def test_is_limited(self, ask, db):
        pages = [ask("nobody@example.com").status_int for _ in range(30)]
        assert set(pages) == {200}
        page = ask("nobody@example.com")
        sentence = "Too many attempts. Try again in 60 min."
        assert (page.status_int, said(page)) == (429, sentence)
        assert int(page.headers["Retry-After"]) > 3500

    def test_takes_no_form_of_another_browser(self, browser, mails, user):
        browser.call("GET", LOST)
        browser.cookies.clear()
        page = browser.submit(LOST, email=user.email)
        assert page.status_int == 400
        assert mails() == []


class TestNewPassword:
    def test_looks_at_the_link_without_using_it(self, follow, make_reset, user, db):
        token = make_reset(user)
        for _ in range(2):
            assert heading(follow(token)) == "New password"
        assert db.scalar(select(PasswordReset.user_id)) == user.id

    def test_is_set_once(self, follow, send, make_reset, user):
        follow(make_reset(user))
        assert send().status_int == 200

    @pytest.mark.parametrize(
        "token",
        [pytest.param(make_token(LINK), id="unknown"), "x", "", "a&b=c"],
    )
    def test_needs_a_link_that_works(self, follow, token):
        page = follow(token)
        assert (page.status_int, heading(page)) == (404, OVER)

    def test_says_how_to_get_another_link(
        self, follow, send, make_reset, user, browser
    ):
        token = make_reset(user)
        follow(token)
        form = browser.page
        send()
        browser.page = form
        for page in (send(), follow(token)):
            assert (page.status_int, heading(page)) == (404, OVER)
            assert f'href="{LOST}"' in page.text

    @pytest.mark.parametrize(
        ("password", "sentence"),
        [
            ("short", "Must be at least 12 characters long."),
            ("aaaaaaaaaaaaaaaa", "Is too easy to guess; use several unrelated words."),
        ],
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

    def test_takes_no_form_of_another_browser(
        self, follow, send, make_reset, user, browser
    ):
        follow(make_reset(user))
        cookies = dict(browser.cookies)
        browser.cookies.clear()
        assert send().status_int == 400
        browser.cookies = cookies
        follow(make_reset(user))
        assert send().status_int == 200

    def test_is_throttled_by_address(self, follow, send, make_reset, user, db, browser):
        token = make_reset(user)
        follow(token)
        form = browser.page
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
        assert browser.call("GET", "/auth/login").status_int == 200
        assert heading(browser.page) == "Sign in"


@pytest.mark.parametrize("path", [LOST, NEW_PASSWORD])
class TestForm:
    @pytest.mark.parametrize(
        "body", [b"", b"csrf=%ff", b"\xff", b"csrf=%00", b"csrf=x"]
    )
    def test_that_is_none_is_refused(self, api, db, path, body):
        response = api().call("POST", path, body=body, content_type=FORM)
        assert response.status_int == 400
        assert db.scalars(select(QueuedJob.id)).all() == []

    def test_of_another_type_is_refused(self, api, path):
        response = api().call("POST", path, body=b"{}", content_type=JSON)
        assert response.status_int == 415
