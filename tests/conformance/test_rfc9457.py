"""RFC 9457: problem details, the one shape of the API's errors."""

import json
from unittest.mock import ANY

import pytest

from tests.problems import phrase

rfc = pytest.mark.rfc

TEAMS = "/api/v1/teams/"
TOO_LONG = json.dumps("a" * 1024 * 1024)

# A request that is answered with each status: method, path, body.
REQUESTS = {
    400: ("POST", TEAMS, "{"),
    403: ("GET", "/api/v1/users/", None),
    404: ("GET", "/api/v1/teams/999999999", None),
    405: ("PUT", TEAMS, None),
    413: ("POST", TEAMS, TOO_LONG),
    422: ("POST", TEAMS, '{"title": "x", "unknown": 1}'),
}
INTERNALS = ("Traceback", "SELECT", "sqlalchemy", "apiserver/", ".py", "psycopg")


def assert_problem(response, status):
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    assert response.headers["cache-control"] == "no-store"
    document = response.json()
    assert document == document | {
        "type": "about:blank",
        "title": phrase(status),
        "status": status,
        "detail": ANY,
        "request_id": response.headers["x-request-id"],
    }
    assert document["detail"].endswith((".", "…"))
    assert not [word for word in INTERNALS if word in response.text]


@rfc("9457", "3", "MUST", "the media type is application/problem+json")
@rfc("9457", "3.1.2", "MUST", "status is the one of the answer")
@rfc("9457", "4.2.1", "SHOULD", "the title of about:blank is the status in words")
@rfc("9457", "5", "SHOULD", "details don't tell how the server is made")
@rfc("ASVS", "16.5.1", "L2", "errors tell no internals")
class TestProblem:
    @pytest.mark.parametrize("status", REQUESTS)
    def test_is_the_answer_to_a_user(self, server, make_token, user, status):
        method, path, body = REQUESTS[status]
        token = make_token(user, scopes=["users:read", "teams:read", "teams:write"])
        headers = {"Content-Type": "application/json"} if body else {}
        response = server.call(method, path, token=token, content=body, headers=headers)
        assert_problem(response, status)

    def test_is_the_answer_to_nobody(self, server):
        assert_problem(server.call("GET", TEAMS), 401)
        assert_problem(server.call("GET", TEAMS, token="x"), 401)
        assert_problem(server.call("GET", "/nothing"), 404)
        assert server.get_raw(b"/%ff") == 400

    def test_is_the_answer_to_a_conflict(self, server, make_team, make_token, user):
        team = make_team(leaders=[user])
        token = make_token(user, scopes=["teams:read", "teams:write"])
        path = f"{TEAMS}{team.id}"
        patch = [{"op": "test", "path": "/title", "value": "x"}]
        response = server.call("PATCH", path, token=token, json=patch)
        assert_problem(response, 409)
        headers = {"If-Match": '"x"'}
        response = server.call("DELETE", path, token=token, headers=headers)
        assert_problem(response, 412)
        response = server.call("PATCH", path, token=token, data={"title": "x"})
        assert_problem(response, 415)

    def test_is_the_answer_of_a_server_without_database(
        self, cut_off_server, make_token, user
    ):
        token = make_token(user, scopes=["teams:read"])
        assert_problem(cut_off_server.call("GET", TEAMS, token=token), 503)


class TestMembers:
    @rfc("9457", "3.2", "MAY", "errors names each value that is to blame")
    def test_name_what_is_wrong(self, server, make_token, user):
        token = make_token(user, scopes=["teams:write"])
        body = {"title": "x", "unknown": 1}
        response = server.call("POST", TEAMS, token=token, json=body)
        assert response.json()["errors"] == [
            {"location": "body", "name": "title", "description": ANY},
            {"location": "body", "name": "unknown", "description": ANY},
        ]

    @rfc("9457", "3.1.4", "SHOULD", "detail helps, and repeats no secret")
    def test_repeat_no_secret(self, server):
        body = {"username": "new", "email": "x", "password": "p" * 2000}
        response = server.call("POST", "/api/v1/users/", json=body)
        assert response.status_code == 422
        assert "ppp" not in response.text
