"""RFC 6749 section 4.3: the password grant, where an operator has switched it on."""

from unittest.mock import ANY

import pytest

from apiserver.users.hashing import hash_password
from tests.conformance.flow import assert_refused, assert_uncached
from tests.factories import PASSWORD
from tests.oauth_errors import (
    INVALID_CLIENT,
    UNAUTHORIZED_CLIENT,
    UNSUPPORTED_GRANT,
    invalid_grant,
    invalid_request,
)

rfc = pytest.mark.rfc

WRONG = invalid_grant("Invalid credentials given.")
TOKENS = {
    "access_token": ANY,
    "refresh_token": ANY,
    "token_type": "Bearer",
    "expires_in": 900,
    "scope": "users:read teams:read",
}
# Both ends of the length, and what careless servers change.
ODD = " Pa\N{LATIN SMALL LETTER E WITH ACUTE}\N{SNOWMAN}\N{PILE OF POO}%20+&='\" "
DECOMPOSED = ODD.replace("\N{LATIN SMALL LETTER E WITH ACUTE}", "e\u0301")
LONG = "a" * 1023 + "\N{SNOWMAN}"


@pytest.fixture
def first_party(make_client):
    """A client of the operator's own."""
    return make_client(first_party=True)


@pytest.fixture
def sign_in(password_server, first_party):
    """A function that sends a password grant."""

    def call(username=None, password=None, client=first_party, **more):
        form = {"username": username, "password": password, **more}
        given = {name: value for name, value in form.items() if value is not None}
        return password_server.post("token", client, grant_type="password", **given)

    return call


class TestClient:
    @rfc("6749", "4.3.2", "MUST", "the client's right to the grant is checked first")
    @rfc("6749", "5.2", "MUST", "a grant that the client may not use")
    @pytest.mark.parametrize(
        "about", [{}, {"first_party": True, "grant_types": ("refresh_token",)}]
    )
    def test_others_may_not_try_passwords(self, sign_in, make_client, user, about):
        client = make_client(**about)
        for password in (PASSWORD, "wrong"):
            response = sign_in(user.username, password, client)
            assert_refused(response, UNAUTHORIZED_CLIENT)

    @rfc("6749", "4.3.2", "MUST", "the client authenticates")
    @rfc("6749", "4.3.2", "MUST", "a public client names itself")
    def test_says_who_it_is(self, sign_in, first_party, make_client, user):
        name = {"client_id": first_party.client_id}
        response = sign_in(user.username, PASSWORD, None, **name)
        assert_refused(response, INVALID_CLIENT, 401)
        about = {"client_type": "public", "secret_digest": None}
        client = make_client(first_party=True, **about)
        assert sign_in(user.username, PASSWORD, client).json() == TOKENS

    @rfc("6749", "4.3.2", "REQUIRED", "username and password")
    def test_sends_name_and_password(self, sign_in, user):
        whole = {"username": user.username, "password": PASSWORD}
        for name in whole:
            document = invalid_request(f"Request is missing {name} parameter.")
            for value in (None, ""):
                assert_refused(sign_in(**{**whole, name: value}), document)


class TestPassword:
    @rfc("6749", "4.3.3", "MUST", "right credentials give tokens")
    def test_right_one_gives_tokens(self, sign_in, user, password_server):
        response = sign_in(user.username, PASSWORD)
        assert (response.status_code, response.json()) == (200, TOKENS)
        assert response.headers["content-type"] == "application/json"
        assert_uncached(response)
        token = response.json()["access_token"]
        me = password_server.call("GET", "/api/v1/users/me", token=token).json()
        assert me["username"] == user.username

    @rfc("6749", "5.2", "MUST", "wrong credentials: invalid_grant")
    @rfc("ASVS", "6.3.8", "L3", "answers don't tell which users there are")
    def test_refusals_look_the_same(self, sign_in, user, make_user):
        responses = [
            sign_in(user.username, "wrong"),
            sign_in(user.username, "a" * 50_000),
            sign_in("nobody", PASSWORD),
            sign_in(make_user("inactive").username, PASSWORD),
            sign_in("a" * 5000, PASSWORD),
        ]
        for response in responses:
            assert_refused(response, WRONG)
        assert len({tuple(sorted(response.headers)) for response in responses}) == 1

    @rfc("ASVS", "6.2.8", "L2", "a password is taken exactly as it was given")
    @rfc("ASVS", "6.2.9", "L2", "passwords of 64 characters and more are taken")
    @pytest.mark.parametrize(
        ("stored", "others"),
        [
            (ODD, (ODD.strip(), ODD.lower(), ODD[:-1])),
            (LONG, (LONG[:-1], LONG[:72], f"{LONG}a", "a" * 60_000)),
            ("q", ("Q", "q ", "qq")),
        ],
        ids=len,
    )
    def test_is_not_changed(self, sign_in, make_user, stored, others):
        """But for the form of its characters, which keyboards differ in (RFC 8265)."""
        user = make_user(password_digest=hash_password(stored))
        for same in {stored, stored.replace(ODD, DECOMPOSED)}:
            assert sign_in(user.username, same).status_code == 200
        for other in others:
            assert_refused(sign_in(user.username, other), WRONG)

    @pytest.mark.parametrize(
        ("name", "spellings"),
        [
            ("Zoë", ["Zoë", "ZOË", "zoe\N{COMBINING DIAERESIS}", "ｚｏë"]),
            ("Straße", ["STRASSE"]),
        ],
    )
    def test_each_spelling_of_the_name_is_taken(
        self, sign_in, make_user, name, spellings
    ):
        make_user(username=name)
        for spelling in spellings:
            assert sign_in(spelling, PASSWORD).json() == TOKENS


class TestStrictServer:
    @rfc("9700", "2.4", "MUST NOT", "the password grant isn't used")
    @rfc("ASVS", "10.4.4", "L1", "neither implicit nor password grant")
    @pytest.mark.parametrize("grant_type", ["password", "implicit", "token"])
    def test_has_no_such_grant(self, server, first_party, user, grant_type):
        form = {"username": user.username, "password": PASSWORD}
        response = server.post("token", first_party, grant_type=grant_type, **form)
        assert_refused(response, UNSUPPORTED_GRANT)
