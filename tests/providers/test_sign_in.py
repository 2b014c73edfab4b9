"""Signing in with a provider, to it and back."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from apiserver.auth.browser import csrf_token
from apiserver.auth.models import BrowserSession
from apiserver.core.db import now
from apiserver.providers.models import (
    LinkedIdentity,
    ProviderSignIn,
    UnlinkedIdentity,
)
from apiserver.users.models import User
from tests.auth.browser import said
from tests.cookies import IDENTITY
from tests.factors.accounts import add_totp
from tests.providers.conftest import START
from tests.providers.issuer import query_of

LOGIN = "/auth/login"
NEW = "/account/new-sign-in"


@pytest.fixture
def sessions(db):
    """A function that returns user and methods of each session."""
    statement = select(BrowserSession.user_id, BrowserSession.amr)
    return lambda: [tuple(row) for row in db.execute(statement)]


class TestSetOut:
    def test_is_offered_by_the_login_page(self, person):
        page = person.call("GET", f"{LOGIN}?next=/account/").text
        href = 'href="/account/sign-in/acme?next=%2Faccount%2F">Sign in with Acme</a>'
        assert href in page
        assert ">Sign in with GitHub</a>" in page

    def test_leads_to_the_provider(self, person, provider, db):
        url = person.set_out()
        assert url.startswith(f"{provider.url}/authorize?")
        query = query_of(url)
        assert {
            name: value
            for name, value in query.items()
            if name not in {"state", "nonce", "code_challenge"}
        } == {
            "response_type": "code",
            "client_id": "our-client",
            "redirect_uri": "https://api.example.com/account/sign-in/acme/callback",
            "scope": "openid email profile",
            "code_challenge_method": "S256",
        }
        stored = repr(db.execute(select(ProviderSignIn.__table__)).one())
        assert not [each for each in query.values() if each in stored]

    def test_asks_for_metadata_once(self, person, provider):
        person.set_out()
        person.set_out()
        assert provider.asked == ["/.well-known/openid-configuration"]

    def test_begins_on_a_page_of_this_server_alone(self, person, provider):
        person.headers = {"Sec-Fetch-Site": "cross-site"}
        path = START.format("acme") + "?next=/account/"
        answer = person.call("GET", path)
        assert answer.headers["Location"] == f"{LOGIN}?next=%2Faccount%2F"
        assert provider.asked == []

    def test_is_throttled(self, api, person, make_provided):
        api(app=make_provided(login_attempts_per_address="1"))
        person.api = lambda: api(app=make_provided(login_attempts_per_address="1"))
        person.set_out()
        answer = person.call("GET", START.format("acme"))
        assert (answer.status_int, said(answer)) == (
            429,
            "Too many attempts. Try again in 15 min.",
        )


class TestKnown:
    def test_signs_in(self, person, user, link, sessions, db, events):
        identity = link(user)
        answer = person.come_back()
        assert answer.headers["Location"] == "/account/"
        assert sessions() == [(user.id, ("fed",))]
        db.refresh(identity)
        assert identity.last_used is not None
        assert db.scalars(select(ProviderSignIn)).all() == []
        told = [(e["action"], e["actor_id"], e["target"]) for e in events()]
        assert told[-2:] == [
            ("identity_used", user.id, f"identity:{identity.id}"),
            ("sign_in", user.id, None),
        ]

    def test_is_led_where_the_sign_in_was_to_lead(self, person, user, link):
        link(user)
        answer = person.come_back(query="?next=/account/sessions")
        assert answer.headers["Location"] == "/account/sessions"

    def test_is_led_nowhere_else(self, person, user, link):
        link(user)
        answer = person.come_back(query="?next=https://evil.example")
        assert answer.headers["Location"] == "/account/"

    def test_may_have_another_address_by_now(self, person, user, link, provider):
        link(user)
        provider.claims["email"] = "other@example.com"
        assert person.come_back().headers["Location"] == "/account/"

    def test_is_asked_for_a_second_factor(self, person, user, link, sessions, db):
        link(user)
        add_totp(db, user)
        assert person.come_back().headers["Location"] == "/auth/second-factor"
        assert sessions() == []

    def test_is_refused_where_the_account_is_inactive(
        self, person, user, link, sessions, db
    ):
        link(user)
        db.execute(update(User).values(is_active=False))
        answer = person.come_back()
        assert (answer.status_int, said(answer)) == (
            403,
            "This account is not active. Ask an administrator.",
        )
        assert sessions() == []


class TestNewcomer:
    def test_chooses_a_name(self, person, sessions, db, events):
        assert person.come_back().headers["Location"] == NEW
        page = person.call("GET", NEW).text
        assert 'value="ada"' in page
        assert "ada@example.com" in page
        answer = person.submit(NEW, username="lovelace")
        assert answer.headers["Location"] == "/account/"
        user = db.scalars(select(User)).one()
        assert (user.username, user.email, user.is_active, user.password_digest) == (
            "lovelace",
            "ada@example.com",
            True,
            "",
        )
        assert sessions() == [(user.id, ("fed",))]
        identity = db.scalars(select(LinkedIdentity)).one()
        assert (identity.user_id, identity.subject) == (user.id, "a1")
        assert db.scalars(select(UnlinkedIdentity)).all() == []
        told = [(e["action"], e["actor_id"]) for e in events()]
        assert ("identity_linked", user.id) in told
        assert person.come_back().headers["Location"] == "/account/"

    def test_has_no_password(self, person):
        person.come_back()
        person.call("GET", NEW)
        person.submit(NEW, username="ada")
        person.cookies.clear()
        assert person.sign_in("ada", "").status_int == 403

    @pytest.mark.parametrize(
        ("username", "status", "sentence"),
        [
            ("", 422, "Username: Must be at least 1 character long."),
            ("a b ", 422, "Username: Must not begin or end with whitespace."),
            ("taken", 409, "This username, or one that looks like it"),
        ],
    )
    def test_is_told_what_is_wrong(
        self, person, make_user, sessions, username, status, sentence
    ):
        make_user(username="taken")
        person.come_back()
        person.call("GET", NEW)
        answer = person.submit(NEW, username=username)
        assert answer.status_int == status
        assert sentence in said(answer)
        assert sessions() == []
        assert person.submit(NEW, username="ada").status_int == 303

    def test_with_an_address_that_an_account_has_signs_in_there(
        self, person, user, db, sessions, provider
    ):
        """An address alone gives nothing: whoever has it there proves the account."""
        provider.claims["email"] = user.email.upper()
        person.come_back()
        page = person.call("GET", NEW).text
        assert "There is an account with your address." in page
        assert 'name="username"' not in page
        assert sessions() == []
        assert person.cookies[IDENTITY] not in page

    @pytest.mark.parametrize("verified", [False, "true", None, 1])
    def test_without_a_verified_address_can_only_link(
        self, person, provider, db, verified
    ):
        provider.claims["email_verified"] = verified
        person.come_back()
        page = person.call("GET", NEW).text
        assert "has not verified an address of yours" in page
        assert 'name="username"' not in page

    def test_needs_the_form_of_the_browser(self, person, db):
        person.come_back()
        person.call("GET", NEW)
        answer = person.call("POST", NEW, {"csrf": "none", "username": "ada"})
        assert answer.status_int == 400
        assert db.scalars(select(User)).all() == []

    def test_has_a_time_limit(self, person, db):
        person.come_back()
        db.execute(update(UnlinkedIdentity).values(expires=now()))
        assert person.call("GET", NEW).headers["Location"] == LOGIN

    def test_waits_for_approval(self, api, person, make_provided, db, sessions):
        person.api = lambda: api(app=make_provided(signup="approval"))
        person.come_back()
        person.call("GET", NEW)
        page = person.submit(NEW, username="ada")
        assert "An administrator has to approve it." in page.text
        assert db.scalars(select(User.is_active)).all() == [False]
        assert sessions() == []
        assert person.come_back().status_int == 403

    def test_is_none_where_sign_up_is_closed(self, api, person, make_provided, db):
        person.api = lambda: api(app=make_provided(signup="closed"))
        person.come_back()
        assert "Sign-up is closed." in person.call("GET", NEW).text
        csrf = csrf_token(person.cookies[IDENTITY])
        answer = person.call("POST", NEW, {"username": "ada", "csrf": csrf})
        assert answer.status_int == 403
        assert said(answer) == "Sign-up is closed; ask an administrator."
        assert db.scalars(select(User)).all() == []


class TestState:
    def test_is_of_one_browser(self, person, user, link, sessions):
        link(user)
        callback = person.agree(person.set_out())
        cookies, person.cookies = person.cookies, {}
        person.call("GET", LOGIN)
        assert person.call("GET", callback).status_int == 400
        assert sessions() == []
        person.cookies = cookies
        assert person.call("GET", callback).status_int == 303

    def test_is_used_once(self, person, user, link):
        link(user)
        callback = person.agree(person.set_out())
        assert person.call("GET", callback).status_int == 303
        assert person.call("GET", callback).status_int == 400

    def test_has_a_time_limit(self, person, db):
        callback = person.agree(person.set_out())
        db.execute(update(ProviderSignIn).values(expires=now() - timedelta(seconds=1)))
        assert person.call("GET", callback).status_int == 400

    def test_is_of_one_provider(self, person, provider):
        callback = person.agree(person.set_out())
        other = callback.replace("/acme/", "/github/")
        assert person.call("GET", other).status_int == 400
        assert "/login/oauth/access_token" not in provider.asked

    @pytest.mark.parametrize("query", ["", "?state=", "?state=x&code=y", "?code=y"])
    def test_is_needed(self, person, provider, query):
        answer = person.call("GET", START.format("acme") + "/callback" + query)
        assert answer.status_int == 400
        assert provider.asked == []

    def test_lets_two_pages_sign_in_at_once(self, person, user, link):
        link(user)
        urls = [person.set_out(), person.set_out()]
        answers = [person.call("GET", person.agree(url)) for url in urls]
        assert [each.status_int for each in answers] == [303, 303]
