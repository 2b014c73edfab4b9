"""What the audit log says of consent, codes, and the end of grants."""

import base64
import hashlib
from unittest.mock import ANY
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from tests.events import event
from tests.factories import PASSWORD

VERIFIER = "v" * 43
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest())
REDIRECT_URI = "https://client.example.com/callback"


class TestGrants:
    def test_revoked_by_the_client(self, sign_in, post, client, user, events, grant_id):
        token = sign_in()["access_token"]
        for _ in range(2):
            post(client, to="revoke", token=token)
        expected = event(
            "revoked_by_client",
            client_id=client.client_id,
            grant_id=grant_id(),
            target=f"user:{user.id}",
        )
        assert events()[2:] == [expected]

    def test_of_another_client_is_not_revoked(self, sign_in, post, make_client, events):
        token = sign_in()["access_token"]
        assert post(make_client(), to="revoke", token=token).status_int == 400
        assert len(events()) == 2

    def test_revoked_by_the_user(self, sign_in, api, user, events, grant_id):
        sign_in()
        revoked = grant_id()
        assert api(user).delete(f"/auth/grants/{revoked}").status_int == 204
        who = {"actor_id": user.id, "client_id": ANY, "grant_id": ANY}
        expected = event("revoked_by_user", **who, target=f"grant:{revoked}")
        assert events()[2:] == [expected]

    def test_all_of_them_by_the_user(self, api, user, events):
        assert api(user).delete("/auth/grants/").status_int == 204
        who = {"actor_id": user.id, "client_id": ANY, "grant_id": ANY}
        assert events() == [event("sign_out", **who, target=f"user:{user.id}")]


class TestCodes:
    @pytest.fixture
    def client(self, make_client):
        return make_client(
            redirect_uris=(REDIRECT_URI,),
            grant_types=("authorization_code", "refresh_token"),
            default_scopes=("users:read", "teams:read"),
        )

    @pytest.fixture
    def decide(self, browser, client, user):
        """A function that answers the consent page, and returns what comes back."""
        query = urlencode(
            {
                "response_type": "code",
                "client_id": client.client_id,
                "code_challenge": CHALLENGE.decode().rstrip("="),
                "code_challenge_method": "S256",
            }
        )

        def call(decision):
            browser.sign_in(user.username, PASSWORD)
            browser.call("GET", f"/auth/oauth2/authorize?{query}")
            answer = browser.submit("/auth/oauth2/authorize", decision=decision)
            return parse_qs(urlsplit(answer.headers["Location"]).query)

        return call

    @pytest.mark.parametrize(
        ("decision", "result"), [("allow", "success"), ("deny", "denied")]
    )
    def test_consent(self, decide, client, user, events, decision, result):
        decide(decision)
        expected = event(
            "consent",
            result,
            actor_id=user.id,
            client_id=client.client_id,
            target="users:read,teams:read",
        )
        assert events()[1:] == [expected]

    def test_reuse_of_a_code(self, decide, post, client, user, events, grant_id):
        (code,) = decide("allow")["code"]
        form = {"grant_type": "authorization_code", "code_verifier": VERIFIER}
        for status in (200, 400, 400):
            assert post(client, **form, code=code).status_int == status
        common = {"client_id": client.client_id, "grant_id": grant_id()}
        issued = {"actor_id": user.id, "target": "authorization_code"}
        assert events()[2:] == [
            event("token_issued", **common, **issued),
            event("code_reuse", "failure", **common, target=f"user:{user.id}"),
        ]
