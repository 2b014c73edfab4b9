"""The second step of a sign-in in a browser, and that there is no way around it."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from apiserver.auth.models import OAuth2Grant
from apiserver.core.db import now
from apiserver.factors.models import RecoveryCode, SignInAttempt
from apiserver.factors.recovery import digest_of
from apiserver.factors.standing import MULTI, SINGLE
from apiserver.users.models import Throttle
from tests.auth.browser import Browser, redemption, said, told
from tests.factories import PASSWORD
from tests.factors.accounts import CODE, code_of
from tests.factors.conftest import STEP
from tests.oauth_errors import invalid_grant

WRONG = "This code is wrong, or was used before. Wait for the next one and try again."
OVER = "This sign-in has expired, or is over. Sign in again."


@pytest.fixture
def step(totp, to_step, browser):
    """The browser, on the page of the second step."""
    to_step()
    return browser


def refused(answer, sentence):
    """Whether a proof was refused, in these words."""
    status = 403 if sentence == WRONG else 400
    return (answer.status_int, said(answer)) == (status, sentence)


class TestStep:
    def test_comes_after_the_password(self, step, user, sessions):
        assert sessions() == []
        assert f"<strong>{user.username}</strong>" in step.page.text
        assert "Use a passkey" not in step.page.text

    def test_takes_a_code_once(self, step, enter, totp, sessions, to_step):
        code = code_of(totp)
        assert enter(code).headers["Location"] == "/account/"
        assert sessions() == [("pwd", "otp", "mfa")]
        to_step()
        assert refused(enter(code), WRONG)
        assert refused(enter(code_of(totp, -1)), WRONG)
        assert enter(code_of(totp, 1)).status_int == 303

    def test_refuses_a_wrong_one_and_goes_on(
        self, step, enter, totp, sessions, make_user, add_totp
    ):
        _, others = add_totp(make_user())
        for code in (code_of(totp, 9), code_of(others)):
            assert refused(enter(code), WRONG)
        assert sessions() == []
        assert enter(code_of(totp)).status_int == 303

    def test_is_over_once_it_is_taken(self, step, enter, totp):
        form, cookies = step.page, dict(step.cookies)
        enter(code_of(totp))
        step.page, step.cookies = form, cookies
        assert refused(enter(code_of(totp, 1)), OVER)

    def test_has_a_time_limit(self, step, enter, totp, db):
        db.execute(update(SignInAttempt).values(expires=now() - timedelta(seconds=1)))
        assert refused(enter(code_of(totp)), OVER)
        assert step.call("GET", STEP).headers["Location"] == "/auth/login"

    def test_ends_with_the_epoch_of_the_user(self, step, enter, totp, db, user):
        user.end_grants()
        db.commit()
        assert refused(enter(code_of(totp)), OVER)

    def test_needs_its_form(self, step, totp):
        form = {"code": code_of(totp), "csrf": "none"}
        assert refused(step.call("POST", STEP, form), OVER)

    def test_is_none_without_the_password(self, browser, totp):
        assert browser.call("GET", STEP).headers["Location"] == "/auth/login"

    def test_is_none_for_who_has_no_factor(self, browser, user, sessions, add_totp):
        add_totp(user, confirmed=False)
        answer = browser.sign_in(user.username, PASSWORD)
        assert answer.headers["Location"] == "/account/"
        assert sessions() == [("pwd",)]


class TestGuessing:
    @pytest.fixture
    def guess(self, enter, totp):
        """A function that sends so many wrong codes, and returns the statuses."""
        return lambda times: [enter(code_of(totp, 9)).status_int for _ in range(times)]

    def test_is_throttled_for_the_account(self, step, guess, enter, totp, db):
        assert guess(11) == [403] * 10 + [429]
        assert said(step.page) == "Too many attempts. Try again in 15 min."
        assert enter(code_of(totp)).status_int == 429
        db.execute(update(Throttle).values(expires=now()))
        assert enter(code_of(totp)).status_int == 303

    def test_locks_nobody_out_who_has_a_recovery_code(
        self, step, guess, enter, recovery_code
    ):
        guess(11)
        assert enter(recovery_code).status_int == 200

    def test_begins_anew_after_a_right_code(self, step, guess, enter, totp, to_step):
        guess(9)
        enter(code_of(totp))
        to_step()
        guess(9)
        assert enter(code_of(totp, 1)).status_int == 303


class TestRecoveryCode:
    @pytest.mark.parametrize("spelled", [CODE, CODE.upper(), CODE.replace("-", " ")])
    def test_signs_in_once(
        self, step, enter, recovery_code, sessions, spelled, to_step
    ):
        answer = enter(spelled)
        assert "It was the last one." in answer.text
        assert 'href="/account/"' in answer.text
        assert sessions() == [("pwd", "otp", "mfa")]
        assert step.call("GET", "/account/factors").status_int == 200
        to_step()
        assert refused(enter(spelled), WRONG)

    def test_is_of_one_account(self, step, enter, db, make_user):
        other = make_user()
        db.add(RecoveryCode(digest=digest_of(CODE, user_id=other.id), user_id=other.id))
        db.commit()
        assert refused(enter(CODE), WRONG)


def test_audit_log_tells_of_proofs_and_failures(step, enter, totp, user, events):
    for code in (code_of(totp, 9), code_of(totp)):
        enter(code)
    names = ("action", "result", "actor_id", "target")
    failed, used, done = [[each[name] for name in names] for each in events()[-3:]]
    assert failed == ["second_factor", "failure", user.id, None]
    assert used[3].startswith("factor:")
    assert used[:3] == ["factor_used", "success", user.id]
    assert done == ["sign_in", "success", user.id, None]


class TestToken:
    def test_tells_how_the_user_has_signed_in(
        self, step, enter, totp, browser, web_client, client, post, db
    ):
        enter(code_of(totp))
        browser.ask(web_client)
        code = browser.decide()["code"]
        token = post(web_client, **redemption(code)).json["access_token"]
        shown = post(client, to="introspect", token=token).json
        assert (shown["amr"], shown["acr"]) == (["pwd", "otp", "mfa"], MULTI)
        moment = db.scalar(select(OAuth2Grant.auth_time))
        assert shown["auth_time"] == int(moment.timestamp())

    def test_is_of_the_class_that_a_client_asks_for(
        self, browser, web_client, user, totp, enter
    ):
        """A session of before is too weak; the user proves more, and is led back."""
        answer = browser.ask(web_client, acr_values=MULTI)
        browser.call("GET", answer.headers["Location"])
        browser.submit("/auth/login", username=user.username, password=PASSWORD)
        browser.call("GET", STEP)
        location = enter(code_of(totp)).headers["Location"]
        assert location.startswith("/auth/oauth2/authorize?")
        browser.call("GET", location)
        assert "code" in browser.decide()

    def test_is_of_a_single_factor_where_the_user_has_no_other(
        self, browser, web_client, user
    ):
        browser.sign_in(user.username, PASSWORD)
        answer = browser.ask(web_client, acr_values=MULTI)
        assert told(answer)["error"] == "unmet_authentication_requirements"
        browser.ask(web_client, acr_values=SINGLE)
        assert "code" in browser.decide()


class TestPasswordGrant:
    @pytest.fixture
    def grant(self, post, client, user):
        """A function that asks for a token by a password."""

        def ask(password=PASSWORD, username=user.username):
            form = {"username": username, "password": password}
            return post(client, grant_type="password", **form)

        return ask

    def test_is_refused_to_who_knows_the_password(self, grant, totp, events):
        answer = grant()
        assert answer.status_int == 400
        assert answer.json == invalid_grant(
            "The account needs a second factor, which this way to sign in doesn't ask "
            "for. Use the authorization code grant, or the login page.",
        )
        last = events()[-1]
        assert (last["action"], last["result"]) == ("sign_in", "failure")

    def test_says_nothing_to_who_does_not(self, grant, totp, make_user):
        names = ("nobody", make_user().username)
        others = [grant("guess", name).json for name in names]
        assert [grant("guess").json] * 2 == others


def test_metadata_names_the_classes(api):
    document = api().call("GET", "/.well-known/oauth-authorization-server").json
    assert document["acr_values_supported"] == [SINGLE, MULTI]


class TestOtherWay:
    """A feature that starts a session by itself, as for a link that it has mailed."""

    @pytest.fixture
    def answer_riddle(self, api, shared_app, user):
        features = "users teams auth factors tests.auth.pages"
        caller = api(app=shared_app(features=features))
        # Its pages are on no list of what is outside of the document.
        caller.compare = lambda request, response: None
        asked = json.dumps({"user_id": user.id, "epoch": user.epoch})
        form = {"user": asked, "answer": "42", "next": ""}
        return lambda: Browser(lambda: caller).call("POST", "/auth/riddle", form)

    def test_leads_past_no_factor(self, answer_riddle, totp, sessions):
        answer = answer_riddle()
        assert answer.status_int == 403
        assert said(answer).startswith("The account needs a second factor")
        assert sessions() == []

    def test_is_open_to_who_has_none(self, answer_riddle, sessions):
        assert answer_riddle().status_int == 303
        assert sessions() == [("pwd", "kba")]
