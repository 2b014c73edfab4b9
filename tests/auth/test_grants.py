"""Who has access to an account (``/auth/grants/``), and what ends it: at once."""

from unittest.mock import ANY

import pytest
from sqlalchemy import select

from apiserver.auth.models import OAuth2Grant
from tests.factories import PASSWORD
from tests.oauth_errors import ENDED_GRANT, INVALID_CLIENT, UNKNOWN_REFRESH
from tests.patches import replace
from tests.problems import problem
from tests.users.accounts import patch

rfc = pytest.mark.rfc

PATH = "/auth/grants/"

# What happens to client or user, and how the refresh token is answered then.
ENDS = [
    ("client", {"enabled": False}, INVALID_CLIENT),
    ("client", {"epoch": 1}, ENDED_GRANT),
    ("client", None, INVALID_CLIENT),
    ("user", {"is_active": False}, ENDED_GRANT),
    ("user", {"epoch": 1}, ENDED_GRANT),
    ("user", None, UNKNOWN_REFRESH),
]


@pytest.fixture
def caller(api, user):
    return api(user)


@pytest.fixture
def grants(caller, client):
    """A function that returns the user's grants to the client."""
    return lambda: caller.get(f"{PATH}?client_id={client.client_id}").json


class TestListGrants:
    def test_shows_each_once_who_may_act_for_the_user(
        self, caller, grants, sign_in, refresh, user, client
    ):
        refresh(sign_in(scope="users:read")["refresh_token"])
        assert grants() == [
            {
                "id": ANY,
                "client_id": client.client_id,
                "user_id": user.id,
                "grant_type": "password",
                "granted_scopes": ["users:read"],
                "created": ANY,
                "absolute_expires": ANY,
            }
        ]
        # The other one is that of the caller's token.
        assert len(caller.get(PATH).json) == 2

    def test_does_not_show_those_that_have_ended(
        self, grants, sign_in, post, client, db
    ):
        post(client, to="revoke", token=sign_in()["access_token"])
        assert grants() == []
        sign_in()
        client.epoch += 1
        db.commit()
        assert grants() == []

    def test_of_another_user_is_for_administrators(
        self, api, caller, make_user, sign_in, client
    ):
        other = make_user()
        sign_in(user=other)
        query = f"{PATH}?user_id={other.id}"
        detail = "Only administrators may see what belongs to others."
        assert caller.get(query).json == problem(403, detail)
        shown = api(make_user("admin")).get(query).json
        assert [grant["client_id"] for grant in shown] == [client.client_id]


class TestRevokeGrant:
    def test_ends_it_at_once(self, caller, grants, sign_in, me, refresh, db):
        tokens = sign_in()
        other = sign_in()
        number = grants()[0]["id"]
        response = caller.delete(f"{PATH}{number}")
        assert (response.status_int, response.body) == (204, b"")
        assert me(tokens["access_token"]).status_int == 401
        assert refresh(tokens["refresh_token"]).json == ENDED_GRANT
        assert me(other["access_token"]).status_int == 200
        reason = select(OAuth2Grant.revoke_reason).where(OAuth2Grant.id == number)
        assert db.scalar(reason) == "revoked_by_user"
        assert caller.delete(f"{PATH}{number}").status_int == 404


class TestSignOutEverywhere:
    def test_ends_all_access_but_that_of_others(
        self, caller, sign_in, me, live, make_user
    ):
        tokens, others = sign_in(), sign_in(user=make_user())
        response = caller.delete(PATH)
        assert (response.status_int, response.body) == (204, b"")
        assert live(tokens) == [False, False]
        assert caller.get("/users/me").status_int == 401
        assert live(others) == [True, True]
        assert me(sign_in()["access_token"]).status_int == 200


class TestEndOfGrants:
    @rfc("ASVS", "8.3.2", "L3", "who loses a right has lost it with the next request")
    @pytest.mark.parametrize(("whose", "columns", "document"), ENDS, ids=str)
    def test_is_for_both_tokens(
        self, sign_in, me, refresh, live, client, user, db, whose, columns, document
    ):
        tokens = sign_in()
        assert me(tokens["access_token"]).status_int == 200
        owner = {"client": client, "user": user}[whose]
        if columns is None:
            db.delete(owner)
        for name, value in (columns or {}).items():
            setattr(owner, name, value)
        db.commit()
        assert me(tokens["access_token"]).status_int == 401
        assert refresh(tokens["refresh_token"]).json == document
        if columns == {"epoch": 1}:
            assert live(sign_in()) == [True, True]

    def test_by_a_new_password_and_deactivation_is_for_ever(self, api, make_user, db):
        make_user("admin")
        admin = make_user("admin")
        caller = api(admin)
        changes = {"password": "another battery", "is_active": False}
        change = patch(*(replace(*each) for each in changes.items()))
        assert caller.patch(f"/users/{admin.id}", change).status_int == 200
        assert caller.get("/users/me").status_int == 401
        db.refresh(admin)
        admin.is_active = True
        db.commit()
        assert caller.get("/users/me").status_int == 401


class TestDeactivation:
    """How an administrator blocks an account at once."""

    def test_ends_all_tokens_and_sessions_and_lets_nobody_in(
        self, api, make_user, user, sign_in, live, browser
    ):
        tokens = sign_in()
        browser.sign_in(user.username, PASSWORD)
        assert "You are signed in as" in browser.call("GET", "/auth/login").text
        change = patch(replace("is_active", False))
        answer = api(make_user("admin")).patch(f"/users/{user.id}", change)
        assert answer.status_int == 200
        assert live(tokens) == [False, False]
        assert "You are signed in as" not in browser.call("GET", "/auth/login").text
        assert browser.sign_in(user.username, PASSWORD).status_int == 403
        assert sign_in()["error"] == "invalid_grant"
