"""What the audit log says of accounts: roles, passwords, wrong passwords."""

from unittest.mock import ANY

import pytest
from sqlalchemy import select

from apiserver.auth.models import OAuth2Client, OAuth2Grant
from apiserver.core.db import counter_key
from tests.events import event
from tests.patches import op, replace
from tests.users.accounts import change, newcomer, password_test

GUESS = [password_test("a guess"), op("test", "/first_name", value="")]
MADE_ADMIN = replace("is_admin", True)


def by(actor):
    """Return the columns of what a user does by the API, with some token."""
    return {"actor_id": actor.id, "client_id": ANY, "grant_id": ANY}


def failed(user):
    return event("password_confirmation", "failure", actor_id=user.id, client_id=ANY)


class TestChange:
    @pytest.mark.parametrize(
        ("operations", "told"),
        [
            (
                [MADE_ADMIN, replace("is_regular_user", False)],
                {"role_change": " is_admin=True,is_regular_user=False"},
            ),
            ([replace("is_active", False)], {"role_change": " is_active=False"}),
            ([replace("is_admin", False)], {}),
            (
                [MADE_ADMIN, replace("first_name", "Ada")],
                {"role_change": " is_admin=True", "user_changed": " first_name"},
            ),
            (
                [replace("email", "new@example.com")],
                {"user_changed": " canonical_email,email"},
            ),
        ],
    )
    def test_is_told_by_its_fields(self, api, admin, user, events, operations, told):
        assert change(api(admin), user, *operations).status_int == 200
        assert events() == [
            event(action, **by(admin), target=f"user:{user.id}{about}")
            for action, about in told.items()
        ]

    def test_is_in_the_name_of_a_grant(self, api, db, admin, user, events):
        change(api(admin), user, MADE_ADMIN)
        (stored,) = events()
        grant = db.get(OAuth2Grant, stored["grant_id"])
        assert grant.user_id == admin.id
        assert db.get(OAuth2Client, grant.client_id).client_id == stored["client_id"]

    def test_that_is_refused_is_none(self, api, admin, client, user, events):
        demoted = change(api(admin), admin, replace("is_admin", False))
        assert demoted.status_int == 409
        assert change(client, user, MADE_ADMIN).status_int == 403
        assert events() == []


@pytest.mark.parametrize("kind", [None, "admin"])
def test_account_is_told_with_who_made_it(api, make_user, events, kind):
    maker = kind and make_user(kind)
    user_id = api(maker).post("/users/", newcomer()).json["id"]
    about = by(maker) if maker else {}
    assert events() == [event("user_created", **about, target=f"user:{user_id}")]


class TestPassword:
    def test_is_told_and_in_no_event(self, client, user, path, events):
        client.patch(path, GUESS)
        change(client, user, replace("password", "another battery"))
        target = f"user:{user.id}"
        told = [failed(user), event("password_change", **by(user), target=target)]
        assert events() == told
        text = str(events())
        assert [s for s in ("guess", "battery", "argon2") if s in text] == []

    def test_that_is_guessed_is_told_so_often(self, client, db, user, path, events):
        """Otherwise whoever goes on trying could fill the table."""
        for _ in range(15):
            client.patch(path, GUESS)
        (*failures, throttled) = events()
        assert failures == [failed(user)] * 10
        counter = counter_key("grant", f"{db.scalar(select(OAuth2Grant.id))} {user.id}")
        assert throttled == event("throttled", "failure", target=counter)


def test_nothing_is_recorded_of_reading(client, path, events):
    for read in ("/users/me", path):
        assert client.get(read).status_int == 200
    assert events() == []
