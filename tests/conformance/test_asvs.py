"""ASVS 5.0: what no RFC says of the API."""

import pytest

from apiserver.auth.models import OAuth2Client
from apiserver.users.models import User
from tests.conformance.flow import authorize
from tests.conformance.server import ORIGIN

rfc = pytest.mark.rfc

READ = ["users:read", "teams:read"]


@pytest.fixture
def set_user(change, user):
    """A function that changes the user's columns."""
    return lambda **columns: change(User.id == user.id, **columns)


@rfc("ASVS", "8.3.2", "L3", "who loses a right has lost it with the next request")
class TestLostRight:
    @pytest.fixture
    def status(self, server, make_token, user, client):
        """A function that calls the API with one and the same token."""
        scopes = [*READ, "teams:write"]
        client.default_scopes = scopes
        token = make_token(user, client=client, scopes=scopes)

        def call(method="GET", path="/users/me"):
            body = {"title": "Engineers"} if method == "POST" else None
            path = f"/api/v1{path}"
            return server.call(method, path, token=token, json=body).status_code

        return call

    def test_client(self, status, client, change):
        change(OAuth2Client.id == client.id, default_scopes=("users:read",))
        assert status("GET", "/teams/") == 403
        assert status() == 200


class TestHeaders:
    @pytest.fixture
    def responses(self, server, browser, client, make_token, user):
        token = make_token(user, scopes=["users:read"])
        return [
            server.call("GET", "/api/v1/users/me", token=token),
            server.call("GET", "/api/v1/users/me"),
            server.call("GET", "/nothing"),
            server.call("GET", "/documentation/pages.css"),
            server.call("GET", "/.well-known/oauth-authorization-server"),
            server.post("token", client, grant_type="client_credentials"),
            server.post("token"),
            browser.get("/auth/login"),
            authorize(browser, client),
            authorize(browser, client, client_id="x"),
        ]

    @rfc("ASVS", "4.1.1", "L1", "content has its type, text its charset")
    def test_content_has_its_type(self, responses):
        for response in responses:
            content_type = response.headers["content-type"]
            if content_type.startswith("text/"):
                assert content_type.lower().endswith("; charset=utf-8")
            else:
                assert content_type in {"application/json", "application/problem+json"}

    @rfc("ASVS", "3.4.3", "L2", "every answer has a Content-Security-Policy")
    @rfc("ASVS", "3.4.4", "L2", "every answer has nosniff")
    @rfc("ASVS", "3.4.5", "L2", "every answer has a Referrer-Policy")
    @rfc("ASVS", "3.4.6", "L2", "no answer may be framed")
    def test_every_answer_is_protected(self, responses):
        for response in responses:
            policy = response.headers["content-security-policy"]
            assert policy.startswith("default-src 'none'")
            assert "frame-ancestors 'none'" in policy
            assert response.headers["x-content-type-options"] == "nosniff"
            assert response.headers["referrer-policy"] == "no-referrer"

    @rfc("ASVS", "3.4.2", "L1", "origins that may call are on a list")
    @pytest.mark.parametrize(
        "origin", ["https://evil.example", "null", f"{ORIGIN}.evil.example", "x"]
    )
    def test_other_origins_may_not_read(self, server, origin):
        headers = {"Origin": origin, "Access-Control-Request-Method": "GET"}
        for method in ("GET", "OPTIONS"):
            response = server.call(method, "/api/v1/teams/", headers=headers)
            assert "access-control-allow-origin" not in response.headers
            assert response.headers["vary"] == "Origin"

    @rfc("ASVS", "4.1.3", "L2", "headers of proxies can't be sent by clients")
    @pytest.mark.parametrize(
        "name",
        ["X-Vhm-Root", "X-Original-URL", "X-Rewrite-URL", "X-HTTP-Method-Override"],
    )
    def test_headers_do_not_choose_the_object(self, server, make_token, user, name):
        token = make_token(user, scopes=["users:read"])
        headers = {name: "DELETE" if "Method" in name else "/api/v1/teams/"}
        response = server.call("GET", "/api/v1/users/me", token=token, headers=headers)
        assert response.json()["id"] == user.id
