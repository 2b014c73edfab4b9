"""OpenID Connect Core 3.1.2: of it, what asks for a new login or for none at all."""

from datetime import timedelta

import pytest

from apiserver.auth.models import BrowserSession
from apiserver.core.db import now
from tests.conformance.flow import allow, authorize, redirected
from tests.conformance.test_rfc6749_authorization import error_of
from tests.factories import PASSWORD

rfc = pytest.mark.rfc


def is_sent_to_login(response):
    return response.headers.get("location", "").startswith("/auth/login?")


class TestNone:
    @rfc("OIDC", "3.1.2.6", "MUST", "prompt=none without a session: login_required")
    def test_needs_a_session(self, make_browser, client):
        response = authorize(make_browser(), client, prompt="none")
        assert redirected(response) == error_of("login_required")

    @rfc("OIDC", "3.1.2.6", "MUST", "prompt=none without consent: consent_required")
    def test_needs_consent(self, browser, client):
        response = authorize(browser, client, prompt="none")
        assert redirected(response) == error_of("consent_required")

    @rfc("OIDC", "3.1.2.1", "MUST NOT", "prompt=none shows no page")
    def test_gives_a_code_where_all_is_known(self, browser, client):
        allow(browser, client)
        answer = redirected(authorize(browser, client, prompt="none"))
        assert set(answer) == {"code", "state", "iss"}


class TestLogin:
    @rfc("OIDC", "3.1.2.1", "SHOULD", "prompt=login asks for the password again")
    @pytest.mark.parametrize("prompt", ["login", "login consent", "consent login"])
    def test_signs_in_once_more(self, browser, client, user, prompt):
        allow(browser, client)
        response = authorize(browser, client, prompt=prompt)
        assert is_sent_to_login(response)
        page = browser.follow(response)
        response = browser.submit(page, username=user.username, password=PASSWORD)
        response = browser.follow(response)
        assert not is_sent_to_login(response)
        if "consent" in prompt:
            response = browser.consent(response)
        assert "code" in redirected(response)

    @rfc("OIDC", "3.1.2.1", "MUST", "prompt=consent asks for consent again")
    def test_asks_once_more(self, browser, client):
        allow(browser, client)
        page = authorize(browser, client, prompt="consent")
        assert page.status_code == 200
        assert "code" in redirected(browser.consent(page))


class TestMaxAge:
    @rfc("OIDC", "3.1.2.1", "MUST", "a login that is too old is done again")
    def test_old_login_is_repeated(self, browser, client, user, change):
        change(
            BrowserSession.user_id == user.id, created=now() - timedelta(seconds=100)
        )
        assert is_sent_to_login(authorize(browser, client, max_age="99"))
        assert is_sent_to_login(authorize(browser, client, max_age="0"))
        assert authorize(browser, client, max_age="1000").status_code == 200
        response = authorize(browser, client, max_age="99", prompt="none")
        assert redirected(response) == error_of("login_required")
