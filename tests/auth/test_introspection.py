"""Introspecting tokens that nobody has: limited for a client (RFC 7662 section 4)."""

import pytest

from apiserver.auth.tokens import ACCESS, make_token
from tests.auth.conftest import WAIT, assert_locked

LOCKED = {"error": "temporarily_unavailable", "error_description": WAIT}
INACTIVE = {"active": False}


@pytest.fixture(scope="module")
def few(make_pure_app, database_url):
    """The application in which a client may ask three times about nothing."""
    return make_pure_app(database_url, introspection_misses="3")


@pytest.fixture
def introspect(few, post, client):
    """A function that asks about a token."""
    return lambda token, client=client: post(
        client, to="introspect", app=few, token=token
    )


@pytest.mark.rfc("7662", "4", "SHOULD", "scanning for tokens is slowed down")
class TestIntrospection:
    def test_of_many_unknown_tokens_is_stopped(self, introspect):
        for _ in range(3):
            assert introspect(make_token(ACCESS)).json == INACTIVE
        assert_locked(introspect(make_token(ACCESS)), LOCKED)

    def test_of_active_tokens_is_not(self, introspect, sign_in):
        """Or whoever sends junk to a resource server could cut it off."""
        token = sign_in()["access_token"]
        for _ in range(4):
            introspect(make_token(ACCESS))
        assert introspect(token).json["active"] is True

    def test_of_other_clients_is_not(self, introspect, make_client):
        for _ in range(4):
            introspect(make_token(ACCESS))
        assert introspect(make_token(ACCESS), make_client()).json == INACTIVE

    def test_of_junk_is_no_guess(self, introspect):
        assert [introspect("x").json for _ in range(5)] == [INACTIVE] * 5
