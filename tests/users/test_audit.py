"""What the audit log says of accounts: roles, passwords, wrong passwords."""

from unittest.mock import ANY

import pytest
from sqlalchemy import select

from apiserver.auth.models import OAuth2Client, OAuth2Grant
from apiserver.core.db import counter_key
from tests.events import event
from tests.patches import op, replace
from tests.users.accounts import newcomer, password_test, patch


def by(actor):
    """Return the columns of what a user does by the API, with some token."""
    return {"actor_id": actor.id, "client_id": ANY, "grant_id": ANY}


def failed(user):
    return event("password_confirmation", "failure", actor_id=user.id, client_id=ANY)


class TestRoles:
    def test_new_ones_are_named(self, api, admin, user, events):
        change = patch(replace("is_admin", True), replace("is_regular_user", False))
        api(admin).patch(f"/users/{user.id}", change)
        target = f"user:{user.id} is_admin=True,is_regular_user=False"
        assert events() == [event("role_change", **by(admin), target=target)]

    def test_are_given_in_the_name_of_a_grant(self, api, db, admin, user, events):
        api(admin).patch(f"/users/{user.id}", patch(replace("is_admin", True)))
        (stored,) = events()
        grant = db.get(OAuth2Grant, stored["grant_id"])
        assert grant.user_id == admin.id
        assert db.get(OAuth2Client, grant.client_id).client_id == stored["client_id"]

    def test_activation_is_one(self, api, admin, make_user, events):
        user = make_user("inactive")
        change = patch(replace("is_active", True))
        api(admin).patch(f"/users/{user.id}", change)
        target = f"user:{user.id} is_active=True"
        assert events() == [event("role_change", **by(admin), target=target)]

    def test_same_ones_are_no_change(self, api, admin, user, events):
        change = patch(replace("is_admin", False))
        assert api(admin).patch(f"/users/{user.id}", change).status_int == 200
        assert events() == []

    def test_are_told_besides_other_changes(self, api, admin, user, events):
        change = patch(replace("is_admin", True), replace("first_name", "Ada"))
        api(admin).patch(f"/users/{user.id}", change)
        given = f"user:{user.id} is_admin=True"
        assert events() == [
            event("role_change", **by(admin), target=given),
            event("user_changed", **by(admin), target=f"user:{user.id} first_name"),
        ]

    def test_refused_change_is_none(self, api, admin, user, events):
        change = patch(replace("is_admin", False))
        assert api(admin).patch(f"/users/{admin.id}", change).status_int == 409
        change = patch(replace("is_admin", True))
        assert api(user).patch(f"/users/{user.id}", change).status_int == 403
        assert events() == []


class TestAccounts:
    def test_sign_up_is_recorded(self, api, events):
        user_id = api().post("/users/", newcomer()).json["id"]
        assert events() == [event("user_created", target=f"user:{user_id}")]

    def test_account_made_by_an_administrator_names_him(self, api, admin, events):
        user_id = api(admin).post("/users/", newcomer()).json["id"]
        target = f"user:{user_id}"
        assert events() == [event("user_created", **by(admin), target=target)]

    def test_change_of_email_names_the_columns(self, api, user, events):
        change = patch(replace("email", "new@example.com"))
        assert api(user).patch(f"/users/{user.id}", change).status_int == 200
        target = f"user:{user.id} canonical_email,email"
        assert events() == [event("user_changed", **by(user), target=target)]


class TestPassword:
    def test_new_one_is_recorded(self, api, user, events):
        change = patch(replace("password", "another battery"))
        api(user).patch(f"/users/{user.id}", change)
        target = f"user:{user.id}"
        assert events() == [event("password_change", **by(user), target=target)]

    def test_wrong_current_one_is_a_failure(self, api, user, events):
        change = [password_test("guess"), op("test", "/first_name", value="")]
        api(user).patch(f"/users/{user.id}", change)
        assert events() == [failed(user)]

    def test_is_in_no_event(self, api, user, events):
        guess = [password_test("a guess"), op("test", "/first_name", value="")]
        api(user).patch(f"/users/{user.id}", guess)
        change = patch(replace("password", "another battery"))
        api(user).patch(f"/users/{user.id}", change)
        text = str(events())
        assert len(events()) == 2
        assert [s for s in ("guess", "battery", "argon2") if s in text] == []


class TestThrottled:
    def test_is_recorded_once(self, api, db, user, events):
        """Otherwise whoever goes on trying could fill the table."""
        guess = [password_test("guess"), op("test", "/first_name", value="")]
        client = api(user)
        for _ in range(15):
            client.patch(f"/users/{user.id}", guess)
        (*failures, throttled) = events()
        assert failures == [failed(user)] * 10
        counter = counter_key("grant", f"{db.scalar(select(OAuth2Grant.id))} {user.id}")
        assert throttled == event("throttled", "failure", target=counter)


class TestNothing:
    @pytest.mark.parametrize("path", ["/users/me", "/users/{}", "/teams/"])
    def test_is_recorded_of_reading(self, api, user, events, path):
        assert api(user).get(path.format(user.id)).status_int == 200
        assert events() == []
