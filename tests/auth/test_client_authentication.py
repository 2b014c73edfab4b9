"""How a client proves who it is (RFC 6749 section 2.3)."""

import base64

import pytest

from apiserver.auth.tokens import digest
from tests.auth.conftest import assert_uncached, basic
from tests.factories import CLIENT_SECRET, PASSWORD
from tests.oauth_errors import INVALID_CLIENT, MALFORMED_BASIC, invalid_request

FORM = {"grant_type": "client_credentials"}


def scheme(text):
    """Return the header of HTTP Basic with exactly this text."""
    return {"Authorization": f"Basic {text}"}


def encoded(text):
    raw = text if isinstance(text, bytes) else text.encode()
    return scheme(base64.b64encode(raw).decode())


def assert_invalid_client(response, document=INVALID_CLIENT):
    assert response.status_int == 401
    assert response.json == document
    assert response.headers["WWW-Authenticate"] == 'Basic realm="apiserver"'
    assert response.headers["Content-Type"] == "application/json"
    assert_uncached(response)


class TestBasic:
    @pytest.mark.parametrize("name", ["Basic", "basic", "BASIC"])
    def test_whatever_the_case_of_the_scheme(self, post, client, name):
        header = basic(client.client_id, CLIENT_SECRET)["Authorization"]
        headers = {"Authorization": header.replace("Basic", name)}
        assert post(**FORM, headers=headers).status_int == 200

    @pytest.mark.parametrize("secret", ["a+b", "100%", "a:b:c", "a b&c=d", "é☃"])
    def test_id_and_secret_are_form_decoded(self, post, make_client, secret):
        """Section 2.3.1: both are encoded before they are joined by a colon."""
        client = make_client(client_id="the client+%", secret_digest=digest(secret))
        headers = basic(client.client_id, secret)
        assert post(**FORM, headers=headers).status_int == 200

    def test_secret_that_needs_no_encoding_may_be_sent_bare(self, post, make_client):
        client = make_client(secret_digest=digest("KQ()SWK)*^&SQ"))
        headers = encoded(f"{client.client_id}:KQ()SWK)*^&SQ")
        assert post(**FORM, headers=headers).status_int == 200

    @pytest.mark.parametrize(
        "headers",
        [
            scheme(""),
            scheme("!!!"),
            scheme("YWJj"),
            scheme("YTpi YTpi"),
            scheme("\xff\xfe"),
            encoded(b"\xff:\xff"),
            encoded("client\0:secret"),
            encoded("client%00:secret"),
            encoded("client:secret%00"),
        ],
    )
    def test_malformed_credentials_are_refused(self, post, headers):
        assert_invalid_client(post(**FORM, headers=headers), MALFORMED_BASIC)

    @pytest.mark.parametrize("text", [":", "%ff:%ff", "x" * 6000 + ":y"])
    def test_odd_credentials_are_those_of_no_client(self, post, text):
        assert_invalid_client(post(**FORM, headers=encoded(text)))

    def test_same_client_may_be_named_in_the_body_as_well(self, post, client):
        headers = basic(client.client_id, CLIENT_SECRET)
        response = post(**FORM, client_id=client.client_id, headers=headers)
        assert response.status_int == 200


class TestSecretInTheBody:
    def test_is_taken(self, post, client):
        credentials = {"client_id": client.client_id, "client_secret": CLIENT_SECRET}
        assert post(**FORM, **credentials).status_int == 200

    @pytest.mark.parametrize(
        "more", [{"client_secret": CLIENT_SECRET}, {"client_id": "another"}]
    )
    def test_beside_basic_makes_two_ways(self, post, client, more):
        headers = basic(client.client_id, CLIENT_SECRET)
        response = post(**FORM, **more, headers=headers)
        assert response.status_int == 400
        assert response.json == invalid_request("Two ways of client authentication.")
        assert_uncached(response)


class TestUnknownClient:
    """Wrong secret, unknown, disabled, no credentials: nothing tells them apart."""

    @pytest.fixture
    def credentials(self, client, make_client):
        disabled = make_client(enabled=False)
        return {
            "wrong secret": (client.client_id, "guess"),
            "no secret": (client.client_id, ""),
            "unknown": ("unknown", CLIENT_SECRET),
            "disabled": (disabled.client_id, CLIENT_SECRET),
            "nameless": ("", ""),
        }

    @pytest.mark.parametrize(
        "form",
        [
            FORM,
            {"grant_type": "refresh_token", "refresh_token": "x"},
            {"grant_type": "password", "username": "x", "password": PASSWORD},
            {"to": "revoke", "token": "x"},
        ],
        ids=lambda form: form.get("grant_type", "revoke"),
    )
    def test_is_answered_like_a_wrong_secret(self, post, credentials, form, statements):
        for client_id, secret in credentials.values():
            for sent in (
                {"headers": basic(client_id, secret)},
                {"client_id": client_id, "client_secret": secret},
            ):
                with statements() as executed:
                    assert_invalid_client(post(**form, **sent))
                assert len(executed) == (4 if secret else 1), executed

    def test_is_the_answer_without_credentials(self, post):
        assert_invalid_client(post(**FORM))

    def test_is_the_answer_for_a_bearer_token(self, post, client):
        headers = {"Authorization": f"Bearer {CLIENT_SECRET}"}
        assert_invalid_client(post(**FORM, headers=headers))


class TestPublicClient:
    @pytest.mark.parametrize("of_its_own", [None, digest("its secret")])
    def test_that_sends_a_wrong_secret_is_refused(
        self, post, public_client, db, user, of_its_own
    ):
        public_client.secret_digest = of_its_own
        db.commit()
        form = {"username": user.username, "password": PASSWORD}
        for sent in (
            {"client_id": public_client.client_id, "client_secret": "guess"},
            {"headers": basic(public_client.client_id, "guess")},
        ):
            assert_invalid_client(post(grant_type="password", **form, **sent))

    def test_may_name_itself_by_basic_without_a_secret(self, post, public_client, user):
        response = post(
            grant_type="password",
            username=user.username,
            password=PASSWORD,
            headers=basic(public_client.client_id, ""),
        )
        assert response.status_int == 200
