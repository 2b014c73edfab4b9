"""The pages ``/account/sign-up`` and ``/account/confirm``."""

from html import unescape

import pytest
from sqlalchemy import select

from apiserver.addresses.actions import GONE
from apiserver.addresses.models import SignUp
from apiserver.users.models import User
from tests.addresses.factories import make_sign_up
from tests.factories import PASSWORD

SIGN_UP = "/account/sign-up"
CONFIRM = "/account/confirm"
FORM = {"username": "ada", "email": "ada@example.com", "password": PASSWORD}


@pytest.fixture
def browser(visit):
    return visit()


class TestSignUp:
    def test_is_linked_at_the_login_page(self, browser, api):
        link = f'<a href="{SIGN_UP}">Sign up</a>'
        assert link in browser.call("GET", "/auth/login").text
        # Where there is a captcha.
        assert link not in api().call("GET", "/auth/login").text
        assert "needs a captcha" in api().call("GET", SIGN_UP).text

    def test_leads_to_an_account(self, browser, visit, link_in, db):
        browser.call("GET", SIGN_UP)
        page = browser.submit(SIGN_UP, **FORM)
        assert page.status_int == 200
        assert "We have sent a mail to <strong>ada@example.com</strong>" in page.text
        link = link_in()
        # Another browser, as that of a telephone; a scanner has been there before.
        other = visit()
        for _ in "ab":
            page = other.call("GET", link)
            assert "signed up as <strong>ada</strong>" in page.text
        assert db.scalars(select(User.username)).all() == []
        page = other.submit(CONFIRM)
        assert "Welcome, ada" in page.text
        assert page.status_int == 200
        for method, form in (("GET", None), ("POST", {"token": link[-55:]})):
            page = other.call(method, link if form is None else CONFIRM, form)
            assert (page.status_int, GONE in page.text) == (410, True)
        answer = other.sign_in("ada", PASSWORD)
        assert answer.status_int == 303

    def test_shows_the_same_for_an_address_that_has_an_account(
        self, browser, make_user, mails
    ):
        email = make_user().email
        shown = []
        for each in (email, "nobody@example.com"):
            browser.call("GET", SIGN_UP)
            page = browser.submit(SIGN_UP, **{**FORM, "email": each})
            shown.append((page.status_int, page.text.replace(each, "")))
        assert shown[0] == shown[1]
        assert [mail.recipient for mail in mails()] == [email, "nobody@example.com"]

    @pytest.mark.parametrize(
        ("wrong", "status", "said"),
        [
            ({"username": ""}, 422, "Username: "),
            ({"email": "ada"}, 422, "Email: "),
            ({"password": "short"}, 422, "Password: Must be at least 12"),
            ({"password": "password1234"}, 422, "Password: Is too easy to guess"),
            ({"username": "taken"}, 409, "This username, or one that looks like it"),
        ],
    )
    def test_says_what_is_wrong(self, browser, make_user, db, wrong, status, said):
        make_user(username="taken")
        browser.call("GET", SIGN_UP)
        page = browser.submit(SIGN_UP, **{**FORM, **wrong})
        assert page.status_int == status
        assert said in unescape(page.text)
        assert wrong.get("password", PASSWORD) not in page.text
        assert db.scalars(select(SignUp)).all() == []

    def test_is_tied_to_the_browser(self, browser, visit, db):
        browser.call("GET", SIGN_UP)
        other = visit()
        other.page = browser.page
        page = other.submit(SIGN_UP, **FORM)
        assert (page.status_int, "has expired" in page.text) == (400, True)
        assert db.scalars(select(SignUp)).all() == []

    def test_is_closed_with_the_setting(self, api, shared_app):
        app = shared_app(signup="closed", captcha="off", captcha_secret="")
        assert "Sign-up is closed" in api(app=app).call("GET", SIGN_UP).text


class TestConfirm:
    def test_says_what_somebody_has_got_since(self, browser, db, make_user):
        _, token = make_sign_up(db)
        browser.call("GET", f"{CONFIRM}?token={token}")
        make_user(username="ada")
        page = browser.submit(CONFIRM)
        assert page.status_int == 409
        assert "This username, or one that looks like it" in page.text

    @pytest.mark.parametrize("query", ["", "?token=", "?token=x", "?token=%00"])
    def test_needs_a_link(self, browser, query):
        page = browser.call("GET", CONFIRM + query)
        assert page.status_int in {400, 410}
