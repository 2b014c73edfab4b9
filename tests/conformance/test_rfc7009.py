"""RFC 7009: token revocation."""

import pytest

from tests.conformance.flow import exchange, get_code, get_tokens, refresh
from tests.oauth_errors import OTHERS_TOKEN

rfc = pytest.mark.rfc

REVOKE = "/auth/oauth2/revoke"
ME = "/api/v1/users/me"


@pytest.fixture
def tokens(browser, client):
    return get_tokens(browser, client, scope="users:read")


@pytest.fixture
def works(server):
    """A function that says whether an access token is good for something."""

    def call(token, server=server):
        return server.call("GET", ME, token=token).status_code == 200

    return call


class TestRequest:
    @rfc("7009", "2.1", "MUST", "the client posts a form")
    @rfc("9110", "15.5.6", "MUST", "405 says which methods there are")
    @pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE"])
    def test_other_methods_are_405(self, server, method):
        response = server.call(method, f"{REVOKE}?token=x")
        assert response.status_code == 405
        assert response.headers["allow"] == "POST"

    @rfc("7009", "2.1", "MUST", "the client posts a form")
    def test_other_bodies_are_415(self, server, client):
        response = server.call("POST", REVOKE, json={"token": "x"})
        assert response.status_code == 415
        assert response.json()["error"] == "invalid_request"

    @rfc("7009", "2.1", "REQUIRED", "token")
    @rfc("7009", "2.2.1", "MUST", "errors are those of RFC 6749 section 5.2")
    @pytest.mark.parametrize("form", [{}, {"token": ""}, {"tokens": "x"}])
    def test_token_is_required(self, server, client, form):
        response = server.post("revoke", client, **form)
        assert response.status_code == 400
        assert response.json()["error"] == "invalid_request"

    @rfc("6749", "2.3.1", "MUST NOT", "parameters aren't in the URI")
    @rfc("7009", "5", "SHOULD NOT", "no JSONP: what is in the URI is refused")
    def test_query_is_refused(self, server, client, tokens, works):
        path = f"{REVOKE}?callback=x"
        response = server.call("POST", path, data={"token": tokens["access_token"]})
        assert response.status_code == 400
        assert works(tokens["access_token"])

    @rfc("7009", "2.3", "OPTIONAL", "there is no callback: scripts have CORS")
    def test_callback_is_ignored(self, server, client):
        response = server.post("revoke", client, token="x", callback="package.my")
        assert (response.status_code, response.content) == (200, b"")


class TestClient:
    @rfc("7009", "2.1", "MUST", "the client's credentials are verified")
    def test_confidential_client_authenticates(self, server, client, tokens, works):
        form = {"token": tokens["access_token"], "client_id": client.client_id}
        assert server.post("revoke", **form).status_code == 401
        assert server.post("revoke", token=form["token"]).status_code == 401
        assert works(tokens["access_token"])

    @rfc("7009", "2.1", "MUST", "a public client says who it is")
    def test_public_client_has_a_name(self, server, browser, public_client, works):
        tokens = get_tokens(browser, public_client, scope="users:read")
        token = tokens["access_token"]
        assert server.post("revoke", token=token).status_code == 401
        assert works(token)
        assert server.post("revoke", public_client, token=token).status_code == 200
        assert not works(token)

    @rfc("7009", "2.1", "MUST", "another client's token is refused")
    @pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
    def test_token_of_another_client(
        self, server, client, public_client, make_client, tokens, works, kind
    ):
        for other in (public_client, make_client()):
            response = server.post("revoke", other, token=tokens[kind])
            assert response.status_code == 400
            assert response.json() == OTHERS_TOKEN
        assert works(tokens["access_token"])
        response = refresh(server, client, tokens["refresh_token"])
        assert response.status_code == 200


class TestRevoke:
    @rfc("7009", "2", "MUST", "refresh tokens can be revoked")
    @rfc("7009", "2", "SHOULD", "access tokens can be revoked")
    @rfc("7009", "2.1", "SHOULD", "with the refresh token all of the grant ends")
    @rfc("7009", "2.1", "MAY", "with the access token all of the grant ends")
    @rfc("7009", "2.2", "MUST", "200, when the token is invalid")
    @pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
    def test_ends_the_grant(self, server, client, tokens, works, kind):
        newer = refresh(server, client, tokens["refresh_token"]).json()
        response = server.post("revoke", client, token=newer[kind])
        assert (response.status_code, response.content) == (200, b"")
        for each in (tokens, newer):
            assert not works(each["access_token"])
        response = refresh(server, client, newer["refresh_token"])
        assert response.json()["error"] == "invalid_grant"

    @rfc("7009", "2.1", "MUST", "the token is invalid at once, on every process")
    def test_holds_everywhere(self, servers, client, tokens, works):
        token = tokens["access_token"]
        assert [works(token, server) for server in servers] == [True] * 4
        servers[1].post("revoke", client, token=token)
        assert [works(token, server) for server in servers] == [False] * 4

    @rfc("7009", "2.2", "MUST", "200 for a token that is invalid already")
    @pytest.mark.parametrize(
        "token", ["x", "apa_" + "a" * 51, "é", "a" * 4000, "' OR 1=1 --"]
    )
    def test_unknown_token(self, server, client, token):
        response = server.post("revoke", client, token=token)
        assert (response.status_code, response.content) == (200, b"")

    @rfc("9110", "8.3", "SHOULD", "what has no content has no type of it")
    def test_answer_is_empty(self, server, client):
        response = server.post("revoke", client, token="x")
        assert (response.status_code, response.content) == (200, b"")
        assert response.headers["content-length"] == "0"
        assert "content-type" not in response.headers

    @rfc("7009", "2.2", "MUST", "200 for a token that is invalid already")
    def test_second_time(self, server, client, tokens):
        for _ in range(2):
            response = server.post("revoke", client, token=tokens["refresh_token"])
            assert response.status_code == 200

    @rfc("7009", "2.1", "MUST", "a wrong hint doesn't keep the token from being found")
    @rfc("7009", "2.1", "MAY", "hints are ignored")
    @pytest.mark.parametrize("hint", ["refresh_token", "access_token", "magic", "é"])
    def test_hint_does_not_matter(self, server, client, tokens, works, hint):
        form = {"token": tokens["access_token"], "token_type_hint": hint}
        assert server.post("revoke", client, **form).status_code == 200
        assert not works(tokens["access_token"])

    @rfc("7009", "2.1", "SHOULD", "what the client holds of other grants lives on")
    def test_other_grants_live_on(self, server, browser, client, tokens, works):
        code = get_code(browser, client, scope="users:read")
        other = exchange(server, client, code).json()
        server.post("revoke", client, token=tokens["refresh_token"])
        assert works(other["access_token"])


class TestFailure:
    @rfc("7009", "2.2.1", "MUST", "503 means that the token still exists")
    @rfc("7009", "2.2.1", "MAY", "503 says when to try again")
    @rfc("9110", "15.6.4", "MAY", "503 says when to try again")
    def test_token_lives_on(self, cut_off_server, client, tokens, works):
        response = cut_off_server.post("revoke", client, token=tokens["access_token"])
        assert response.status_code == 503
        assert int(response.headers["retry-after"]) > 0
        assert works(tokens["access_token"])
