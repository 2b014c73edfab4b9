"""RFC 6749 section 4.3: the password grant, where an operator has switched it on."""

import pytest
from argon2 import PasswordHasher

from apiserver.users.hashing import hash_password
from tests.factories import PASSWORD
from tests.oauth_errors import UNAUTHORIZED_CLIENT

rfc = pytest.mark.rfc

# Both ends of the length, and what careless servers change.
ODD = " Pa\N{LATIN SMALL LETTER E WITH ACUTE}\N{SNOWMAN}\N{PILE OF POO}%20+&='\" "
LONG = "a" * 1023 + "\N{SNOWMAN}"


@pytest.fixture
def first_party(make_client):
    """A client of the operator's own."""
    return make_client(first_party=True)


@pytest.fixture
def stored(make_user):
    """A user whose password is hashed as the server does it, not as tests do."""
    return make_user(password_digest=PasswordHasher().hash(PASSWORD))


@pytest.fixture
def sign_in(patient_server, first_party):
    """A function that sends a password grant."""

    def call(username, password, client=first_party):
        form = {"username": username, "password": password}
        return patient_server.post("token", client, grant_type="password", **form)

    return call


class TestClient:
    @rfc("6749", "4.3.2", "MUST", "the client's right to the grant is checked first")
    @rfc("6749", "5.2", "MUST", "a grant that the client may not use")
    def test_others_may_not_try_passwords(self, sign_in, make_client, user):
        client = make_client()
        right = sign_in(user.username, PASSWORD, client)
        wrong = sign_in(user.username, "wrong", client)
        assert right.status_code == wrong.status_code == 400
        assert right.json() == wrong.json() == UNAUTHORIZED_CLIENT

    @rfc("6749", "4.3.2", "MUST", "the client authenticates")
    def test_client_authenticates(self, password_server, first_party, user):
        form = {"username": user.username, "password": PASSWORD}
        name = {"client_id": first_party.client_id}
        response = password_server.post("token", grant_type="password", **form, **name)
        assert response.status_code == 401


class TestForm:
    @rfc("6749", "4.3.2", "REQUIRED", "username and password")
    @pytest.mark.parametrize("name", ["username", "password"])
    @pytest.mark.parametrize("missing", [True, False])
    def test_both_are_required(self, password_server, first_party, user, name, missing):
        form = {"username": user.username, "password": PASSWORD, name: ""}
        if missing:
            del form[name]
        response = password_server.post(
            "token", first_party, grant_type="password", **form
        )
        assert response.status_code == 400
        assert response.json()["error"] == "invalid_request"


class TestPassword:
    @rfc("6749", "4.3.3", "MUST", "right credentials give tokens")
    def test_right_one_gives_tokens(self, sign_in, user, password_server):
        response = sign_in(user.username, PASSWORD)
        assert response.status_code == 200
        token = response.json()["access_token"]
        me = password_server.call("GET", "/api/v1/users/me", token=token).json()
        assert me["username"] == user.username

    @rfc("6749", "5.2", "MUST", "wrong credentials: invalid_grant")
    @rfc("ASVS", "6.3.8", "L3", "answers don't tell which users there are")
    def test_refusals_look_the_same(self, sign_in, user, make_user):
        inactive = make_user("inactive")
        responses = [
            sign_in(user.username, "wrong"),
            sign_in("nobody", PASSWORD),
            sign_in(inactive.username, PASSWORD),
            sign_in("a" * 5000, PASSWORD),
        ]
        assert [response.status_code for response in responses] == [400] * 4
        assert responses[0].json()["error"] == "invalid_grant"
        assert len({response.content for response in responses}) == 1

    @rfc("ASVS", "6.2.8", "L2", "a password is taken exactly as it was given")
    def test_is_not_changed(self, sign_in, make_user):
        """But for the form of its characters, which keyboards differ in (RFC 8265)."""
        user = make_user(password_digest=hash_password(ODD))
        decomposed = ODD.replace("\N{LATIN SMALL LETTER E WITH ACUTE}", "e\u0301")
        for same in (ODD, decomposed):
            assert sign_in(user.username, same).status_code == 200
        for other in (ODD.strip(), ODD.lower(), ODD[:-1]):
            assert sign_in(user.username, other).status_code == 400

    @rfc("ASVS", "6.2.9", "L2", "passwords of 64 characters and more are taken")
    def test_may_be_long(self, sign_in, make_user):
        user = make_user(password_digest=hash_password(LONG))
        assert sign_in(user.username, LONG).status_code == 200
        for other in (LONG[:-1], LONG[:72], f"{LONG}a", "a" * 60_000):
            response = sign_in(user.username, other)
            assert response.status_code == 400
            assert response.json()["error"] == "invalid_grant"
