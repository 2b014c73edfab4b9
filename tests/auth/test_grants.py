"""Who has access to an account, and how it is taken away (``/auth/grants/``)."""

from unittest.mock import ANY

import pytest
from sqlalchemy import select

from apiserver.auth.models import OAuth2Grant
from tests.oauth_errors import ENDED_GRANT
from tests.problems import problem

PATH = "/auth/grants/"


@pytest.fixture
def caller(api, user):
    return api(user)


@pytest.fixture
def grants(caller, client):
    """A function that returns the user's grants to the client."""
    return lambda: caller.get(f"{PATH}?client_id={client.client_id}").json


class TestListGrants:
    def test_shows_who_may_act_for_the_user(
        self, caller, sign_in, user, client, statements
    ):
        sign_in(scope="users:read")
        with statements() as executed:
            response = caller.get(f"{PATH}?client_id={client.client_id}")
        assert response.status_int == 200
        assert response.json == [
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
        assert response.headers["X-Total-Count"] == "1"
        assert len(executed) == 2, executed

    def test_shows_those_of_all_clients(self, caller, sign_in):
        sign_in()
        assert len(caller.get(PATH).json) == 2

    def test_shows_each_grant_once_however_often_it_was_refreshed(
        self, grants, sign_in, refresh
    ):
        refresh(sign_in()["refresh_token"])
        assert len(grants()) == 1

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
        response = caller.get(query)
        detail = "Only administrators may see what belongs to others."
        assert (response.status_int, response.json) == (403, problem(403, detail))
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

    def test_revoked_one_is_not_found(self, caller, grants, sign_in):
        sign_in()
        path = f"{PATH}{grants()[0]['id']}"
        caller.delete(path)
        assert caller.delete(path).status_int == 404


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
