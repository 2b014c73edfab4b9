"""The second step of a sign-in in a browser, and that there is no way around it."""

import json
import re
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from apiserver.auth.models import BrowserSession, OAuth2Grant
from apiserver.core.db import now
from apiserver.factors.models import RecoveryCode, SignInAttempt
from apiserver.factors.recovery import digest_of
from apiserver.factors.standing import MULTI, SINGLE
from apiserver.users.models import Throttle
from tests.auth.browser import Browser, redemption, said, told
from tests.factories import PASSWORD
from tests.factors.accounts import code_of
from tests.oauth_errors import invalid_grant

STEP = "/auth/second-factor"
CODE = "k7mw-xq2c-rr9d-3hfn"
WRONG = "This code is wrong, or was used before. Wait for the next one and try again."
OVER = "This sign-in has expired, or is over. Sign in again."


@pytest.fixture
def sessions(db):
    """A function that returns the methods of each session."""
    statement = select(BrowserSession.amr).order_by(BrowserSession.id)
    return lambda: db.scalars(statement).all()


@pytest.fixture
def step(browser, user, totp):
    """The browser, on the page of the second step."""
    answer = browser.sign_in(user.username, PASSWORD)
    assert answer.headers["Location"] == STEP
    browser.call("GET", STEP)
    return browser


@pytest.fixture
def recovery_code(db, user):
    db.add(RecoveryCode(digest=digest_of(CODE, user_id=user.id), user_id=user.id))
    db.commit()
    return CODE


def to_step(browser, user):
    """Sign in as another browser does, up to the second step."""
    browser.cookies.clear()
    browser.sign_in(user.username, PASSWORD)
    browser.call("GET", STEP)


class TestStep:
    def test_comes_after_the_password(self, step, user, sessions):
        assert sessions() == []
        assert f"<strong>{user.username}</strong>" in step.page.text
        assert "Use a passkey" not in step.page.text

    def test_takes_a_code_once(self, step, totp, sessions, browser, user):
        code = code_of(totp)
        assert step.submit(STEP, code=code).headers["Location"] == "/account/"
        assert sessions() == [("pwd", "otp", "mfa")]
        to_step(browser, user)
        answer = browser.submit(STEP, code=code)
        assert (answer.status_int, said(answer)) == (403, WRONG)
        assert browser.submit(STEP, code=code_of(totp, 1)).status_int == 303

    def test_takes_no_older_code_than_the_last(self, step, totp, browser, user):
        step.submit(STEP, code=code_of(totp, 1))
        to_step(browser, user)
        assert browser.submit(STEP, code=code_of(totp)).status_int == 403

    def test_refuses_a_wrong_one_and_goes_on(self, step, totp, sessions):
        answer = step.submit(STEP, code=code_of(totp, 9))
        assert (answer.status_int, said(answer)) == (403, WRONG)
        assert sessions() == []
        assert step.submit(STEP, code=code_of(totp)).status_int == 303

    def test_is_over_once_it_is_taken(self, step, totp):
        cookies = dict(step.cookies)
        form = dict(re.findall(r'name="(csrf)" value="(.*?)"', step.page.text))
        step.submit(STEP, code=code_of(totp))
        step.cookies = cookies
        answer = step.call("POST", STEP, {**form, "code": code_of(totp, 1)})
        assert (answer.status_int, said(answer)) == (400, OVER)

    def test_has_a_time_limit(self, step, totp, db):
        db.execute(update(SignInAttempt).values(expires=now() - timedelta(seconds=1)))
        assert said(step.submit(STEP, code=code_of(totp))) == OVER
        assert step.call("GET", STEP).headers["Location"] == "/auth/login"

    def test_ends_with_the_epoch_of_the_user(self, step, totp, db, user):
        user.end_grants()
        db.commit()
        assert said(step.submit(STEP, code=code_of(totp))) == OVER

    def test_needs_its_form(self, step, totp):
        answer = step.call("POST", STEP, {"code": code_of(totp), "csrf": "none"})
        assert (answer.status_int, said(answer)) == (400, OVER)

    def test_is_none_without_the_password(self, browser, totp):
        assert browser.call("GET", STEP).headers["Location"] == "/auth/login"

    def test_is_not_taken_with_a_code_of_somebody_else(
        self, step, make_user, add_totp, sessions
    ):
        _, other = add_totp(make_user())
        assert step.submit(STEP, code=code_of(other)).status_int == 403

    def test_leads_where_the_sign_in_was_to_lead(self, browser, web_client, user, totp):
        browser.call("GET", browser.ask(web_client).headers["Location"])
        browser.submit("/auth/login", username=user.username, password=PASSWORD)
        browser.call("GET", STEP)
        answer = browser.submit(STEP, code=code_of(totp))
        assert answer.headers["Location"].startswith("/auth/oauth2/authorize?")

    def test_is_none_for_who_has_no_factor(self, browser, user, sessions, add_totp):
        add_totp(user, confirmed=False)
        answer = browser.sign_in(user.username, PASSWORD)
        assert answer.headers["Location"] == "/account/"
        assert sessions() == [("pwd",)]


class TestGuessing:
    def test_is_throttled_for_the_account(self, step, totp, db, user, browser):
        answers = [
            step.submit(STEP, code=code_of(totp, 9)).status_int for _ in range(11)
        ]
        assert answers == [403] * 10 + [429]
        assert said(step.page) == "Too many attempts. Try again in 15 min."
        assert step.submit(STEP, code=code_of(totp)).status_int == 429
        db.execute(update(Throttle).values(expires=now()))
        assert step.submit(STEP, code=code_of(totp)).status_int == 303

    def test_locks_nobody_out_who_has_a_recovery_code(self, step, totp, recovery_code):
        for _ in range(11):
            step.submit(STEP, code=code_of(totp, 9))
        assert step.submit(STEP, code=recovery_code).status_int == 200

    def test_begins_anew_after_a_right_code(self, step, totp, browser, user):
        for _ in range(9):
            step.submit(STEP, code=code_of(totp, 9))
        step.submit(STEP, code=code_of(totp))
        to_step(browser, user)
        for _ in range(9):
            browser.submit(STEP, code=code_of(totp, 9))
        assert browser.submit(STEP, code=code_of(totp, 1)).status_int == 303


class TestRecoveryCode:
    @pytest.mark.parametrize("spelled", [CODE, CODE.upper(), CODE.replace("-", " ")])
    def test_signs_in_once(self, step, recovery_code, sessions, spelled, browser, user):
        answer = step.submit(STEP, code=spelled)
        assert "It was the last one." in answer.text
        assert 'href="/account/"' in answer.text
        assert sessions() == [("pwd", "otp", "mfa")]
        assert browser.call("GET", "/account/factors").status_int == 200
        to_step(browser, user)
        assert said(browser.submit(STEP, code=spelled)) == WRONG

    def test_is_of_one_account(self, step, db, make_user):
        other = make_user()
        db.add(RecoveryCode(digest=digest_of(CODE, user_id=other.id), user_id=other.id))
        db.commit()
        assert step.submit(STEP, code=CODE).status_int == 403


class TestAudit:
    def test_tells_of_proofs_and_failures(self, step, totp, user, events):
        step.submit(STEP, code=code_of(totp, 9))
        step.submit(STEP, code=code_of(totp))
        told = [
            (each["action"], each["result"], each["actor_id"], each["target"])
            for each in events()
        ]
        assert told[-3:] == [
            ("second_factor", "failure", user.id, None),
            ("factor_used", "success", user.id, told[-2][3]),
            ("sign_in", "success", user.id, None),
        ]
        assert told[-2][3].startswith("factor:")


class TestToken:
    def test_tells_how_the_user_has_signed_in(
        self, step, totp, browser, web_client, client, post, db
    ):
        step.submit(STEP, code=code_of(totp))
        browser.ask(web_client)
        code = browser.decide()["code"]
        token = post(web_client, **redemption(code)).json["access_token"]
        told = post(client, to="introspect", token=token).json
        assert told["amr"] == ["pwd", "otp", "mfa"]
        assert told["acr"] == MULTI
        moment = db.scalar(select(OAuth2Grant.auth_time))
        assert told["auth_time"] == int(moment.timestamp())

    def test_is_of_the_class_that_a_client_asks_for(
        self, browser, web_client, user, totp
    ):
        """A session of before is too weak; the user proves more."""
        answer = browser.ask(web_client, acr_values=MULTI)
        browser.call("GET", answer.headers["Location"])
        browser.submit("/auth/login", username=user.username, password=PASSWORD)
        browser.call("GET", STEP)
        answer = browser.submit(STEP, code=code_of(totp))
        browser.call("GET", answer.headers["Location"])
        assert "code" in browser.decide()

    def test_is_none_where_the_user_has_no_factor(self, browser, web_client, user):
        browser.sign_in(user.username, PASSWORD)
        answer = browser.ask(web_client, acr_values=MULTI)
        assert told(answer)["error"] == "unmet_authentication_requirements"

    def test_may_be_of_a_single_factor(self, browser, web_client, user):
        browser.sign_in(user.username, PASSWORD)
        browser.ask(web_client, acr_values=SINGLE)
        assert "code" in browser.decide()


class TestPasswordGrant:
    def test_is_refused_to_who_knows_the_password(self, post, client, user, totp):
        form = {"grant_type": "password", "username": user.username}
        answer = post(client, **form, password=PASSWORD)
        assert answer.status_int == 400
        assert answer.json == invalid_grant(
            "The account needs a second factor, which this way to sign in doesn't ask "
            "for. Use the authorization code grant, or the login page.",
        )

    def test_says_nothing_to_who_does_not(self, post, client, user, totp, make_user):
        form = {"grant_type": "password", "password": "guess"}
        wrong = post(client, **form, username=user.username)
        unknown = post(client, **form, username="nobody")
        plain = post(client, **form, username=make_user().username)
        assert wrong.json == unknown.json == plain.json

    def test_is_no_sign_in(self, post, client, user, totp, events):
        form = {"grant_type": "password", "username": user.username}
        post(client, **form, password=PASSWORD)
        last = events()[-1]
        assert (last["action"], last["result"]) == ("sign_in", "failure")


def test_metadata_names_the_classes(api):
    document = api().call("GET", "/.well-known/oauth-authorization-server").json
    assert document["acr_values_supported"] == [SINGLE, MULTI]


class TestOtherWay:
    """A feature that starts a session by itself, as for a link that it has mailed."""

    @pytest.fixture
    def paged(self, api, shared_app):
        features = "users teams auth factors tests.auth.pages"
        caller = api(app=shared_app(features=features))
        # Its pages are on no list of what is outside of the document.
        caller.compare = lambda request, response: None
        return Browser(lambda: caller)

    @pytest.fixture
    def answer_riddle(self, paged, user):
        def send():
            asked = json.dumps({"user_id": user.id, "epoch": user.epoch})
            form = {"user": asked, "answer": "42", "next": ""}
            return paged.call("POST", "/auth/riddle", form)

        return send

    def test_leads_past_no_factor(self, answer_riddle, totp, sessions):
        answer = answer_riddle()
        assert answer.status_int == 403
        assert said(answer).startswith("The account needs a second factor")
        assert sessions() == []

    def test_is_open_to_who_has_none(self, answer_riddle, sessions):
        assert answer_riddle().status_int == 303
        assert sessions() == [("pwd", "kba")]
