"""Who must have a second factor, by the setting, and what happens to who has none."""

import re
from html import unescape

import pytest
from pyotp import TOTP
from sqlalchemy import select, update

from apiserver.auth.models import BrowserSession
from apiserver.factors.models import Factor
from apiserver.factors.standing import MULTI
from apiserver.users.models import User
from tests.auth.browser import Browser
from tests.client import Client
from tests.factories import PASSWORD
from tests.factors.accounts import code_of
from tests.problems import problem

STEP = "/auth/second-factor"
ENROL = "/auth/enrol-factor"
STRONGER = problem(401, "This requires a stronger sign-in.")


@pytest.fixture(scope="session")
def app(make_required_app):
    """The application in which administrators must have a factor."""
    return make_required_app("administrators")


@pytest.fixture
def admin(make_user):
    return make_user("admin")


def secret_in(page):
    return re.search(r"Secret: <code>(.*?)</code>", page.text)[1].replace(" ", "")


def codes_in(page):
    return re.findall(r"<li><code>(.*?)</code></li>", page.text)


class TestEnrolment:
    def test_comes_at_the_sign_in(self, browser, admin, db):
        answer = browser.sign_in(admin.username, PASSWORD)
        assert answer.headers["Location"] == ENROL
        assert browser.call("GET", "/account/").status_int == 303
        page = browser.call("GET", ENROL)
        assert "<svg " in page.text
        app = TOTP(secret_in(page))
        answer = browser.submit(ENROL, code=code_of(app))
        assert (answer.status_int, len(codes_in(answer))) == (200, 10)
        assert 'href="/account/"' in answer.text
        assert db.scalars(select(BrowserSession.amr)).all() == [("pwd", "otp", "mfa")]
        assert browser.call("GET", "/account/factors").status_int == 200

    def test_shows_the_same_secret_again(self, browser, admin):
        browser.sign_in(admin.username, PASSWORD)
        first = secret_in(browser.call("GET", ENROL))
        assert secret_in(browser.submit(ENROL, code="000000")) == first
        assert secret_in(browser.call("GET", ENROL)) == first

    def test_refuses_a_wrong_code(self, browser, admin, db):
        browser.sign_in(admin.username, PASSWORD)
        app = TOTP(secret_in(browser.call("GET", ENROL)))
        answer = browser.submit(ENROL, code=code_of(app, 9))
        assert answer.status_int == 422
        sentence = "This is not the code that the app shows now. Try again."
        assert sentence in unescape(answer.text)
        assert db.scalars(select(BrowserSession)).all() == []

    def test_is_no_way_around_a_factor(self, browser, admin, add_totp):
        """Nobody sets up another one who has only the password."""
        add_totp(admin)
        answer = browser.sign_in(admin.username, PASSWORD)
        assert answer.headers["Location"] == STEP
        browser.call("GET", STEP)
        assert browser.press(ENROL, code="000000").status_int == 400
        assert browser.call("GET", ENROL).headers["Location"] == STEP

    def test_is_not_for_others(self, browser, make_user):
        answer = browser.sign_in(make_user().username, PASSWORD)
        assert answer.headers["Location"] == "/account/"

    def test_is_for_all_where_everybody_must(self, api, make_required_app, make_user):
        everybody = make_required_app("everybody")
        browser = Browser(lambda: api(app=everybody))
        answer = browser.sign_in(make_user().username, PASSWORD)
        assert answer.headers["Location"] == ENROL

    @pytest.mark.parametrize("kind", ["admin", "internal"])
    def test_has_no_place_in_the_password_grant(self, post, client, make_user, kind):
        user = make_user(kind)
        form = {"grant_type": "password", "username": user.username}
        answer = post(client, **form, password=PASSWORD).json
        assert answer["error"] == "invalid_grant"
        assert answer["error_description"].startswith("The account needs a second")


class TestTokenOfBefore:
    """Those of an administrator who has signed in by a password alone."""

    def test_is_that_of_a_user(self, api, admin, make_user):
        caller = api(admin)
        assert caller.get("/users/me").status_int == 200
        answer = caller.get(f"/users/{make_user().id}")
        assert (answer.status_int, answer.json) == (401, STRONGER)
        assert answer.headers["WWW-Authenticate"].endswith(f'acr_values="{MULTI}"')

    def test_is_an_administrators_if_it_was_by_two_factors(
        self, app, api, admin, make_token, make_user
    ):
        api()
        token = make_token(admin, scopes=app.registry.scopes, amr=("pwd", "otp", "mfa"))
        assert Client(app, token).get(f"/users/{make_user().id}").status_int == 200

    def test_is_good_for_nothing_where_everybody_must(
        self, api, make_required_app, make_user
    ):
        caller = api(make_user(), app=make_required_app("everybody"))
        for path in ("/users/me", "/users/", "/users/me/factors/"):
            answer = caller.get(path)
            assert (answer.status_int, answer.json) == (401, STRONGER)
        assert caller.get("/users/signup-form").status_int == 200

    def test_of_a_client_is_what_it_was(self, api, make_client, make_required_app):
        client = make_client()
        caller = api(client=client, app=make_required_app("everybody"))
        assert caller.get("/users/").status_int != 401


class TestSessionOfBefore:
    def test_ends_when_its_user_becomes_an_administrator(self, browser, make_user, db):
        user = make_user()
        browser.sign_in(user.username, PASSWORD)
        assert browser.call("GET", "/account/").status_int == 200
        db.execute(update(User).where(User.id == user.id).values(is_admin=True))
        answer = browser.call("GET", "/account/")
        assert answer.headers["Location"].startswith("/auth/login")
        browser.call("GET", "/auth/login")
        answer = browser.submit(
            "/auth/login", username=user.username, password=PASSWORD
        )
        assert answer.headers["Location"] == ENROL


class TestLastFactor:
    def test_stays(self, browser, admin, add_totp, db):
        factor, app = add_totp(admin)
        browser.sign_in(admin.username, PASSWORD)
        browser.call("GET", STEP)
        browser.submit(STEP, code=code_of(app))
        page = browser.call("GET", "/account/factors")
        assert "Your account must have a second factor." in page.text
        answer = browser.submit("/account/factors", remove=str(factor.id))
        assert answer.status_int == 409
        assert "Add another one first." in answer.text
        assert db.scalars(select(Factor.id)).all() == [factor.id]
