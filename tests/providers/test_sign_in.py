"""Signing in with a provider, to it and back."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from apiserver.auth.browser import csrf_token
from apiserver.core.db import now
from apiserver.providers.models import (
    LinkedIdentity,
    ProviderSignIn,
    UnlinkedIdentity,
)
from apiserver.users.models import User
from tests.cookies import IDENTITY
from tests.factors.accounts import add_totp
from tests.providers.conftest import START, refused
from tests.providers.issuer import query_of
from tests.users.accounts import LOCKED, NAME_TAKEN

LOGIN = "/auth/login"
NEW = "/account/new-sign-in"


@pytest.fixture
def provided(api, person, make_provided):
    """A function that lets the server have more settings."""

    def call(**settings):
        person.api = lambda: api(app=make_provided(**settings))

    return call


@pytest.fixture
def users(db):
    return lambda: db.scalars(select(User)).all()


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
        fixed = {
            "response_type": "code",
            "client_id": "our-client",
            "redirect_uri": "https://api.example.com/account/sign-in/acme/callback",
            "scope": "openid email profile",
            "code_challenge_method": "S256",
        }
        secret = {name: query[name] for name in ("state", "nonce", "code_challenge")}
        assert query == {**fixed, **secret}
        stored = repr(db.execute(select(ProviderSignIn.__table__)).one())
        assert not [each for each in query.values() if each in stored]
        person.set_out()
        # Once.
        assert provider.asked == ["/.well-known/openid-configuration"]

    def test_begins_on_a_page_of_this_server_alone(self, person, provider):
        person.headers = {"Sec-Fetch-Site": "cross-site"}
        path = START.format("acme") + "?next=/account/"
        answer = person.call("GET", path)
        assert answer.headers["Location"] == f"{LOGIN}?next=%2Faccount%2F"
        assert provider.asked == []

    def test_is_throttled(self, person, provided):
        provided(login_attempts_per_address="1")
        person.set_out()
        page = person.call("GET", START.format("acme"))
        assert refused(page, 429, LOCKED["detail"])


class TestKnown:
    def test_signs_in(self, person, user, link, sessions, db, acts):
        identity = link(user)
        assert person.come_back().headers["Location"] == "/account/"
        assert sessions() == [(user.id, ("fed",))]
        db.refresh(identity)
        assert identity.last_used is not None
        assert db.scalars(select(ProviderSignIn)).all() == []
        told = [(user.id, f"identity:{identity.id}"), (user.id, None)]
        assert acts("identity_used", "sign_in") == told

    @pytest.mark.parametrize(
        ("wanted", "led"),
        [
            ("/account/sessions", "/account/sessions"),
            ("https://evil.example", "/account/"),
        ],
    )
    def test_is_led_where_the_sign_in_was_to_lead(
        self, person, user, link, provider, wanted, led
    ):
        link(user)
        # The address may be another by now.
        provider.claims["email"] = "other@example.com"
        answer = person.come_back(query=f"?next={wanted}")
        assert answer.headers["Location"] == led

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
        sentence = "This account is not active. Ask an administrator."
        assert refused(person.come_back(), 403, sentence)
        assert sessions() == []


class TestNewcomer:
    @pytest.fixture
    def arrive(self, person):
        """A function that lets somebody come whom nobody knows, and shows the page."""

        def call():
            assert person.come_back().headers["Location"] == NEW
            return person.call("GET", NEW).text

        return call

    def test_chooses_a_name(self, arrive, person, sessions, users, db, acts):
        page = arrive()
        assert 'value="ada"' in page
        assert "ada@example.com" in page
        answer = person.submit(NEW, username="lovelace")
        assert answer.headers["Location"] == "/account/"
        [user] = users()
        assert (user.username, user.email) == ("lovelace", "ada@example.com")
        assert (user.is_active, user.password_digest) == (True, "")
        assert sessions() == [(user.id, ("fed",))]
        identity = db.scalars(select(LinkedIdentity)).one()
        assert (identity.user_id, identity.subject) == (user.id, "a1")
        assert db.scalars(select(UnlinkedIdentity)).all() == []
        assert [actor for actor, _ in acts("identity_linked")] == [user.id]
        assert person.come_back().headers["Location"] == "/account/"
        # There is no password.
        person.cookies.clear()
        assert person.sign_in("lovelace", "").status_int == 403

    @pytest.mark.parametrize(
        ("username", "status", "sentence"),
        [
            ("", 422, "Username: Must be at least 1 character long."),
            ("a b ", 422, "Username: Must not begin or end with whitespace."),
            ("taken", 409, NAME_TAKEN["detail"]),
        ],
    )
    def test_is_told_what_is_wrong(
        self, arrive, person, make_user, sessions, username, status, sentence
    ):
        make_user(username="taken")
        arrive()
        assert refused(person.submit(NEW, username=username), status, sentence)
        assert sessions() == []
        assert person.submit(NEW, username="ada").status_int == 303

    def test_with_an_address_that_an_account_has_signs_in_there(
        self, arrive, person, user, sessions, provider
    ):
        """An address alone gives nothing: whoever has it there proves the account."""
        provider.claims["email"] = user.email.upper()
        page = arrive()
        assert "There is an account with your address." in page
        assert 'name="username"' not in page
        assert sessions() == []
        assert person.cookies[IDENTITY] not in page

    @pytest.mark.parametrize("verified", [False, "true", None, 1])
    def test_without_a_verified_address_can_only_link(self, arrive, provider, verified):
        provider.claims["email_verified"] = verified
        page = arrive()
        assert "has not verified an address of yours" in page
        assert 'name="username"' not in page

    def test_needs_the_form_of_the_browser(self, arrive, person, users):
        arrive()
        form = {"csrf": "none", "username": "ada"}
        assert person.call("POST", NEW, form).status_int == 400
        assert users() == []

    def test_has_a_time_limit(self, arrive, person, db):
        arrive()
        db.execute(update(UnlinkedIdentity).values(expires=now()))
        assert person.call("GET", NEW).headers["Location"] == LOGIN

    def test_waits_for_approval(self, arrive, person, provided, users, sessions):
        provided(signup="approval")
        arrive()
        page = person.submit(NEW, username="ada")
        assert "An administrator has to approve it." in page.text
        assert [user.is_active for user in users()] == [False]
        assert sessions() == []
        assert person.come_back().status_int == 403

    def test_is_none_where_sign_up_is_closed(self, arrive, person, provided, users):
        provided(signup="closed")
        assert "Sign-up is closed." in arrive()
        csrf = csrf_token(person.cookies[IDENTITY])
        answer = person.call("POST", NEW, {"username": "ada", "csrf": csrf})
        assert refused(answer, 403, "Sign-up is closed; ask an administrator.")
        assert users() == []


class TestState:
    def test_is_of_one_browser_and_used_once(self, person, user, link, sessions):
        link(user)
        callback = person.agree(person.set_out())
        cookies, person.cookies = person.cookies, {}
        person.call("GET", LOGIN)
        assert person.call("GET", callback).status_int == 400
        assert sessions() == []
        person.cookies = cookies
        statuses = [person.call("GET", callback).status_int for _ in "ab"]
        assert statuses == [303, 400]

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
