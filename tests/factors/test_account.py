"""The pages of one's factors: set up, removed, codes anew."""

import re

import pytest
from pyotp import TOTP
from sqlalchemy import select

from apiserver.auth.models import BrowserSession
from apiserver.factors.models import Factor, RecoveryCode
from tests.factors.accounts import code_of
from tests.factors.conftest import codes_in, secret_in

FACTORS = "/account/factors"
APP = "/account/factors/totp"


@pytest.fixture
def proven(browser, to_step, enter, totp):
    """The browser of a user who has signed in by a code, too."""
    to_step()
    enter(code_of(totp, -1))
    browser.call("GET", FACTORS)
    return browser


def names_in(page):
    return re.findall(r'aria-label="Remove (.*?)"', page.text)


class TestOverview:
    def test_says_what_there_is(self, signed_in, add_totp, user):
        page = signed_in.call("GET", FACTORS)
        assert "Your account has only a password." in page.text
        assert names_in(page) == []
        add_totp(user)
        page = signed_in.call("GET", FACTORS)
        assert names_in(page) == ["Phone"]
        assert "You have none left." in page.text

    def test_is_for_who_has_signed_in(self, browser):
        for path in (FACTORS, APP, "/account/factors/passkey"):
            location = browser.call("GET", path).headers["Location"]
            assert location.startswith("/auth/login?next=")


class TestApp:
    def test_is_set_up_and_ends_the_other_sessions(self, signed_in, db, events):
        before = db.scalars(select(BrowserSession.id)).all()
        app = TOTP(secret_in(signed_in.call("GET", APP)))
        page = signed_in.submit(APP, code=code_of(app), name=" Phone ")
        assert (page.status_int, len(codes_in(page))) == (200, 10)
        assert events()[-2]["action"] == "factor_confirmed"
        [session] = db.execute(select(BrowserSession.id, BrowserSession.amr))
        assert session.id not in before
        assert session.amr == ("pwd", "otp", "mfa")
        assert names_in(signed_in.call("GET", FACTORS)) == ["Phone"]
        assert "You have 10 left." in signed_in.page.text

    def test_of_a_second_one_shows_no_codes(self, proven):
        app = TOTP(secret_in(proven.call("GET", APP)))
        answer = proven.submit(APP, code=code_of(app))
        assert answer.headers["Location"] == FACTORS
        assert names_in(proven.call("GET", FACTORS)) == ["Phone", "Authenticator app"]

    def test_needs_a_recent_sign_in(self, signed_in, db, an_hour_later):
        app = TOTP(secret_in(signed_in.call("GET", APP)))
        an_hour_later()
        answer = signed_in.submit(APP, code=code_of(app))
        assert answer.headers["Location"].startswith("/auth/login?next=")
        assert signed_in.call("GET", APP).status_int == 303
        assert db.scalars(select(Factor.confirmed)).all() == [None]

    def test_is_throttled(self, signed_in):
        wrong = code_of(TOTP(secret_in(signed_in.call("GET", APP))), 9)
        statuses = [signed_in.submit(APP, code=wrong).status_int for _ in range(11)]
        assert statuses == [422] * 10 + [429]


class TestRemove:
    def test_takes_the_factor_and_the_codes(self, proven, recovery_code, db):
        number = db.scalars(select(Factor.id)).one()
        answer = proven.submit(FACTORS, remove=str(number))
        assert answer.headers["Location"] == FACTORS
        for model in (Factor, RecoveryCode):
            assert db.scalars(select(model)).all() == []

    @pytest.mark.parametrize("number", ["0", "x", "\u0661", None])
    def test_is_of_ones_own(self, proven, number, make_user, add_totp):
        other, _ = add_totp(make_user())
        assert proven.submit(FACTORS, remove=number or str(other.id)).status_int == 404


class TestCodes:
    def test_are_made_anew(self, proven, db):
        codes = set()
        for _ in "ab":
            proven.call("GET", FACTORS)
            codes.update(codes_in(proven.submit(FACTORS, codes="new")))
        assert len(codes) == 20
        assert len(db.scalars(select(RecoveryCode)).all()) == 10

    def test_need_the_form_of_the_page(self, proven):
        answer = proven.call("POST", FACTORS, {"codes": "new", "csrf": "none"})
        assert answer.status_int == 400
