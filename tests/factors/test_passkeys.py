"""Passkeys: made, used beside a password and in its place, and all that is refused."""

import json
import re
from datetime import timedelta
from html import unescape
from unittest.mock import ANY

import pytest
from sqlalchemy import select, update

from apiserver.auth.models import BrowserSession
from apiserver.core.db import now
from apiserver.factors.models import Factor, FactorChallenge
from tests.auth.browser import said
from tests.factories import PASSWORD
from tests.factors.accounts import set_up_passkey
from tests.factors.authenticator import PRESENT, RP_ID, VERIFIED, Authenticator, encoded
from tests.problems import invalid, problem

FACTORS = "/users/me/factors/"
OPTIONS = f"{FACTORS}passkey-options"
PASSKEYS = f"{FACTORS}passkeys"
PASSKEY = "/auth/passkey"
STEP = "/auth/second-factor"
NEW = "/account/factors/passkey"
REFUSED = invalid(credential="Is no valid answer to a challenge of this server.")
FAILED = "This passkey is unknown here, or did not sign. Try again, or use a password."
NOT_SIGNED = "This passkey is not one of the account, or did not sign. Try again."


@pytest.fixture
def passkey(api, db, user, authenticator):
    """The user's passkey."""
    assert set_up_passkey(api(user), authenticator).status_int == 201
    db.refresh(user)
    return authenticator


@pytest.fixture
def sessions(db):
    statement = select(BrowserSession.amr).order_by(BrowserSession.id)
    return lambda: db.scalars(statement).all()


@pytest.fixture
def ask(browser):
    """A function that opens the page of passkeys, and returns what one is to sign."""

    def call():
        browser.cookies.clear()
        page = browser.call("GET", PASSKEY)
        options = browser.submit(PASSKEY).json
        browser.page = page
        return options

    return call


@pytest.fixture
def present(browser, ask):
    """A function that signs in by a passkey, and returns what the page answers."""

    def call(authenticator):
        credential = json.dumps(authenticator.get(ask()))
        return browser.submit(PASSKEY, credential=credential)

    return call


def options_in(page):
    return json.loads(unescape(re.search('data-options="(.*?)"', page.text)[1]))


class TestCreate:
    def test_is_the_first_factor(self, api, user, authenticator, db):
        other = api(user)
        caller = api(user)
        answer = set_up_passkey(caller, authenticator)
        assert answer.json == {
            "factor": {
                "id": ANY,
                "kind": "passkey",
                "name": "Laptop",
                "is_confirmed": True,
                "created": ANY,
                "last_used": None,
            },
            "recovery_codes": [ANY] * 10,
        }
        assert other.get("/users/me").status_int == 401
        assert caller.get(FACTORS).json == [answer.json["factor"]]

    def test_is_asked_for_with_proof_of_its_user(self, app, api, user):
        options = api(user).post(OPTIONS).json["options"]
        assert options["rp"] == {
            "id": RP_ID,
            "name": app.registry.settings["apiserver.title"],
        }
        assert options["user"]["name"] == user.username
        assert options["authenticatorSelection"] == {
            "residentKey": "required",
            "requireResidentKey": True,
            "userVerification": "required",
        }
        assert options["attestation"] == "none"

    def test_names_those_that_there_are(self, api, user, passkey):
        caller = api(user)
        options = caller.post(OPTIONS).json["options"]
        (known,) = options["excludeCredentials"]
        assert known["id"] == encoded(passkey.id)
        again = {"name": "Again", "credential": passkey.create(options)}
        sentence = "This passkey is already registered."
        assert caller.post(PASSKEYS, again).json == problem(409, sentence)

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("flags", PRESENT),
            ("flags", VERIFIED),
            ("origin", "https://evil.example.com"),
            ("origin", "http://api.example.com"),
            ("rp_id", "example.com"),
        ],
    )
    def test_refuses_another_party_and_no_proof(
        self, api, user, authenticator, name, value
    ):
        setattr(authenticator, name, value)
        answer = set_up_passkey(api(user), authenticator)
        assert (answer.status_int, answer.json) == (422, REFUSED)

    def test_answers_a_challenge_once(self, api, user, authenticator):
        caller = api(user)
        options = caller.post(OPTIONS).json["options"]
        for status in (201, 422):
            body = {"credential": Authenticator().create(options)}
            assert caller.post(PASSKEYS, body).status_int == status

    def test_uses_up_the_challenge_of_a_wrong_answer(self, api, user, authenticator):
        caller = api(user)
        options = caller.post(OPTIONS).json["options"]
        credential = authenticator.create(options)
        wrong = {**credential, "rawId": encoded(b"another")}
        assert caller.post(PASSKEYS, {"credential": wrong}).status_int == 422
        assert caller.post(PASSKEYS, {"credential": credential}).json == REFUSED

    def test_answers_ones_own_challenge_in_time(
        self, api, user, make_user, authenticator, db
    ):
        options = api(make_user()).post(OPTIONS).json["options"]
        body = {"credential": authenticator.create(options)}
        assert api(user).post(PASSKEYS, body).json == REFUSED
        options = api(user).post(OPTIONS).json["options"]
        db.execute(update(FactorChallenge).values(expires=now() - timedelta(seconds=1)))
        body = {"credential": authenticator.create(options)}
        assert api(user).post(PASSKEYS, body).json == REFUSED

    @pytest.mark.parametrize(
        "credential",
        [
            "text",
            1,
            [],
            {},
            {"id": 1, "response": 1},
            {"response": {"clientDataJSON": "e30"}},
            {"response": {"clientDataJSON": "eyJjaGFsbGVuZ2UiOiAxfQ"}},
            {"response": {"clientDataJSON": "WzFd"}},
            {"response": {"clientDataJSON": "\u00e4\u00f6"}},
        ],
    )
    def test_refuses_what_is_no_credential(self, api, user, credential):
        answer = api(user).post(PASSKEYS, {"credential": credential})
        assert (answer.status_int, answer.json) == (422, REFUSED)

    @pytest.mark.parametrize("part", ["clientDataJSON", "attestationObject"])
    @pytest.mark.parametrize("junk", ["", "AAAA", "o2NmbXQ", 7, None, "x" * 4000])
    def test_refuses_junk_in_its_place(self, api, user, authenticator, part, junk):
        caller = api(user)
        options = caller.post(OPTIONS).json["options"]
        credential = authenticator.create(options)
        credential["response"][part] = junk
        assert caller.post(PASSKEYS, {"credential": credential}).json == REFUSED


class TestStep:
    @pytest.fixture
    def step(self, browser, user, passkey):
        """The browser, on the page of the second step."""
        browser.sign_in(user.username, PASSWORD)
        browser.call("GET", STEP)
        return browser

    def test_takes_a_signature(self, step, passkey, sessions):
        options = options_in(step.page)
        assert [each["id"] for each in options["allowCredentials"]] == [
            encoded(passkey.id)
        ]
        credential = json.dumps(passkey.get(options))
        assert step.submit(STEP, credential=credential).status_int == 303
        assert sessions() == [("pwd", "pop", "user", "mfa")]

    def test_takes_it_once(self, step, passkey, browser, user):
        credential = json.dumps(passkey.get(options_in(step.page)))
        step.submit(STEP, credential=credential)
        browser.cookies.clear()
        browser.sign_in(user.username, PASSWORD)
        browser.call("GET", STEP)
        answer = browser.submit(STEP, credential=credential)
        assert (answer.status_int, said(answer)) == (403, NOT_SIGNED)

    def test_refuses_that_of_somebody_else(
        self, step, api, make_user, authenticator, sessions
    ):
        other = Authenticator()
        set_up_passkey(api(make_user()), other)
        credential = json.dumps(other.get(options_in(step.page)))
        assert step.submit(STEP, credential=credential).status_int == 403
        assert sessions() == []

    def test_offers_another_challenge_after_a_wrong_answer(self, step, passkey):
        step.submit(STEP, credential="no JSON")
        credential = json.dumps(passkey.get(options_in(step.page)))
        assert step.submit(STEP, credential=credential).status_int == 303


class TestInsteadOfPassword:
    def test_signs_in(self, present, passkey, sessions, user, events):
        answer = present(passkey)
        assert answer.headers["Location"] == "/account/"
        assert sessions() == [("pop", "user", "mfa")]
        told = [(each["action"], each["actor_id"]) for each in events()]
        assert told[-2:] == [("factor_used", user.id), ("sign_in", user.id)]

    def test_is_offered_by_the_login_page(self, browser):
        assert 'href="/auth/passkey"' in browser.call("GET", "/auth/login").text

    def test_leads_where_the_sign_in_was_to_lead(
        self, browser, web_client, passkey, user
    ):
        location = browser.ask(web_client).headers["Location"]
        page = browser.call("GET", location)
        link = unescape(re.search('href="(/auth/passkey[^"]*)"', page.text)[1])
        page = browser.call("GET", link)
        options = browser.submit(PASSKEY).json
        browser.page = page
        credential = json.dumps(passkey.get(options))
        answer = browser.submit(PASSKEY, credential=credential)
        assert answer.headers["Location"].startswith("/auth/oauth2/authorize?")

    def test_takes_a_signature_once(self, ask, browser, passkey, sessions):
        credential = json.dumps(passkey.get(ask()))
        assert browser.submit(PASSKEY, credential=credential).status_int == 303
        ask()
        answer = browser.submit(PASSKEY, credential=credential)
        assert (answer.status_int, said(answer)) == (403, FAILED)

    def test_takes_no_lower_count(self, present, passkey, db):
        """An authenticator that has been copied counts from where the other is."""
        passkey.count = 7
        assert present(passkey).status_int == 303
        assert db.scalar(select(Factor.sign_count)) == 8
        passkey.count = 7
        assert said(present(passkey)) == FAILED

    def test_takes_one_that_does_not_count(self, present, api, user):
        synced = Authenticator(is_synced=True)
        set_up_passkey(api(user), synced)
        for _ in range(2):
            assert present(synced).status_int == 303

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("flags", PRESENT),
            ("origin", "https://evil.example.com"),
            ("rp_id", "evil.example.com"),
            ("handle", encoded(b"somebody else")),
            ("id", b"unknown"),
        ],
    )
    def test_refuses_what_proves_nothing(self, present, passkey, name, value):
        setattr(passkey, name, value)
        answer = present(passkey)
        assert (answer.status_int, said(answer)) == (403, FAILED)

    def test_refuses_the_key_of_another(self, present, passkey):
        passkey.key = Authenticator().key
        assert said(present(passkey)) == FAILED

    def test_refuses_an_inactive_user(self, present, passkey, user, db):
        user.is_active = False
        db.commit()
        assert said(present(passkey)) == FAILED

    def test_is_bounded_for_an_address(self, ask, browser, make_app):
        statuses = []
        for _ in range(101):
            browser.call("GET", PASSKEY)
            statuses.append(browser.submit(PASSKEY).status_int)
        assert statuses == [200] * 100 + [429]

    def test_needs_the_form_of_the_page(self, browser):
        assert browser.call("POST", PASSKEY, {"csrf": "none"}).status_int == 400


class TestPage:
    def test_makes_the_first_factor(self, browser, user, authenticator, sessions):
        browser.sign_in(user.username, PASSWORD)
        page = browser.call("GET", NEW)
        credential = json.dumps(authenticator.create(options_in(page)))
        answer = browser.submit(NEW, credential=credential, name="Key\t1")
        assert (answer.status_int, answer.text.count("<li><code>")) == (200, 10)
        assert sessions() == [("pwd", "pop", "user", "mfa")]
        assert (
            'aria-label="Remove Key1"' in browser.call("GET", "/account/factors").text
        )

    def test_may_load_its_script_and_no_other(self, browser, user):
        browser.sign_in(user.username, PASSWORD)
        page = browser.call("GET", NEW)
        assert page.headers["Content-Security-Policy"] == (
            "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; "
            "frame-ancestors 'none'; script-src 'self'; connect-src 'self'; "
            "form-action 'self'"
        )
        script = unescape(re.search('<script defer src="(.*?)"', page.text)[1])
        answer = browser.call("GET", script)
        assert answer.content_type == "text/javascript"
        assert b"navigator.credentials" in answer.body

    def test_offers_another_challenge_after_a_wrong_answer(
        self, browser, user, authenticator
    ):
        browser.sign_in(user.username, PASSWORD)
        browser.call("GET", NEW)
        answer = browser.submit(NEW, credential="{}")
        assert answer.status_int == 422
        credential = json.dumps(authenticator.create(options_in(answer)))
        assert browser.submit(NEW, credential=credential).status_int == 200


class TestDevelopment:
    def test_calls_this_machine_localhost(self, api, shared_app, user):
        app = shared_app(issuer="http://127.0.0.1:5000")
        options = api(user, app=app).post(OPTIONS).json["options"]
        assert options["rp"]["id"] == "localhost"
        authenticator = Authenticator()
        authenticator.rp_id = "localhost"
        authenticator.origin = "http://localhost:5000"
        assert set_up_passkey(api(user, app=app), authenticator).status_int == 201
