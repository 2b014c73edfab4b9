"""What the audit log says of signing in, consent, tokens, grants and clients."""

from unittest.mock import ANY

import pytest

from apiserver.core.db import counter_key
from tests.auth.browser import redemption
from tests.conformance.server import basic
from tests.events import event
from tests.factories import PASSWORD
from tests.oauth_errors import INVALID_SCOPE
from tests.patches import replace

CREDENTIALS = {"grant_type": "client_credentials"}


@pytest.fixture
def of_client(client, grant_id):
    """A function that returns an event of the client at the only grant."""
    return lambda *args, **columns: event(
        *args, client_id=client.client_id, grant_id=grant_id(), **columns
    )


def by_api(user, action, target):
    """Return an event of what the user does by a token, whichever it is."""
    who = {"actor_id": user.id, "client_id": ANY, "grant_id": ANY}
    return event(action, **who, target=target)


class TestSignIn:
    @pytest.mark.parametrize("kind", ["regular", "inactive"])
    def test_failure_on_the_login_page_names_the_account(
        self, browser, make_user, events, kind
    ):
        user = make_user(kind)
        browser.sign_in(user.username, "guess")
        assert events() == [event("sign_in", "failure", actor_id=user.id)]

    def test_failure_does_not_repeat_what_was_typed(self, browser, events):
        """It may be a password, in the wrong field."""
        browser.sign_in("typed by mistake", "guess")
        assert events() == [event("sign_in", "failure")]

    def test_on_the_login_page_and_out(self, browser, user, events):
        browser.sign_in(user.username, PASSWORD)
        browser.call("GET", "/auth/login")
        browser.submit("/auth/logout")
        actions = ("sign_in", "sign_out")
        assert events() == [event(action, actor_id=user.id) for action in actions]

    def test_by_the_password_grant(self, sign_in, client, user, events, of_client):
        sign_in(password="guess")
        sign_in()
        who = {"actor_id": user.id, "client_id": client.client_id}
        assert events() == [
            event("sign_in", "failure", **who),
            event("sign_in", **who),
            of_client("token_issued", actor_id=user.id, target="password"),
        ]

    def test_that_came_to_nothing_is_none(self, sign_in, events):
        assert sign_in(scope="beyond") == INVALID_SCOPE
        assert events() == []


class TestTokens:
    def test_of_client_credentials(self, post, client, events, of_client):
        post(client, **CREDENTIALS)
        assert events() == [of_client("token_issued", target="client_credentials")]

    def test_of_a_refresh_token_whose_reuse_is_recorded_once(
        self, sign_in, refresh, user, events, of_client
    ):
        token = sign_in()["refresh_token"]
        for status in (200, 400, 400):
            assert refresh(token).status_int == status
        reused, whose = ("refresh_token_reuse", "failure"), f"user:{user.id}"
        assert events()[2:] == [
            of_client("token_issued", actor_id=user.id, target="refresh_token"),
            of_client(*reused, target=whose),
        ]


class TestClients:
    @pytest.mark.parametrize("known", [True, False])
    def test_wrong_secret_names_a_client_that_there_is(
        self, post, client, events, known
    ):
        name = client.client_id if known else "unknown"
        post(**CREDENTIALS, headers=basic(name, "guess"))
        client_id = client.client_id if known else None
        failure = event("client_authentication", "failure", client_id=client_id)
        assert events() == [failure]

    def test_missing_secret_is_not_recorded(self, post, client, events):
        post(**CREDENTIALS, client_id=client.client_id)
        assert events() == []

    def test_many_wrong_secrets_are_throttled_once(self, post, client, events):
        for _ in range(15):
            post(**CREDENTIALS, headers=basic(client.client_id, "guess"))
        counter = counter_key("client", f" {client.client_id}")
        assert events()[10:] == [event("throttled", "failure", target=counter)]

    def test_life_of_one(self, api, user, events):
        caller = api(user)
        client_id = caller.post("/auth/oauth2_clients/", {}).json["client_id"]
        path = f"/auth/oauth2_clients/{client_id}"
        caller.post(f"{path}/secret")
        caller.patch(path, [replace("enabled", False)])
        caller.delete(path)
        told = {
            "created": "",
            "secret_created": "",
            "changed": " enabled,epoch",
            "deleted": "",
        }
        assert events() == [
            by_api(user, f"client_{action}", f"client:{client_id}{fields}")
            for action, fields in told.items()
        ]


class TestGrants:
    def test_revoked_by_the_client(
        self, sign_in, post, client, make_client, user, events, of_client
    ):
        token = sign_in()["access_token"]
        assert post(make_client(), to="revoke", token=token).status_int == 400
        for _ in range(2):
            post(client, to="revoke", token=token)
        expected = of_client("revoked_by_client", target=f"user:{user.id}")
        assert events()[2:] == [expected]

    def test_revoked_by_the_user(self, sign_in, api, user, events, grant_id):
        sign_in()
        revoked = grant_id()
        assert api(user).delete(f"/auth/grants/{revoked}").status_int == 204
        assert events()[2:] == [by_api(user, "revoked_by_user", f"grant:{revoked}")]

    def test_all_of_them_by_the_user(self, api, user, events):
        assert api(user).delete("/auth/grants/").status_int == 204
        assert events() == [by_api(user, "sign_out", f"user:{user.id}")]


class TestCodes:
    @pytest.fixture
    def decide(self, browser, web_client, user):
        """A function that answers the consent page, and returns the code."""

        def call(decision):
            browser.sign_in(user.username, PASSWORD)
            browser.ask(web_client, scope=None)
            return browser.decide(decision).get("code")

        return call

    @pytest.mark.parametrize(
        ("decision", "result"), [("allow", "success"), ("deny", "denied")]
    )
    def test_consent(self, decide, web_client, user, events, decision, result):
        decide(decision)
        who = {"actor_id": user.id, "client_id": web_client.client_id}
        scopes = "teams:read,users:read"
        assert events()[1:] == [event("consent", result, **who, target=scopes)]

    def test_reuse_of_a_code(self, decide, post, web_client, user, events, grant_id):
        form = redemption(decide("allow"))
        for status in (200, 400, 400):
            assert post(web_client, **form).status_int == status
        common = {"client_id": web_client.client_id, "grant_id": grant_id()}
        issued = {"actor_id": user.id, "target": "authorization_code"}
        assert events()[2:] == [
            event("token_issued", **common, **issued),
            event("code_reuse", "failure", **common, target=f"user:{user.id}"),
        ]
