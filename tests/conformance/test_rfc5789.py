"""RFC 5789: the method PATCH."""

import json

import pytest

rfc = pytest.mark.rfc

TAKEN = ("application/json-patch+json", "application/json")
RENAME = [{"op": "replace", "path": "/title", "value": "Scientists"}]


@pytest.fixture
def team(make_team, user):
    return make_team(leaders=[user])


@pytest.fixture
def send(server, team, make_token, user):
    """A function that sends a body by PATCH to the team."""
    token = make_token(user, scopes=["teams:read", "teams:write"])

    def call(body, content_type=TAKEN[0], path=f"/api/v1/teams/{team.id}", **headers):
        sent = {"Content-Type": content_type, **headers} if content_type else headers
        return server.call("PATCH", path, token=token, content=body, headers=sent)

    return call


@pytest.fixture
def title(server, team, make_token, user):
    """A function that returns the title as it is."""
    token = make_token(user, scopes=["teams:read"])
    path = f"/api/v1/teams/{team.id}"
    return lambda: server.call("GET", path, token=token).json()["title"]


class TestPatch:
    @rfc("5789", "2", "MUST", "the change is made")
    @rfc("6902", "6", "MUST", "application/json-patch+json is taken")
    @pytest.mark.parametrize("content_type", [*TAKEN, "Application/JSON-Patch+JSON"])
    def test_taken_types(self, send, title, content_type):
        response = send(json.dumps(RENAME), content_type)
        assert response.status_code == 200
        assert response.json()["title"] == title() == "Scientists"

    @rfc("5789", "2.2", "SHOULD", "an unsupported document: 415")
    @rfc("5789", "3.1", "SHOULD", "415 says by Accept-Patch which types are taken")
    @pytest.mark.parametrize(
        "content_type",
        ["application/merge-patch+json", "text/plain", "application/xml", "x", None],
    )
    def test_other_types_are_415(self, send, title, content_type):
        response = send(json.dumps(RENAME), content_type)
        assert response.status_code == 415
        assert response.headers["accept-patch"] == ", ".join(TAKEN)
        assert title() == "Engineers"

    @rfc("5789", "2.2", "SHOULD", "a malformed document: 400")
    def test_malformed_document_is_400(self, send, title):
        """More of them: tests/bad_input/test_bodies.py."""
        assert [send(body).status_code for body in ("", "{", b"\xff")] == [400] * 3
        assert title() == "Engineers"

    @rfc("5789", "2", "MUST", "a patch is done whole or not at all")
    def test_change_is_atomic(self, send, title):
        wrong = {"op": "replace", "path": "/title", "value": "x"}
        assert send(json.dumps([*RENAME, wrong])).status_code == 422
        test = {"op": "test", "path": "/title", "value": "Engineers"}
        assert send(json.dumps([*RENAME, test])).status_code == 409
        assert title() == "Engineers"

    @rfc("5789", "3", "MUST", "Allow names PATCH where there is it")
    @rfc("5789", "3.1", "SHOULD", "OPTIONS says by Accept-Patch which types are taken")
    @rfc("5789", "3.1", "MUST", "Accept-Patch is there only where PATCH is allowed")
    def test_options_name_the_types(self, server, team, make_token, user):
        both = make_token(user, scopes=["teams:read", "teams:write"])
        reading = make_token(user, scopes=["teams:read"])
        one, all_of_them = f"/api/v1/teams/{team.id}", "/api/v1/teams/"
        for path, token, types in (
            (one, both, ", ".join(TAKEN)),
            (one, reading, None),
            (all_of_them, both, None),
        ):
            response = server.call("OPTIONS", path, token=token)
            assert response.status_code == 204
            assert response.headers.get("accept-patch") == types
            allowed = response.headers["allow"].split(", ")
            assert ("PATCH" in allowed) == (types is not None)
