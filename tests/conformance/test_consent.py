"""Consent: nothing is granted that the user was not asked for, and asked for once."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from apiserver.auth.models import Consent, OAuth2Client, OAuth2Code, OAuth2Grant
from apiserver.auth.tokens import CONSENT, digest, make_token
from apiserver.core.db import now
from tests.conformance.browser import form_of, text_of
from tests.conformance.flow import (
    AUTHORIZE,
    REDIRECT_URI,
    allow,
    assert_error_page,
    authorize,
    exchange,
    get_tokens,
    redirected,
)

rfc = pytest.mark.rfc


@pytest.fixture
def codes(select_all, client):
    """A function that counts the codes that the client was ever given."""
    statement = (
        select(OAuth2Code.digest)
        .join(OAuth2Grant, OAuth2Grant.id == OAuth2Code.grant_id)
        .where(OAuth2Grant.client_id == client.id)
    )
    return lambda: len(select_all(statement))


@rfc("ASVS", "10.7.1", "L2", "the user consents to each authorization request")
class TestAnswer:
    def test_altered_question_is_refused(self, browser, client, codes):
        page = authorize(browser, client)
        for consent in ("", "x", make_token(CONSENT), "\0"):
            assert_error_page(browser.submit(page, consent=consent, decision="allow"))
        assert codes() == 0

    @pytest.mark.parametrize(("decision", "number"), [("allow", 1), ("deny", 0)])
    def test_question_is_answered_once(self, browser, client, codes, decision, number):
        page = authorize(browser, client)
        assert ("code" in redirected(browser.consent(page, decision))) == bool(number)
        for another in ("allow", "deny"):
            assert_error_page(browser.consent(page, another))
        assert codes() == number

    def test_expired_question_is_refused(self, browser, client, codes, change):
        page = authorize(browser, client)
        consent = digest(form_of(page).fields["consent"])
        past = now() - timedelta(seconds=1)
        change(Consent.digest == consent, expires=past)
        assert_error_page(browser.consent(page))
        assert codes() == 0

    @rfc("6749", "4.1.2.1", "MUST", "a scope that is lost meanwhile: invalid_scope")
    def test_question_is_checked_once_more(self, browser, client, codes, change):
        page = authorize(browser, client, scope="teams:read")
        change(OAuth2Client.id == client.id, default_scopes=("users:read",))
        assert redirected(browser.consent(page))["error"] == "invalid_scope"
        assert codes() == 0

    def test_question_is_for_one_user_and_session(
        self, browser, client, user, codes, make_browser, make_user
    ):
        page = authorize(browser, client)
        consent = form_of(page).fields["consent"]
        for somebody in (make_user(), user):
            other = make_browser(somebody)
            own_page = authorize(other, client)
            assert_error_page(other.submit(own_page, consent=consent, decision="allow"))
        assert_error_page(make_browser().consent(page))
        assert codes() == 0

    @rfc("6749", "10.12", "MUST", "the endpoint is safe from forged requests")
    def test_forged_answer_is_refused(self, browser, client, codes):
        page = authorize(browser, client)
        for csrf in ("", "x", "0" * 64, "é"):
            assert_error_page(browser.submit(page, csrf=csrf, decision="allow"))
        for headers in (
            {"Sec-Fetch-Site": "cross-site"},
            {"Origin": "https://evil.example"},
        ):
            form = {**form_of(page).fields, "decision": "allow"}
            response = browser.call("POST", AUTHORIZE, data=form, headers=headers)
            assert response.status_code == 403
        assert codes() == 0

    @rfc(
        "6749", "10.2", "MUST", "what is granted is what was asked, not what is posted"
    )
    def test_posted_parameters_change_nothing(self, server, browser, client):
        page = authorize(browser, client, scope="teams:read")
        more = {"scope": "users:read", "redirect_uri": "https://evil.example/"}
        response = browser.submit(page, decision="allow", **more)
        assert response.headers["location"].startswith(f"{REDIRECT_URI}?")
        code = redirected(response)["code"]
        assert exchange(server, client, code).json()["scope"] == "teams:read"


class TestTabs:
    @rfc("ASVS", "10.7.1", "L2", "two requests at a time are two questions")
    def test_finish_independently(self, server, browser, client):
        first = authorize(browser, client, state="1", scope="teams:read")
        second = authorize(browser, client, state="2", scope="users:read")
        for page, state, scope in (
            (second, "2", "users:read"),
            (first, "1", "teams:read"),
        ):
            answer = redirected(browser.consent(page))
            assert answer["state"] == state
            response = exchange(server, client, answer["code"])
            assert response.json()["scope"] == scope


class TestPage:
    @rfc("6749", "10.2", "MUST", "the user is told who asks, and for what")
    @rfc("ASVS", "10.7.2", "L2", "the question names client, scope and duration")
    def test_says_what_is_asked(self, browser, client, user, db):
        text = text_of(authorize(browser, client))
        assert client.client_id in text
        assert user.username in text
        assert "See teams and their members." in text
        assert REDIRECT_URI in text
        assert "30 days" in text


class TestMemory:
    @rfc("ASVS", "10.7.1", "L2", "a remembered consent covers all that is asked")
    @rfc("ASVS", "10.7.1", "L2", "consent is remembered for one client")
    @rfc("ASVS", "10.7.1", "L2", "a denied request is asked for again")
    def test_covers_what_was_granted(self, browser, client, public_client):
        browser.consent(authorize(browser, client, scope="teams:read"), "deny")
        assert authorize(browser, client, scope="teams:read").status_code == 200
        allow(browser, client, scope="teams:read")
        assert "code" in redirected(authorize(browser, client, scope="teams:read"))
        for scope in ("users:read", "teams:read users:read", None):
            assert authorize(browser, client, scope=scope).status_code == 200
        assert authorize(browser, public_client).status_code == 200

    @rfc("ASVS", "10.7.1", "L2", "a remembered consent ends with what was granted")
    def test_ends_with_the_grant(self, browser, client, change):
        allow(browser, client)
        past = now() - timedelta(seconds=1)
        change(OAuth2Grant.client_id == client.id, absolute_expires=past)
        assert authorize(browser, client).status_code == 200

    @rfc("ASVS", "10.7.3", "L2", "the user sees and takes back what he has granted")
    @rfc("ASVS", "10.4.9", "L2", "the user revokes refresh and access tokens")
    def test_ends_when_it_is_taken_back(
        self, server, browser, client, user, make_token
    ):
        tokens = get_tokens(browser, client, scope="users:read")
        own = make_token(user, scopes=["auth:read", "auth:write"])
        path = "/api/v1/auth/grants/"
        grants = server.call("GET", path, token=own).json()
        (grant,) = [g for g in grants if g["client_id"] == client.client_id]
        assert grant["granted_scopes"] == ["users:read"]

        response = server.call("DELETE", f"{path}{grant['id']}", token=own)
        assert response.status_code == 204
        token = tokens["access_token"]
        assert server.call("GET", "/api/v1/users/me", token=token).status_code == 401
        assert authorize(browser, client, scope="users:read").status_code == 200
