"""The pages of sign-up, of a change of address, and those that links lead to."""

from html import unescape

import pytest
from sqlalchemy import select

from apiserver.addresses.models import AddressChange, SignUp
from apiserver.mail import LinkInvalid
from apiserver.users.models import User
from tests.addresses.conftest import VERIFIED
from tests.addresses.factories import make_change, make_sign_up, make_take_back
from tests.auth.browser import Browser
from tests.factories import PASSWORD
from tests.users.accounts import EASY, EMAIL_TAKEN, NAME_TAKEN, SHORT

SIGN_UP = "/account/sign-up"
CONFIRM = "/account/confirm"
ADDRESS = "/account/address"
CONFIRM_ADDRESS = "/account/confirm-address"
TAKE_BACK = "/account/take-back-address"
FORM = {"username": "ada", "email": "ada@example.com", "password": PASSWORD}


@pytest.fixture
def other(api):
    """Another browser, as that of a telephone."""
    return Browser(api)


@pytest.fixture
def send(browser):
    """A function that opens a page and sends its form."""

    def call(path, **fields):
        browser.call("GET", path)
        return browser.submit(path, **fields)

    return call


def assert_says(page, status, said):
    assert (page.status_int, said in unescape(page.text)) == (status, True)


def assert_over(page):
    assert_says(page, 404, LinkInvalid.sentence)


class TestSignUp:
    def test_is_linked_at_the_login_page(self, browser, api, shared_app):
        link = f'<a href="{SIGN_UP}">Sign up</a>'
        assert link in browser.call("GET", "/auth/login").text
        with_captcha = api(app=shared_app())
        assert link not in with_captcha.call("GET", "/auth/login").text
        assert "needs a captcha" in with_captcha.call("GET", SIGN_UP).text

    def test_leads_to_an_account(self, send, other, mailed_link, db):
        sent = "We have sent a mail to <strong>ada@example.com</strong>"
        assert_says(send(SIGN_UP, **FORM), 200, sent)
        link = mailed_link()
        # A scanner has been there before.
        for _ in "ab":
            page = other.call("GET", link)
            assert "signed up as <strong>ada</strong>" in page.text
        assert db.scalars(select(User.username)).all() == []
        assert_says(other.submit(CONFIRM), 200, "Welcome, ada")
        assert_over(other.call("GET", link))
        assert_over(other.call("POST", CONFIRM, {"token": link[-55:]}))
        assert other.sign_in("ada", PASSWORD).status_int == 303

    def test_shows_the_same_for_an_address_that_has_an_account(
        self, send, user, notified
    ):
        emails, shown = [user.email, "nobody@example.com"], []
        for each in emails:
            page = send(SIGN_UP, **{**FORM, "email": each})
            shown.append((page.status_int, page.text.replace(each, "")))
        assert shown[0] == shown[1]
        assert [recipient for recipient, _ in notified()] == emails

    @pytest.mark.parametrize(
        ("wrong", "status", "said"),
        [
            ({"username": ""}, 422, "Username: "),
            ({"email": "ada"}, 422, "Email: "),
            ({"password": "short"}, 422, f"Password: {SHORT}"),
            ({"password": "password1234"}, 422, f"Password: {EASY}"),
            ({"username": "taken"}, 409, NAME_TAKEN["detail"]),
        ],
    )
    def test_says_what_is_wrong(self, send, make_user, db, wrong, status, said):
        make_user(username="taken")
        page = send(SIGN_UP, **{**FORM, **wrong})
        assert_says(page, status, said)
        assert wrong.get("password", PASSWORD) not in page.text
        assert db.scalars(select(SignUp)).all() == []

    def test_is_tied_to_the_browser(self, browser, other, db):
        other.page = browser.call("GET", SIGN_UP)
        assert_says(other.submit(SIGN_UP, **FORM), 400, "has expired")
        assert db.scalars(select(SignUp)).all() == []

    def test_is_closed_with_the_setting(self, api, shared_app):
        app = shared_app(**{**VERIFIED, "signup": "closed"})
        assert "Sign-up is closed" in api(app=app).call("GET", SIGN_UP).text


class TestLink:
    @pytest.mark.parametrize("query", ["", "?token=", "?token=x", "?token=%00"])
    @pytest.mark.parametrize("path", [CONFIRM, CONFIRM_ADDRESS, TAKE_BACK])
    def test_is_needed(self, browser, path, query):
        assert browser.call("GET", path + query).status_int in {400, 404}
        assert_over(browser.call("POST", path, {"token": "x"}))

    def test_is_used_by_no_form_of_another_site(self, browser, db):
        _, token = make_sign_up(db)
        browser.headers["Sec-Fetch-Site"] = "cross-site"
        assert browser.call("POST", CONFIRM, {"token": token}).status_int == 403

    @pytest.mark.parametrize(
        ("path", "make", "document"),
        [
            (CONFIRM, lambda db, user: make_sign_up(db), NAME_TAKEN),
            (CONFIRM_ADDRESS, make_change, EMAIL_TAKEN),
            (TAKE_BACK, make_take_back, EMAIL_TAKEN),
        ],
        ids=["sign-up", "change", "take-back"],
    )
    def test_says_what_somebody_has_got_since(
        self, browser, db, user, make_user, path, make, document
    ):
        row, token = make(db, user)
        browser.call("GET", f"{path}?token={token}")
        # One of them: which of two is said depends on the database.
        taken = {"username": "ada"} if document == NAME_TAKEN else {"email": row.email}
        make_user(**taken)
        assert_says(browser.submit(path), 409, document["detail"])


class TestAddress:
    @pytest.fixture
    def send(self, signed_in, send):
        return send

    def test_is_changed_and_taken_back(
        self, send, browser, other, mailed_link, user, db
    ):
        old, new = user.email, "new@example.com"
        assert f"go to <strong>{old}</strong>" in browser.call("GET", ADDRESS).text
        page = send(ADDRESS, email=new)
        assert "We have sent a mail to new@example.com." in page.text
        for path, email in ((CONFIRM_ADDRESS, new), (TAKE_BACK, old)):
            link = mailed_link()
            assert link.startswith(f"{path}?token=")
            before = db.scalar(select(User.email))
            for _ in "ab":
                assert_says(other.call("GET", link), 200, email)
            assert db.scalar(select(User.email)) == before != email
            page = other.submit(path)
            assert_says(page, 200, email)
            assert db.scalar(select(User.email)) == email
            assert other.call("GET", link).status_int == 404
        assert "/account/lost-password" in page.text
        # Everybody is signed out.
        assert browser.call("GET", ADDRESS).status_int == 303

    def test_shows_the_same_for_that_of_another_account(self, send, make_user):
        shown = []
        for each in (make_user().email, "nobody@example.com"):
            page = send(ADDRESS, email=each)
            shown.append((page.status_int, page.text.replace(each, "")))
        assert shown[0] == shown[1]

    @pytest.mark.parametrize(
        ("email", "status", "said"),
        [
            ("nonsense", 422, "Email: "),
            ("", 422, "Email: "),
            (None, 409, "This is your address already."),
        ],
    )
    def test_says_what_is_wrong(self, send, user, db, email, status, said):
        sent = user.email if email is None else email
        assert_says(send(ADDRESS, email=sent), status, said)
        assert db.scalars(select(AddressChange)).all() == []

    def test_needs_a_recent_sign_in(self, refused_later, db):
        shown = refused_later(ADDRESS, email="new@example.com")
        assert "sign in again" in shown
        assert 'name="email"' not in shown
        assert db.scalars(select(AddressChange)).all() == []
