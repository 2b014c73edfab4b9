"""Who must have a second factor, by the setting, and what happens to who has none."""

from html import unescape

import pytest
from pyotp import TOTP
from sqlalchemy import select, update

from apiserver.factors.models import Factor
from apiserver.factors.standing import MULTI
from apiserver.users.models import User
from tests.auth.browser import Browser
from tests.client import Client
from tests.factories import PASSWORD
from tests.factors.accounts import code_of
from tests.factors.conftest import STEP, codes_in, secret_in
from tests.problems import problem

ENROL = "/auth/enrol-factor"
STRONGER = problem(401, "This requires a stronger sign-in.")


@pytest.fixture(scope="session")
def app(make_required_app):
    """The application in which administrators must have a factor."""
    return make_required_app("administrators")


@pytest.fixture
def everybody(make_required_app):
    """The application in which everybody must."""
    return make_required_app("everybody")


@pytest.fixture
def user(make_user):
    """An administrator."""
    return make_user("admin")


def led(browser, user):
    """Return where somebody is led who signs in by the password."""
    return browser.sign_in(user.username, PASSWORD).headers["Location"]


class TestEnrolment:
    def test_comes_at_the_sign_in(self, browser, user, sessions):
        assert led(browser, user) == ENROL
        assert browser.call("GET", "/account/").status_int == 303
        page = browser.call("GET", ENROL)
        assert "<svg " in page.text
        answer = browser.submit(ENROL, code=code_of(TOTP(secret_in(page))))
        assert (answer.status_int, len(codes_in(answer))) == (200, 10)
        assert 'href="/account/"' in answer.text
        assert sessions() == [("pwd", "otp", "mfa")]
        assert browser.call("GET", "/account/factors").status_int == 200

    def test_refuses_a_wrong_code_and_shows_the_same_secret(
        self, browser, user, sessions
    ):
        led(browser, user)
        secret = secret_in(browser.call("GET", ENROL))
        answer = browser.submit(ENROL, code=code_of(TOTP(secret), 9))
        sentence = "This is not the code that the app shows now. Try again."
        assert (answer.status_int, sentence in unescape(answer.text)) == (422, True)
        assert sessions() == []
        for page in (answer, browser.call("GET", ENROL)):
            assert secret_in(page) == secret

    def test_is_no_way_around_a_factor(self, browser, user, add_totp):
        """Nobody sets up another one who has only the password."""
        add_totp(user)
        assert led(browser, user) == STEP
        browser.call("GET", STEP)
        assert browser.press(ENROL, code="000000").status_int == 400
        assert browser.call("GET", ENROL).headers["Location"] == STEP

    def test_is_for_others_where_everybody_must(
        self, browser, api, everybody, make_user
    ):
        other = make_user()
        assert led(browser, other) == "/account/"
        assert led(Browser(lambda: api(app=everybody)), other) == ENROL

    @pytest.mark.parametrize("kind", ["admin", "internal"])
    def test_has_no_place_in_the_password_grant(self, post, client, make_user, kind):
        form = {"username": make_user(kind).username, "password": PASSWORD}
        answer = post(client, grant_type="password", **form).json
        assert answer["error"] == "invalid_grant"
        assert answer["error_description"].startswith("The account needs a second")


class TestTokenOfBefore:
    """Those of an administrator who has signed in by a password alone."""

    def test_is_that_of_a_user(self, api, user, make_user):
        caller = api(user)
        assert caller.get("/users/me").status_int == 200
        answer = caller.get(f"/users/{make_user().id}")
        assert answer.json == STRONGER
        assert answer.headers["WWW-Authenticate"].endswith(f'acr_values="{MULTI}"')

    def test_is_an_administrators_if_it_was_by_two_factors(
        self, app, api, user, make_token, make_user
    ):
        api()
        token = make_token(user, scopes=app.registry.scopes, amr=("pwd", "otp", "mfa"))
        assert Client(app, token).get(f"/users/{make_user().id}").status_int == 200

    def test_is_good_for_nothing_where_everybody_must(
        self, api, everybody, make_user, make_client
    ):
        caller = api(make_user(), app=everybody)
        for path in ("/users/me", "/users/", "/users/me/factors/"):
            assert caller.get(path).json == STRONGER
        assert caller.get("/users/signup-form").status_int == 200
        # That of a client is what it was.
        own = api(client=make_client(), app=everybody)
        assert own.get("/users/").status_int != 401


class TestSessionOfBefore:
    def test_ends_when_its_user_becomes_an_administrator(self, browser, make_user, db):
        user = make_user()
        led(browser, user)
        assert browser.call("GET", "/account/").status_int == 200
        db.execute(update(User).where(User.id == user.id).values(is_admin=True))
        answer = browser.call("GET", "/account/")
        assert answer.headers["Location"].startswith("/auth/login")
        assert led(browser, user) == ENROL


class TestLastFactor:
    def test_stays(self, browser, user, add_totp, to_step, enter, db):
        factor, app = add_totp(user)
        to_step()
        enter(code_of(app))
        page = browser.call("GET", "/account/factors")
        assert "Your account must have a second factor." in page.text
        answer = browser.submit("/account/factors", remove=str(factor.id))
        assert answer.status_int == 409
        assert "Add another one first." in answer.text
        assert db.scalars(select(Factor.id)).all() == [factor.id]
