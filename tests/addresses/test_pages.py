"""The pages of sign-up, of a change of address, and those that links lead to."""

from html import unescape

import pytest
from sqlalchemy import select

from apiserver.addresses.models import AddressChange, SignUp
from apiserver.mail import LinkInvalid
from apiserver.users.models import User
from tests.addresses.factories import make_change, make_sign_up, make_take_back
from tests.factories import PASSWORD

SIGN_UP = "/account/sign-up"
CONFIRM = "/account/confirm"
ADDRESS = "/account/address"
CONFIRM_ADDRESS = "/account/confirm-address"
TAKE_BACK = "/account/take-back-address"
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
            assert (page.status_int, LinkInvalid.sentence in page.text) == (404, True)
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
    @pytest.mark.parametrize("path", [CONFIRM, CONFIRM_ADDRESS, TAKE_BACK])
    def test_needs_a_link(self, browser, path, query):
        page = browser.call("GET", path + query)
        assert page.status_int in {400, 404}
        page = browser.call("POST", path, {"token": "x"})
        assert (page.status_int, LinkInvalid.sentence in page.text) == (404, True)

    def test_is_no_form_of_another_site(self, browser, db, visit):
        _, token = make_sign_up(db)
        browser.headers["Sec-Fetch-Site"] = "cross-site"
        page = browser.call("POST", CONFIRM, {"token": token})
        assert page.status_int == 403


class TestAddress:
    @pytest.fixture
    def signed_in(self, browser, user):
        browser.sign_in(user.username, PASSWORD)
        return browser

    def test_is_changed_and_taken_back(self, signed_in, visit, link_in, user, db):
        old, new = user.email, "new@example.com"
        shown = signed_in.call("GET", ADDRESS).text
        assert f"go to <strong>{old}</strong>" in shown
        page = signed_in.submit(ADDRESS, email=new)
        assert "We have sent a mail to new@example.com." in page.text
        other, link = visit(), link_in()
        steps = ((CONFIRM_ADDRESS, new), (TAKE_BACK, old))
        for number, (path, email) in enumerate(steps):
            link = link_in() if number else link
            assert link.startswith(f"{path}?token=")
            before = db.scalar(select(User.email))
            for _ in "ab":
                page = other.call("GET", link)
                assert page.status_int == 200
                assert email in page.text
            assert db.scalar(select(User.email)) == before != email
            page = other.submit(path)
            assert (page.status_int, email in page.text) == (200, True)
            assert db.scalar(select(User.email)) == email
            assert other.call("GET", link).status_int == 404
        assert "/account/lost-password" in page.text
        # Everybody is signed out.
        assert signed_in.call("GET", ADDRESS).status_int == 303

    def test_shows_the_same_for_that_of_another_account(
        self, signed_in, make_user, mails
    ):
        email, shown = make_user().email, []
        for each in (email, "nobody@example.com"):
            signed_in.call("GET", ADDRESS)
            page = signed_in.submit(ADDRESS, email=each)
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
    def test_says_what_is_wrong(self, signed_in, user, db, email, status, said):
        signed_in.call("GET", ADDRESS)
        sent = user.email if email is None else email
        page = signed_in.submit(ADDRESS, email=sent)
        assert (page.status_int, said in page.text) == (status, True)
        assert db.scalars(select(AddressChange)).all() == []

    def test_needs_a_recent_sign_in(self, signed_in, db, an_hour_later):
        signed_in.call("GET", ADDRESS)
        form = signed_in.page
        an_hour_later()
        page = signed_in.call("GET", ADDRESS)
        assert "sign in again" in page.text
        assert 'name="email"' not in page.text
        signed_in.page = form
        answer = signed_in.submit(ADDRESS, email="new@example.com")
        assert answer.headers["Location"].startswith("/auth/login?next=")
        assert db.scalars(select(AddressChange)).all() == []

    def test_says_that_somebody_has_got_the_address(self, visit, db, user, make_user):
        browser = visit()
        for make, path in ((make_change, CONFIRM_ADDRESS), (make_take_back, TAKE_BACK)):
            row, token = make(db, user)
            browser.call("GET", f"{path}?token={token}")
            make_user(email=row.email)
            page = browser.submit(path)
            taken = "A user with this email address already exists."
            assert (page.status_int, taken in page.text) == (409, True)
