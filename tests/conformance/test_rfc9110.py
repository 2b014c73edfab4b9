"""RFC 9110: conditions, locations, types of content."""

import pytest

from tests.conformance.flow import target

rfc = pytest.mark.rfc

RENAME = [{"op": "replace", "path": "/title", "value": "Scientists"}]


@pytest.fixture
def call(server, make_team, make_token, user):
    """A function that sends a request to a team of the user's."""
    team = make_team(leaders=[user])
    token = make_token(user, scopes=["teams:read", "teams:write"])
    path = f"/api/v1/teams/{team.id}"

    def send(method="GET", json=None, **headers):
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
    @rfc("9110", "15.5.16", "SHOULD", "415 says which types are taken")
    @rfc("9110", "8.3", "SHOULD", "content has a type, and is not guessed")
    @pytest.mark.parametrize("content_type", ["text/plain", "application/xml", "x/y"])
    def test_other_types_are_415(self, server, make_token, user, content_type):
        token = make_token(user, scopes=["teams:write"])
        response = server.call(
            "POST",
            "/api/v1/teams/",
            token=token,
            content='{"title": "Engineers"}',
            headers={"Content-Type": content_type},
        )
        assert response.status_code == 415
        assert "application/json" in response.headers["accept-post"]

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
    def test_length_is_right(self, server, call):
        for response in (call(), call("OPTIONS"), server.call("GET", "/nothing")):
            assert int(response.headers.get("content-length", 0)) == len(
                response.content
            )
            assert response.headers["date"].endswith(" GMT")


class TestNoContent:
    @rfc("9110", "8.3", "SHOULD", "what has no content has no type of it")
    @rfc("9110", "8.6", "MUST NOT", "204 has no Content-Length")
    def test_has_no_type(self, server, call, client):
        preflight = {"Origin": "https://x", "Access-Control-Request-Method": "GET"}
        answers = [
            server.post("revoke", client, token="x"),
            server.call("GET", target(client)),
            server.call("GET", "/api/v1/teams"),
            server.call("OPTIONS", "/api/v1/teams/", headers=preflight),
            call("OPTIONS"),
            call(If_None_Match=call().headers["etag"]),
            call("DELETE"),
        ]
        told = [
            (answer.status_code, answer.headers.get("content-length"))
            for answer in answers
        ]
        assert told == [
            (200, "0"),
            (303, "0"),
            (308, "0"),
            (204, None),
            (204, None),
            (304, None),
            (204, None),
        ]
        for answer in answers:
            assert answer.content == b""
            assert "content-type" not in answer.headers
            assert "transfer-encoding" not in answer.headers
