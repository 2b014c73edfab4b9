"""The session of the client in Python: signing in, renewing tokens, signing out."""

from threading import Barrier, Thread

import httpx
import pytest

from apiserver.demo import CLIENT_SECRET, REDIRECT_URI
from tests.clients.browser import sign_in
from tests.clients.workshop import GENERATOR, error_of
from tests.tools import needs

pytestmark = needs(GENERATOR)


class TestSession:
    def test_limits_the_scope(self, sdk, server):
        limited = sdk.oauth2.OAuth2Session(server, "documentation", scope="teams:read")
        limited.sign_in("root", "q")
        client = sdk.ApiClient(limited.configuration())
        assert sdk.TeamsApi(client).list_teams() == []
        error = error_of(sdk, sdk.UsersApi(client).get_me)
        assert error.data.detail == "The access token lacks the scope users:read."

    def test_is_refused_with_a_wrong_password(self, sdk, session):
        with pytest.raises(sdk.oauth2.OAuth2Error, match="invalid_grant") as caught:
            session.sign_in("root", "wrong")
        assert (caught.value.error, caught.value.status) == ("invalid_grant", 400)

    def test_is_of_the_client_itself(self, sdk, server, pass_time):
        own = sdk.oauth2.OAuth2Session(server, "documentation", CLIENT_SECRET)
        own.sign_in_as_client()
        before = own.access_token()
        assert own.refresh_token is None
        pass_time(hours=2)
        assert own.access_token() != before
        client = sdk.ApiClient(own.configuration())
        assert sdk.TeamsApi(client).list_teams() == []

    def test_renews_tokens_in_time(self, sdk, session, client, pass_time):
        before = session.access_token(), session.refresh_token
        assert (session.access_token(), session.refresh_token) == before
        pass_time(minutes=59, seconds=40)
        assert sdk.UsersApi(client).get_me().username == "root"
        after = session.access_token(), session.refresh_token
        assert before[0] != after[0]
        assert before[1] != after[1]

    def test_renews_them_once_for_all_threads(self, session, client, pass_time):
        before, barrier, tokens = session.access_token(), Barrier(8), []

        def ask():
            barrier.wait()
            tokens.append(session.access_token())

        pass_time(hours=2)
        threads = [Thread(target=ask) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(tokens) == 8
        assert len({*tokens, before}) == 2

    def test_ends_where_it_can_not_be_renewed(
        self, sdk, server, session, client, pass_time
    ):
        thief = sdk.oauth2.OAuth2Session(server, "documentation")
        thief.resume(session.refresh_token)
        pass_time(hours=2)
        for error in ("invalid_grant", "login_required"):
            with pytest.raises(sdk.oauth2.OAuth2Error, match=error):
                sdk.UsersApi(client).get_me()

    def test_goes_on_with_a_refresh_token(self, sdk, server, session, client):
        other = sdk.oauth2.OAuth2Session(server, "documentation")
        other.resume(session.refresh_token)
        client = sdk.ApiClient(other.configuration())
        assert sdk.UsersApi(client).get_me().username == "root"

    def test_ends_at_the_server_too(self, sdk, session, client):
        token = session.access_token()
        session.sign_out()
        with pytest.raises(sdk.oauth2.OAuth2Error, match="login_required"):
            sdk.UsersApi(client).get_me()
        answer = httpx.get(
            f"{session.server}/api/v1/users/me",
            headers={"Authorization": f"Bearer {token}"},
        )
        assert answer.status_code == 401

    def test_begins_in_a_browser(self, sdk, session):
        url, kept = session.authorization_url(REDIRECT_URI)
        session.redeem(sign_in(url, "user", "w"), kept)
        client = sdk.ApiClient(session.configuration())
        assert sdk.UsersApi(client).get_me().username == "user"

    @pytest.mark.parametrize(
        ("query", "error"),
        [
            ("code=x&state=other", "invalid_state"),
            ("error=access_denied&state={state}", "access_denied"),
            ("code=wrong&state={state}", "invalid_grant"),
        ],
    )
    def test_does_not_begin_with_another_url(self, sdk, session, query, error):
        _, kept = session.authorization_url(REDIRECT_URI)
        with pytest.raises(sdk.oauth2.OAuth2Error, match=error):
            session.redeem(f"{REDIRECT_URI}?{query.format(**kept)}", kept)
