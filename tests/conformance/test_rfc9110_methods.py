"""RFC 9110 sections 9 and 15.5.6: methods, and who may use which."""

import pytest
from sqlalchemy import func, select

from apiserver.auth.models import Consent, OAuth2Grant
from tests.conformance.flow import allow, redirected, target

rfc = pytest.mark.rfc

# Of the API, tests/contract/test_routes.py goes to each path.
ENDPOINTS = {
    "/api/v1/teams/": "GET, HEAD, OPTIONS, POST",
    "/auth/oauth2/authorize": "GET, HEAD, POST",
    "/auth/oauth2/token": "POST",
    "/auth/oauth2/revoke": "POST",
    "/auth/oauth2/introspect": "POST",
    "/auth/login": "GET, HEAD, POST",
    "/auth/logout": "POST",
    "/.well-known/oauth-authorization-server": "GET, HEAD",
    "/.well-known/oauth-protected-resource": "GET, HEAD",
}
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "X")


@pytest.fixture
def leader(make_user):
    return make_user()


@pytest.fixture
def team(make_team, leader, user):
    return make_team(leaders=[leader], members=[user])


class TestMethod:
    @rfc("9110", "15.5.6", "MUST", "405 has Allow, with exactly the methods there are")
    @rfc("9110", "9.1", "SHOULD", "a known resource without the method: 405")
    @rfc("ASVS", "4.1.4", "L3", "methods that nobody needs are blocked")
    @pytest.mark.parametrize(("path", "allowed"), ENDPOINTS.items())
    def test_others_are_405(self, server, path, allowed):
        for method in sorted(set(METHODS) - set(allowed.split(", "))):
            response = server.call(method, path)
            assert response.status_code == 405, method
            assert response.headers["allow"] == allowed

    @rfc("9110", "9.2.1", "MUST", "safe methods change nothing")
    def test_head_asks_and_grants_nothing(self, browser, client, select_all):
        rows = select(
            select(func.count(OAuth2Grant.id)).scalar_subquery(),
            select(func.count(Consent.digest)).scalar_subquery(),
        )
        (before,) = select_all(rows)
        assert browser.call("HEAD", target(client)).status_code == 200
        assert select_all(rows) == [before]
        allow(browser, client)
        (before,) = select_all(rows)
        redirected(browser.call("HEAD", target(client)))
        assert select_all(rows) == [before]


class TestOptions:
    @rfc("9110", "9.3.7", "MUST", "OPTIONS follows the scope of the token, too")
    def test_follows_the_scope(self, server, make_token, team, leader):
        path = f"/api/v1/teams/{team.id}"
        for scopes, allowed in (
            (["teams:read"], "GET, HEAD, OPTIONS"),
            (["teams:write"], "PATCH, DELETE, OPTIONS"),
            ([], "OPTIONS"),
        ):
            token = make_token(leader, scopes=scopes)
            response = server.call("OPTIONS", path, token=token)
            assert response.headers["allow"] == allowed

    @rfc("9110", "9.3.7", "MUST", "anonymous callers learn of public methods alone")
    def test_follows_the_caller(self, server):
        response = server.call("OPTIONS", "/api/v1/users/")
        assert (response.status_code, response.headers["allow"]) == (
            204,
            "POST, OPTIONS",
        )
        assert server.call("OPTIONS", "/api/v1/teams/1").status_code == 401

    @rfc("9110", "9.2.1", "MUST", "safe methods change nothing")
    @pytest.mark.parametrize("method", ["OPTIONS", "GET", "HEAD"])
    def test_safe_methods_change_nothing(
        self, server, make_token, team, leader, method
    ):
        token = make_token(leader, scopes=["teams:read", "teams:write"])
        path = f"/api/v1/teams/{team.id}"
        before = server.call("GET", path, token=token)
        body = [{"op": "replace", "path": "/title", "value": "Scientists"}]
        server.call(method, path, token=token, json=body)
        after = server.call("GET", path, token=token)
        assert after.json() == before.json()
        assert after.headers["etag"] == before.headers["etag"]
