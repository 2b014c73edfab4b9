"""RFC 6749 section 4.1: authorization codes at the token endpoint."""

from datetime import timedelta

import pytest

from apiserver.auth.models import OAuth2Client, OAuth2Code
from apiserver.auth.tokens import CODE, checksum, digest
from apiserver.core.db import now
from apiserver.users.models import User
from tests.conformance.flow import (
    REDIRECT_URI,
    VERIFIER,
    allow,
    assert_refused,
    exchange,
    get_code,
    redirected,
    refresh,
)
from tests.oauth_errors import ENDED_GRANT, INVALID_CLIENT, invalid_grant

rfc = pytest.mark.rfc

WELL_FORMED = CODE + "A" * 43
UNKNOWN = "The code is unknown."
USED = "The code has already been used."
OTHER_URI = "https://client.example.org/other"


@pytest.fixture
def two_places(make_client):
    """A client that is redirected to two places."""
    return make_client(
        redirect_uris=[REDIRECT_URI, OTHER_URI],
        grant_types=["authorization_code", "refresh_token"],
    )


def assert_invalid_grant(response, description):
    assert_refused(response, invalid_grant(description))


class TestBinding:
    @rfc("6749", "4.1.3", "MUST", "a code is for the client that it was issued to")
    @rfc("6749", "10.5", "MUST", "a code is bound to its client")
    def test_other_client(self, server, browser, client, public_client, make_client):
        other = make_client(grant_types=["authorization_code"])
        code = get_code(browser, client)
        for thief in (other, public_client):
            assert_invalid_grant(exchange(server, thief, code), UNKNOWN)
        assert exchange(server, client, code).status_code == 200

    @rfc("6749", "4.1.3", "MUST", "the redirect URI is the one of the request")
    @rfc("6749", "4.1.3", "REQUIRED", "the redirect URI, if it was in the request")
    @rfc("6749", "5.2", "MUST", "another redirect URI is invalid_grant")
    @rfc("6749", "10.6", "MUST", "redirect URIs of request and exchange are the same")
    @pytest.mark.parametrize(
        "uri", [OTHER_URI, f"{REDIRECT_URI}/", f"{REDIRECT_URI}?x", "x", "é", None, ""]
    )
    def test_other_redirect_uri(self, server, browser, client, two_places, uri):
        for each in (client, two_places):
            code = get_code(browser, each)
            response = exchange(server, each, code, redirect_uri=uri)
            assert_invalid_grant(response, "The redirect_uri does not match.")

    @rfc("6749", "4.1.3", "REQUIRED", "the redirect URI, only if it was in the request")
    def test_redirect_uri_was_left_out(self, server, browser, client):
        code = get_code(browser, client, redirect_uri=None)
        response = exchange(server, client, code, redirect_uri=None)
        assert response.status_code == 200


class TestLifetime:
    @rfc("6749", "5.2", "MUST", "an unknown code: invalid_grant")
    def test_unknown_code(self, server, client):
        signed = WELL_FORMED + checksum(WELL_FORMED)
        for code in ("x", signed, "é", "a" * 4000, "' OR 1=1 --"):
            assert_invalid_grant(exchange(server, client, code), UNKNOWN)

    @rfc("6749", "5.2", "MUST", "an expired code: invalid_grant")
    @rfc("6749", "5.2", "MUST", "the user's code dies with his account: invalid_grant")
    @rfc("6749", "5.2", "MUST", "a disabled client: invalid_client")
    def test_code_that_has_ended(self, server, browser, client, user, change):
        expired, users, clients = (get_code(browser, client) for _ in range(3))
        past = now() - timedelta(seconds=1)
        change(OAuth2Code.digest == digest(expired), expires=past)
        assert_invalid_grant(exchange(server, client, expired), "The code has expired.")
        change(User.id == user.id, is_active=False)
        assert_refused(exchange(server, client, users), ENDED_GRANT)
        change(User.id == user.id, is_active=True)
        change(OAuth2Client.id == client.id, enabled=False)
        assert_refused(exchange(server, client, clients), INVALID_CLIENT, 401)


class TestReuse:
    @rfc("6749", "4.1.2", "MUST NOT", "a code is used once")
    @rfc("6749", "4.1.2", "SHOULD", "a second use revokes what came of it")
    @rfc("6749", "10.5", "MUST", "codes are for one use")
    @rfc("ASVS", "10.4.2", "L1", "a second use is refused and revokes the tokens")
    @pytest.mark.parametrize("kind", ["client", "public_client"])
    def test_ends_all_that_came_of_it(self, server, browser, works, kind, request):
        client = request.getfixturevalue(kind)
        code = get_code(browser, client)
        first = exchange(server, client, code).json()
        second = refresh(server, client, first["refresh_token"]).json()
        assert works(second["access_token"])

        assert_invalid_grant(exchange(server, client, code), USED)
        assert not works(first["access_token"])
        assert not works(second["access_token"])
        response = refresh(server, client, second["refresh_token"])
        assert response.json() == ENDED_GRANT

    @rfc("6749", "10.5", "SHOULD", "who only knows a code can't end what came of it")
    def test_by_others_revokes_nothing(
        self, server, browser, client, public_client, works
    ):
        code = get_code(browser, client)
        tokens = exchange(server, client, code).json()
        assert_invalid_grant(exchange(server, public_client, code), UNKNOWN)
        response = exchange(server, None, code, client_id=client.client_id)
        assert response.status_code == 401
        assert works(tokens["access_token"])

    @rfc(
        "6749", "10.5", "SHOULD", "a public client proves by the verifier that it is it"
    )
    @pytest.mark.parametrize("verifier", [None, "a" * 43, "short", VERIFIER[:-1]])
    def test_without_the_verifier_revokes_nothing(
        self, server, browser, public_client, works, verifier
    ):
        code = get_code(browser, public_client)
        tokens = exchange(server, public_client, code).json()
        response = exchange(server, public_client, code, code_verifier=verifier)
        assert_invalid_grant(response, USED)
        assert works(tokens["access_token"])

    @rfc("6749", "4.1.2", "MUST NOT", "each request gives a code of its own")
    def test_codes_are_distinct(self, server, browser, client, works):
        codes = [redirected(allow(browser, client))["code"] for _ in range(3)]
        assert len(set(codes)) == 3
        tokens = [exchange(server, client, c).json()["access_token"] for c in codes]
        assert all(map(works, tokens))
