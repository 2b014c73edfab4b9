"""RFC 6819, RFC 6749 section 10: what must not leak, and not be guessed."""

import pytest
from sqlalchemy import inspect, text

from apiserver.auth.tokens import digest
from tests.conformance.browser import form_of
from tests.conformance.flow import (
    VERIFIER,
    authorize,
    exchange,
    redirected,
    refresh,
)
from tests.conformance.server import basic
from tests.cookies import SESSION
from tests.factories import CLIENT_SECRET, PASSWORD
from tests.patches import replace
from tests.users.accounts import password_test, patch

rfc = pytest.mark.rfc

CLIENTS = "/api/v1/auth/oauth2_clients/"
NEW_PASSWORD = "tr0ub4dor and then some"
GUESS = "a guess at a password"


@pytest.fixture
def secrets(server, make_browser, client, user, make_user, make_token):
    """All secrets of a user and two clients, each of which was used, and refused."""
    browser = make_browser()
    browser.sign_in(user)
    # A mistake of a client, and no parameter of this request.
    page = authorize(browser, client, code_verifier=VERIFIER)
    consent = form_of(page).fields["consent"]
    code = redirected(browser.consent(page))["code"]
    tokens = exchange(server, client, code).json()
    newer = refresh(server, client, tokens["refresh_token"]).json()
    own = make_token(user, scopes=["auth:write", "users:write"])
    made = server.call("POST", CLIENTS, token=own, json={}).json()
    change = patch(replace("password", NEW_PASSWORD))
    path = f"/api/v1/users/{user.id}"
    assert server.call("PATCH", path, token=own, json=change).status_code == 200
    header = basic(client.client_id, CLIENT_SECRET)["Authorization"]
    return {
        "password": PASSWORD,
        "new password": NEW_PASSWORD,
        "guess": GUESS,
        "header of the client": header.removeprefix("Basic "),
        "session": browser.cookies[SESSION],
        "consent": consent,
        "code": code,
        "verifier": VERIFIER,
        "access token": tokens["access_token"],
        "refresh token": tokens["refresh_token"],
        "newer access token": newer["access_token"],
        "newer refresh token": newer["refresh_token"],
        "own token": own,
        "client secret": CLIENT_SECRET,
        "made secret": made["client_secret"],
    }


def errors(server, browser, client, user, secrets):
    """Yield answers that refuse each of the secrets, at the wrong place."""
    for secret in secrets.values():
        # One of them is the right password, and nothing may come of it either.
        wrong = [password_test(secret), replace("email", "x")]
        path, own = f"/api/v1/users/{user.id}", secrets["own token"]
        yield server.call("PATCH", path, token=own, json=wrong)
        yield server.call("POST", CLIENTS, token=own, json={"client_secret": secret})
        yield server.call("GET", "/auth/oauth2/token", params={"token": secret})
        yield server.call("POST", "/auth/oauth2/token", params={"password": secret})
        yield server.call("GET", "/api/v1/users/me", params={"access_token": secret})
        headers = {"Authorization": f"Basic {secret}"}
        yield server.post("token", headers=headers, grant_type="x")
        form = {"username": user.username, "password": secret}
        yield server.post("token", client, grant_type="password", **form)
        yield exchange(server, client, secret)
        yield exchange(server, client, "x", code_verifier=secret)
        yield refresh(server, client, secret, scope="nothing")
        yield server.post("token", grant_type="x", client_id="x", client_secret=secret)
        yield server.post("token", client, grant_type=secret)
        yield server.post("introspect", client, token=secret, client_secret=secret)
        yield server.call("GET", "/api/v1/users/999", token=secret)
        yield server.call("POST", "/api/v1/users/", json={"username": secret})
        yield authorize(browser, client, scope=secret, state=None)
        yield authorize(browser, client, client_id=secret)


class TestStorage:
    @rfc("6819", "5.1.4.1.3", "MUST", "the database holds no secret as it is")
    @rfc("6749", "10.3", "MUST", "access tokens stay confidential")
    @rfc("6749", "10.4", "MUST", "refresh tokens stay confidential")
    @rfc("ASVS", "11.4.2", "L2", "passwords are stored by a password hash")
    def test_database_holds_none(self, secrets, served_engines):
        with served_engines[1].connect() as connection:
            tables = inspect(connection).get_table_names()
            rows = [
                row
                for table in tables
                for row in connection.execute(text(f'SELECT * FROM "{table}"'))  # noqa: S608
            ]
        stored = [bytes_of(value) for row in rows for value in row]
        assert len(stored) > 100
        for name in ("access token", "newer refresh token", "code", "made secret"):
            assert digest(secrets[name]) in stored, name
        for name, secret in secrets.items():
            assert not any(secret.encode() in value for value in stored), name

    @rfc("6819", "5.1.6", "MUST", "errors repeat no secret")
    @rfc("6819", "5.1.4.1.3", "MUST", "the log holds no secret")
    @rfc("ASVS", "16.2.5", "L2", "credentials aren't logged")
    def test_log_and_errors_hold_none(self, server, browser, client, user, secrets):
        # The new password has ended its session.
        browser.sign_in(user, password=NEW_PASSWORD)
        answers = list(errors(server, browser, client, user, secrets))
        log = server.log.read_text("utf-8")
        assert "DEBUG" in log
        assert "INSERT INTO oauth2_token" in log
        for name, secret in secrets.items():
            assert secret not in log, name
            for answer in answers:
                assert answer.status_code < 500
                assert answer.is_error or answer.is_redirect, answer.url
                told = f"{answer.headers} {answer.text}"
                assert secret not in told, (name, answer.url)


def bytes_of(value):
    return value if isinstance(value, bytes) else str(value).encode()
