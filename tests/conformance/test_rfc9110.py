"""RFC 9110, and of the API's content RFC 3339, 5789 and 8259; ASVS 4.1."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from apiserver.auth.models import Consent, OAuth2Grant
from tests.conformance.flow import allow, redirected, target
from tests.patches import replace

rfc = pytest.mark.rfc

TITLE = "Å\N{SNOWMAN}\N{PILE OF POO}"
PATCH_TYPES = ("application/json-patch+json", "application/json")
# Of the API, tests/contract/test_routes.py goes to each path.
ENDPOINTS = {
    "/auth/oauth2/authorize": "GET, HEAD, POST",
    "/auth/oauth2/token": "POST",
    "/auth/oauth2/revoke": "POST",
    "/auth/oauth2/introspect": "POST",
    "/auth/login": "GET, HEAD, POST",
    "/auth/logout": "POST",
    "/.well-known/oauth-authorization-server": "GET, HEAD",
    "/.well-known/oauth-protected-resource": "GET, HEAD",
}
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "X"}


@pytest.fixture
def team(make_team, user):
    """The path of a team of the user's."""
    return f"/api/v1/teams/{make_team(leaders=[user]).id}"


@pytest.fixture
def call(server, team, make_token, user):
    """A function that sends a request to the team."""
    token = make_token(user, scopes=["teams:read", "teams:write"])

    def send(method="GET", json=None, path=team, token=token, **headers):
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return server.call(method, path, token=token, json=json, headers=named)

    return send


class TestCreated:
    @rfc("9110", "15.3.2", "SHOULD", "201 says by Location what was created")
    @rfc("9110", "10.2.2", "MUST", "Location is a URI reference to the new object")
    def test_location_leads_to_the_object(self, server, make_token, user, make_user):
        scopes = ["teams:read", "teams:write", "auth:read", "auth:write"]
        token = make_token(user, scopes=scopes)

        def create(path, **body):
            response = server.call("POST", path, token=token, json=body)
            assert response.status_code == 201
            location = response.headers["location"]
            found = server.call("GET", location, token=token)
            assert found.status_code == 200
            return location, response.json(), found.json()

        team, made, found = create("/api/v1/teams/", title="Engineers")
        assert made == found
        _, made, found = create(f"{team}/members/", user_id=make_user().id)
        assert made == found
        _, made, found = create("/api/v1/auth/oauth2_clients/")
        assert made.pop("client_secret")
        assert made == found


class TestContent:
    @rfc("8259", "8.1", "MUST", "JSON is UTF-8, without a byte order mark")
    @rfc("3339", "5.6", "MUST", "a moment has date, time and offset")
    def test_is_json_whose_moments_have_an_offset(self, call):
        response = call("POST", {"title": TITLE}, "/api/v1/teams/")
        assert TITLE.encode() in response.content
        assert not response.content.startswith(b"\xef\xbb\xbf")
        for name in ("created", "updated"):
            moment = datetime.fromisoformat(response.json()[name])
            assert moment.utcoffset() == timedelta(0)
            assert abs(datetime.now(UTC) - moment) < timedelta(minutes=1)

    @rfc("9110", "12.5.1", "MAY", "what isn't acceptable is answered as JSON")
    @rfc("9110", "12.5.4", "SHOULD", "a language that isn't there is passed over")
    @pytest.mark.parametrize("accept", ["application/xml", "text/html;q=1", "x", ""])
    def test_answer_is_json_whatever_is_accepted(self, call, accept):
        response = call(Accept=accept, Accept_Language="tlh")
        assert response.status_code == 200
        assert response.headers["content-type"] == "application/json"

    @rfc("9110", "8.6", "MUST", "Content-Length is the length of the content")
    @rfc("9110", "6.6.1", "MUST", "an answer has a date")
    @rfc("ASVS", "4.2.2", "L3", "Content-Length doesn't contradict the content")
    def test_length_is_right(self, call):
        for response in (call(), call("OPTIONS"), call(path="/nothing")):
            length = int(response.headers.get("content-length", 0))
            assert length == len(response.content)
            assert response.headers["date"].endswith(" GMT")

    @rfc("9110", "8.3", "SHOULD", "what has no content has no type of it")
    @rfc("9110", "8.6", "MUST NOT", "204 has no Content-Length")
    def test_that_is_none_has_no_type(self, server, call, client):
        preflight = {"Origin": "https://x", "Access_Control_Request_Method": "GET"}
        answers = [
            (server.post("revoke", client, token="x"), 200, "0"),
            (server.call("GET", target(client)), 303, "0"),
            (server.call("GET", "/api/v1/teams"), 308, "0"),
            (call("OPTIONS", token=None, **preflight), 204, None),
            (call("OPTIONS"), 204, None),
            (call(If_None_Match=call().headers["etag"]), 304, None),
            (call("DELETE"), 204, None),
        ]
        for answer, status, length in answers:
            assert (answer.status_code, answer.content) == (status, b"")
            assert answer.headers.get("content-length") == length
            assert "content-type" not in answer.headers
            assert "transfer-encoding" not in answer.headers


class TestPatch:
    @rfc("5789", "2", "MUST", "the change is made")
    @rfc("6902", "6", "MUST", "application/json-patch+json is taken")
    @pytest.mark.parametrize(
        "content_type", [*PATCH_TYPES, "Application/JSON-Patch+JSON"]
    )
    def test_is_taken_by_either_type(self, call, content_type):
        response = call("PATCH", [replace("title", TITLE)], Content_Type=content_type)
        assert response.status_code == 200
        assert response.json()["title"] == call().json()["title"] == TITLE

    @rfc("5789", "3", "MUST", "Allow names PATCH where there is it")
    @rfc("5789", "3.1", "SHOULD", "OPTIONS says by Accept-Patch which types are taken")
    @rfc("5789", "3.1", "MUST", "Accept-Patch is there only where PATCH is allowed")
    def test_is_named_where_it_is_allowed(self, call, team, make_token, user):
        reading = make_token(user, scopes=["teams:read"])
        for response, types in (
            (call("OPTIONS"), ", ".join(PATCH_TYPES)),
            (call("OPTIONS", token=reading), None),
            (call("OPTIONS", path="/api/v1/teams/"), None),
        ):
            assert response.status_code == 204
            assert response.headers.get("accept-patch") == types
            allowed = response.headers["allow"].split(", ")
            assert ("PATCH" in allowed) == (types is not None)


class TestMethod:
    @rfc("9110", "15.5.6", "MUST", "405 has Allow, with exactly the methods there are")
    @rfc("9110", "9.1", "SHOULD", "a known resource without the method: 405")
    @rfc("ASVS", "4.1.4", "L3", "methods that nobody needs are blocked")
    @pytest.mark.parametrize(("path", "allowed"), ENDPOINTS.items())
    def test_others_are_405(self, server, path, allowed):
        for method in sorted(METHODS - set(allowed.split(", "))):
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
