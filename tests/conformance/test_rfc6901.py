"""RFC 6901: JSON Pointer, as the paths of patches have it."""

import pytest

rfc = pytest.mark.rfc


@pytest.fixture
def patch(server, make_team, make_token, user):
    """A function that patches a team, and returns the response."""
    team = make_team(leaders=[user])
    token = make_token(user, scopes=["teams:write"])

    def call(path, op="replace"):
        operation = {"op": op, "path": path, "value": "Scientists"}
        target = f"/api/v1/teams/{team.id}"
        return server.call("PATCH", target, token=token, json=[operation])

    return call


class TestPointer:
    @rfc("6901", "3", "MUST", "a pointer is a sequence of tokens, each after a slash")
    def test_leads_to_a_field(self, patch):
        assert patch("/title").json()["title"] == "Scientists"

    @rfc("6901", "3", "MUST", "a pointer that isn't empty begins with a slash")
    @rfc("6901", "7", "MUST", "a malformed pointer is an error")
    @pytest.mark.parametrize(
        "path", ["title", "#/title", "/title~", "/~2", "/ti~tle", " /title", "\\title"]
    )
    def test_malformed_one_is_refused(self, patch, path):
        assert patch(path).status_code == 422

    @rfc("6901", "4", "MUST", "~1 is a slash, and then ~0 a tilde")
    @pytest.mark.parametrize(
        "path", ["/~0title", "/title~1", "/~1title", "/title~0", "/~01title"]
    )
    def test_escapes_are_decoded(self, patch, path):
        assert patch(path).status_code == 422

    @rfc("6901", "5", "MUST", "the empty pointer is the whole document")
    @rfc("6901", "4", "MUST", "tokens are compared as they are, character by character")
    @pytest.mark.parametrize(
        "path",
        [
            "",
            "/",
            "//",
            "/title/",
            "/title/x",
            "/title/0",
            "/-",
            "/Title",
            "/TITLE",
            "/ title",
            "/title\0",
            "/t\u0131tle",
            "/../title",
            "/id",
            "/members",
            "/members/0",
            "/__class__",
            "/" * 10_000,
        ],
        ids=lambda path: repr(path[:12]),
    )
    @pytest.mark.parametrize("op", ["replace", "add", "test"])
    def test_other_places_are_refused(self, patch, path, op):
        # Below a field there is nothing, so a test of it fails.
        fails = op == "test" and path.startswith("/title/")
        assert patch(path, op).status_code == (409 if fails else 422)

    @rfc("6901", "4", "MUST NOT", "an array's index has no leading zero")
    @pytest.mark.parametrize(
        "index", ["00", "01", "+0", "-1", "1e0", " 0", "\u0660", "0x0"]
    )
    def test_index_is_a_plain_number(
        self, server, make_client, make_token, user, index
    ):
        uri = "https://client.example.org/first"
        client = make_client(user, redirect_uris=[uri, uri])
        path = f"/api/v1/auth/oauth2_clients/{client.client_id}"
        token = make_token(user, scopes=["auth:write"])
        operation = {"op": "remove", "path": f"/redirect_uris/{index}"}
        response = server.call("PATCH", path, token=token, json=[operation])
        assert response.status_code == 422
