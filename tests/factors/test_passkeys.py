"""Passkeys: made, used beside a password and in its place, and all that is refused."""

import json
import re
from datetime import timedelta
from html import unescape
from unittest.mock import ANY

import pytest
from sqlalchemy import select, update

from apiserver.core.db import now
from apiserver.factors.models import Factor, FactorChallenge
from tests.auth.browser import said
from tests.factories import PASSWORD
from tests.factors.accounts import set_up_passkey
from tests.factors.authenticator import PRESENT, RP_ID, VERIFIED, Authenticator, encoded
from tests.factors.conftest import STEP, codes_in, options_in
from tests.problems import invalid, problem

FACTORS = "/users/me/factors/"
OPTIONS = f"{FACTORS}passkey-options"
PASSKEYS = f"{FACTORS}passkeys"
PASSKEY = "/auth/passkey"
NEW = "/account/factors/passkey"
REFUSED = invalid(credential="Is no valid answer to a challenge of this server.")
FAILED = "This passkey is unknown here, or did not sign. Try again, or use a password."
NOT_SIGNED = "This passkey is not one of the account, or did not sign. Try again."
EVIL = "https://evil.example.com"


@pytest.fixture
def caller(api, user):
    return api(user)


@pytest.fixture
def asked(caller):
    """What the user's authenticator is asked, to make a passkey."""
    return caller.post(OPTIONS).json["options"]


@pytest.fixture
def create(caller):
    """A function that sends a new passkey."""
    return lambda credential: caller.post(PASSKEYS, {"credential": credential})


@pytest.fixture
def passkey(api, db, user, authenticator):
    """The user's passkey."""
    assert set_up_passkey(api(user), authenticator).status_int == 201
    db.refresh(user)
    return authenticator


@pytest.fixture
def ask(browser):
    """A function that opens the page of passkeys, and returns what one is to sign."""

    def call(path=PASSKEY):
        page = browser.call("GET", path)
        options = browser.submit(PASSKEY).json
        browser.page = page
        return options

    return call


@pytest.fixture
def present(browser, ask):
    """A function that signs in by a passkey, and returns what the page answers."""

    def call(authenticator):
        browser.cookies.clear()
        credential = json.dumps(authenticator.get(ask()))
        return browser.submit(PASSKEY, credential=credential)

    return call


class TestCreate:
    def test_is_the_first_factor(self, api, user, caller, authenticator):
        other = api(user)
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

    def test_is_asked_for_with_proof_of_its_user(self, app, asked, user):
        title = app.registry.settings["apiserver.title"]
        assert asked["rp"] == {"id": RP_ID, "name": title}
        assert asked["user"]["name"] == user.username
        assert asked["authenticatorSelection"] == {
            "residentKey": "required",
            "requireResidentKey": True,
            "userVerification": "required",
        }
        assert asked["attestation"] == "none"

    def test_names_those_that_there_are(self, passkey, asked, create):
        (known,) = asked["excludeCredentials"]
        assert known["id"] == encoded(passkey.id)
        sentence = "This passkey is already registered."
        assert create(passkey.create(asked)).json == problem(409, sentence)

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("flags", PRESENT),
            ("flags", VERIFIED),
            ("origin", EVIL),
            ("origin", "http://api.example.com"),
            ("rp_id", "example.com"),
        ],
    )
    def test_refuses_another_party_and_no_proof(
        self, caller, authenticator, name, value
    ):
        setattr(authenticator, name, value)
        assert set_up_passkey(caller, authenticator).json == REFUSED

    def test_answers_a_challenge_once(self, asked, create):
        for status in (201, 422):
            assert create(Authenticator().create(asked)).status_int == status

    def test_uses_up_the_challenge_of_a_wrong_answer(
        self, asked, create, authenticator
    ):
        credential = authenticator.create(asked)
        wrong = {**credential, "rawId": encoded(b"another")}
        for each in (wrong, credential):
            assert create(each).json == REFUSED

    def test_answers_ones_own_challenge_in_time(
        self, api, make_user, asked, create, authenticator, db
    ):
        others = api(make_user()).post(OPTIONS).json["options"]
        assert create(authenticator.create(others)).json == REFUSED
        db.execute(update(FactorChallenge).values(expires=now() - timedelta(seconds=1)))
        assert create(authenticator.create(asked)).json == REFUSED

    @pytest.mark.parametrize(
        "credential",
        [
            *("text", [], {}, {"id": 1, "response": 1}),
            *(
                {"response": {"clientDataJSON": data}}
                for data in ("e30", "eyJjaGFsbGVuZ2UiOiAxfQ", "WzFd", "\u00e4\u00f6")
            ),
        ],
    )
    def test_refuses_what_is_no_credential(self, create, credential):
        assert create(credential).json == REFUSED

    @pytest.mark.parametrize("part", ["clientDataJSON", "attestationObject"])
    @pytest.mark.parametrize("junk", ["", "AAAA", "o2NmbXQ", 7, None, "x" * 4000])
    def test_refuses_junk_in_its_place(self, asked, create, authenticator, part, junk):
        credential = authenticator.create(asked)
        credential["response"][part] = junk
        assert create(credential).json == REFUSED


class TestStep:
    @pytest.fixture
    def page(self, passkey, to_step):
        """The page of the second step."""
        return to_step()

    def test_takes_a_signature_once(self, page, passkey, sessions, enter, to_step):
        options = options_in(page)
        known = [each["id"] for each in options["allowCredentials"]]
        assert known == [encoded(passkey.id)]
        credential = passkey.get(options)
        assert enter(**credential).status_int == 303
        assert sessions() == [("pwd", "pop", "user", "mfa")]
        to_step()
        answer = enter(**credential)
        assert (answer.status_int, said(answer)) == (403, NOT_SIGNED)

    def test_refuses_that_of_somebody_else_and_asks_again(
        self, browser, page, passkey, api, make_user, sessions, enter
    ):
        other = Authenticator()
        set_up_passkey(api(make_user()), other)
        page = browser.submit(STEP, credential="no JSON")
        answer = enter(**other.get(options_in(page)))
        assert (answer.status_int, sessions()) == (403, [])
        assert enter(**passkey.get(options_in(answer))).status_int == 303


class TestInsteadOfPassword:
    def test_signs_in(self, present, passkey, sessions, user, events):
        assert present(passkey).headers["Location"] == "/account/"
        assert sessions() == [("pop", "user", "mfa")]
        told = [(each["action"], each["actor_id"]) for each in events()]
        assert told[-2:] == [("factor_used", user.id), ("sign_in", user.id)]

    def test_leads_where_the_sign_in_was_to_lead(
        self, browser, web_client, passkey, ask
    ):
        location = browser.ask(web_client).headers["Location"]
        page = browser.call("GET", location)
        link = unescape(re.search('href="(/auth/passkey[^"]*)"', page.text)[1])
        credential = json.dumps(passkey.get(ask(link)))
        answer = browser.submit(PASSKEY, credential=credential)
        assert answer.headers["Location"].startswith("/auth/oauth2/authorize?")

    def test_takes_a_signature_once(self, ask, browser, passkey):
        credential = json.dumps(passkey.get(ask()))
        assert browser.submit(PASSKEY, credential=credential).status_int == 303
        browser.cookies.clear()
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

    def test_takes_one_that_does_not_count(self, present, caller):
        synced = Authenticator(is_synced=True)
        set_up_passkey(caller, synced)
        assert [present(synced).status_int for _ in range(2)] == [303, 303]

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("flags", PRESENT),
            ("origin", EVIL),
            ("rp_id", "evil.example.com"),
            ("handle", encoded(b"somebody else")),
            ("id", b"unknown"),
            ("key", Authenticator().key),
        ],
        ids=["not verified", "origin", "party", "handle", "unknown", "key"],
    )
    def test_refuses_what_proves_nothing(self, present, passkey, name, value):
        setattr(passkey, name, value)
        answer = present(passkey)
        assert (answer.status_int, said(answer)) == (403, FAILED)

    def test_refuses_an_inactive_user(self, present, passkey, user, db):
        user.is_active = False
        db.commit()
        assert said(present(passkey)) == FAILED

    def test_is_bounded_for_an_address(self, browser):
        statuses = []
        for _ in range(101):
            browser.call("GET", PASSKEY)
            statuses.append(browser.submit(PASSKEY).status_int)
        assert statuses == [200] * 100 + [429]

    def test_needs_the_form_of_the_page(self, browser):
        assert browser.call("POST", PASSKEY, {"csrf": "none"}).status_int == 400


class TestPage:
    @pytest.fixture
    def page(self, browser, user):
        """The page that makes a passkey."""
        browser.sign_in(user.username, PASSWORD)
        return browser.call("GET", NEW)

    @pytest.fixture
    def send(self, browser, authenticator):
        """A function that sends what a page asks for."""

        def call(page, **fields):
            credential = json.dumps(authenticator.create(options_in(page)))
            return browser.submit(NEW, credential=credential, **fields)

        return call

    def test_makes_the_first_factor(self, browser, page, send, sessions):
        answer = send(page, name="Key\t1")
        assert (answer.status_int, len(codes_in(answer))) == (200, 10)
        assert sessions() == [("pwd", "pop", "user", "mfa")]
        listed = browser.call("GET", "/account/factors").text
        assert 'aria-label="Remove Key1"' in listed

    def test_may_load_its_script_and_no_other(self, browser, page):
        assert page.headers["Content-Security-Policy"] == (
            "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; "
            "frame-ancestors 'none'; script-src 'self'; connect-src 'self'; "
            "form-action 'self'"
        )
        script = unescape(re.search('<script defer src="(.*?)"', page.text)[1])
        answer = browser.call("GET", script)
        assert answer.content_type == "text/javascript"
        assert b"navigator.credentials" in answer.body

    def test_offers_another_challenge_after_a_wrong_answer(self, browser, page, send):
        answer = browser.submit(NEW, credential="{}")
        assert answer.status_int == 422
        assert send(answer).status_int == 200


def test_development_calls_this_machine_localhost(api, shared_app, user):
    caller = api(user, app=shared_app(issuer="http://127.0.0.1:5000"))
    authenticator = Authenticator()
    authenticator.rp_id = "localhost"
    authenticator.origin = "http://localhost:5000"
    assert caller.post(OPTIONS).json["options"]["rp"]["id"] == "localhost"
    assert set_up_passkey(caller, authenticator).status_int == 201
