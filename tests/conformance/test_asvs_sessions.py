"""ASVS 5.0 chapters 3 and 7: browser sessions and their cookies."""

from datetime import timedelta

import pytest

from apiserver.auth.models import BrowserSession
from apiserver.core.db import now
from apiserver.users.models import User
from tests.conformance.browser import text_of
from tests.conformance.flow import AUTHORIZE, authorize, target
from tests.cookies import SESSION
from tests.factories import PASSWORD
from tests.patches import replace
from tests.users.accounts import patch

rfc = pytest.mark.rfc


def is_signed_in(browser):
    return "You are signed in as" in text_of(browser.get("/auth/login"))


@pytest.fixture
def age(change, user):
    """A function that changes the user's only session."""
    return lambda **values: change(BrowserSession.user_id == user.id, **values)


class TestCookie:
    @rfc("ASVS", "3.3.1", "L1", "cookies are Secure, and named __Host- or __Secure-")
    @rfc("ASVS", "3.3.2", "L2", "cookies are SameSite")
    @rfc("ASVS", "3.3.3", "L2", "session cookies are named __Host-")
    @rfc("ASVS", "3.3.4", "L2", "session cookies are HttpOnly")
    @rfc("6265", "4.1.2.3", "MUST", "a cookie without a domain is for this host alone")
    def test_is_bound_to_this_host(self, make_browser, user):
        browser = make_browser()
        page = browser.get("/auth/login")
        response = browser.submit(page, username=user.username, password=PASSWORD)
        answers = (page, response)
        for header in (h for a in answers for h in a.headers.get_list("set-cookie")):
            pair, *attributes = header.split("; ")
            assert pair.startswith("__Host-")
            assert {"Path=/", "HttpOnly", "SameSite=Lax", "Secure"} < set(attributes)
            assert not [a for a in attributes if a.startswith("Domain")]

    @rfc("ASVS", "7.2.4", "L1", "a new sign-in is a new session, and ends the old one")
    def test_is_new_at_each_sign_in(self, make_browser, user):
        browser = make_browser()
        browser.cookies[SESSION] = "apb_" + "A" * 43 + "0" * 8
        browser.sign_in(user)
        first = dict(browser.cookies)
        browser.sign_in(user, f"{AUTHORIZE}?x=y")
        assert browser.cookies[SESSION] != first[SESSION]
        assert is_signed_in(browser)
        old = make_browser()
        old.cookies = first
        assert not is_signed_in(old)

    @rfc("ASVS", "7.2.1", "L1", "sessions are verified by the server")
    @pytest.mark.parametrize("value", ["", "x", "apb_x", "a" * 4000])
    def test_unknown_one_is_nobody(self, make_browser, value):
        browser = make_browser()
        browser.cookies[SESSION] = value
        assert not is_signed_in(browser)

    @rfc("ASVS", "3.5.1", "L1", "the API doesn't know cookies, so nobody forges calls")
    def test_opens_no_api(self, browser):
        assert browser.get("/api/v1/users/me").status_code == 401


class TestEnd:
    @rfc("ASVS", "7.4.1", "L1", "signing out ends the session on the server")
    @rfc("ASVS", "7.4.4", "L2", "the page has a button to sign out")
    def test_signing_out(self, browser, make_browser):
        kept = dict(browser.cookies)
        response = browser.submit(browser.get("/auth/login"))
        assert response.status_code == 303
        assert SESSION not in browser.cookies
        thief = make_browser()
        thief.cookies = kept
        assert not is_signed_in(thief)

    @rfc("ASVS", "7.4.1", "L1", "an ended session can be signed out of, too")
    def test_signing_out_too_late(self, browser, age):
        page = browser.get("/auth/login")
        age(absolute_expires=now() - timedelta(seconds=1))
        assert browser.submit(page).status_code == 303
        assert SESSION not in browser.cookies

    @rfc("ASVS", "3.5.1", "L1", "nobody is signed out by another site")
    def test_forged_signing_out(self, browser):
        form = {"csrf": "0" * 64}
        assert browser.call("POST", "/auth/logout", data=form).status_code == 400
        assert browser.call("GET", "/auth/logout").status_code == 405
        assert is_signed_in(browser)

    @rfc("ASVS", "7.3.1", "L2", "an idle session ends")
    @rfc("ASVS", "7.3.2", "L2", "every session ends at last")
    @pytest.mark.parametrize("column", ["idle_expires", "absolute_expires"])
    def test_old_session(self, browser, age, column):
        assert is_signed_in(browser)
        age(**{column: now() - timedelta(seconds=1)})
        assert not is_signed_in(browser)

    @rfc("ASVS", "7.4.2", "L1", "the sessions of an inactive account end")
    def test_inactive_account(self, browser, user, change):
        change(User.id == user.id, is_active=False)
        assert not is_signed_in(browser)

    @rfc("ASVS", "7.4.3", "L2", "a new password ends the sessions")
    def test_new_password(self, server, browser, user, make_token):
        token = make_token(user, scopes=["users:write"])
        change = patch(replace("password", "a quite new sentence"))
        path = f"/api/v1/users/{user.id}"
        assert server.call("PATCH", path, token=token, json=change).status_code == 200
        assert not is_signed_in(browser)

    @rfc("ASVS", "7.5.2", "L2", "users end all of their sessions at once")
    def test_everywhere(self, server, browser, user, make_browser, make_token):
        other = make_browser(user)
        token = make_token(user, scopes=["auth:write"])
        response = server.call("DELETE", "/api/v1/auth/grants/", token=token)
        assert response.status_code == 204
        assert not is_signed_in(browser)
        assert not is_signed_in(other)
        assert server.call("GET", "/api/v1/teams/", token=token).status_code == 401


class TestFormAction:
    """Browsers hold it against each hop of a redirect, of which a client has many."""

    def test_is_left_out_on_the_way_to_a_client_alone(
        self, browser, make_browser, client
    ):
        stranger = make_browser()
        leading = [
            authorize(browser, client),
            stranger.get("/auth/login", params={"next": target(client)}),
        ]
        others = [
            browser.get("/auth/login"),
            stranger.get("/auth/login", params={"next": "/elsewhere"}),
            authorize(browser, client, client_id="nobody"),
        ]
        for page in leading:
            assert "form-action" not in page.headers["content-security-policy"]
        for page in others:
            assert "form-action 'self'" in page.headers["content-security-policy"]


class TestLogin:
    @rfc("ASVS", "3.5.1", "L1", "nobody is signed in by another site")
    @pytest.mark.parametrize("csrf", ["", "x", "0" * 64])
    def test_forged_form_is_refused(self, make_browser, user, csrf):
        browser = make_browser()
        page = browser.get("/auth/login")
        form = {"username": user.username, "password": PASSWORD, "csrf": csrf}
        assert browser.submit(page, **form).status_code == 400
        assert SESSION not in browser.cookies

    @rfc("ASVS", "6.3.8", "L3", "answers don't tell which users there are")
    def test_refusals_look_the_same(self, make_browser, user, make_user):
        texts = set()
        for username in (user.username, "nobody", make_user("inactive").username):
            browser = make_browser()
            page = browser.get("/auth/login")
            response = browser.submit(page, username=username, password="wrong")
            assert response.status_code == 403
            texts.add(text_of(response))
        assert len(texts) == 1

    @rfc("ASVS", "6.2.6", "L1", "the password is masked")
    @rfc("ASVS", "6.2.7", "L1", "pasting and password managers are permitted")
    def test_field_is_a_password(self, make_browser):
        page = make_browser().get("/auth/login")
        assert 'type="password"' in page.text
        assert 'autocomplete="current-password"' in page.text
        assert "<script" not in page.text
