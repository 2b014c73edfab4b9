"""What ends a grant: at once, for its access and its refresh token."""

import pytest

from tests.factories import PASSWORD
from tests.oauth_errors import ENDED_GRANT


@pytest.fixture
def tokens(sign_in):
    return sign_in()


@pytest.fixture
def answers(tokens, me, refresh):
    """A function that uses both tokens, and returns the statuses."""
    return lambda: (
        me(tokens["access_token"]).status_int,
        refresh(tokens["refresh_token"]).status_int,
    )


class TestEndOfGrants:
    def test_both_tokens_work_before(self, answers):
        assert answers() == (200, 200)

    def test_client_is_disabled(self, answers, client, db):
        client.enabled = False
        db.commit()
        assert answers() == (401, 401)

    def test_user_is_deactivated(self, answers, user, db):
        user.is_active = False
        db.commit()
        assert answers() == (401, 400)

    def test_user_is_deleted(self, answers, user, db):
        db.delete(user)
        db.commit()
        assert answers() == (401, 400)

    def test_client_is_deleted(self, answers, client, db):
        db.delete(client)
        db.commit()
        assert answers() == (401, 401)

    @pytest.mark.parametrize("whose", ["client", "user"])
    def test_epoch_is_raised(self, answers, client, user, db, whose):
        owner = {"client": client, "user": user}[whose]
        owner.epoch += 1
        db.commit()
        assert answers() == (401, 400)

    @pytest.mark.parametrize("whose", ["client", "user"])
    def test_what_is_granted_afterwards_lives(
        self, sign_in, me, refresh, client, user, db, whose
    ):
        owner = {"client": client, "user": user}[whose]
        owner.epoch += 1
        db.commit()
        tokens = sign_in()
        assert me(tokens["access_token"]).status_int == 200
        assert refresh(tokens["refresh_token"]).status_int == 200


class TestRole:
    def test_taken_from_a_user_is_gone_at_once(self, api, make_user, db):
        admin = make_user("admin")
        caller = api(admin)
        assert caller.get("/users/").status_int == 200
        admin.is_admin = False
        db.commit()
        assert caller.get("/users/").status_int == 403


class TestNewPassword:
    @staticmethod
    def change(caller, user):
        path = f"/users/{user.id}"
        return caller.patch(
            path,
            [
                {"op": "test", "path": "/current_password", "value": PASSWORD},
                {"op": "replace", "path": "/password", "value": "another battery"},
            ],
        )

    def test_ends_all_grants_but_the_one_that_changed_it(
        self, api, user, sign_in, me, refresh
    ):
        tokens = sign_in()
        caller = api(user)
        assert self.change(caller, user).status_int == 200
        assert me(tokens["access_token"]).status_int == 401
        assert refresh(tokens["refresh_token"]).json == ENDED_GRANT
        assert caller.get("/users/me").status_int == 200

    def test_set_by_an_administrator_ends_all_of_them(self, api, user, make_user):
        admin = api(make_user("admin"))
        caller = api(user)
        assert self.change(admin, user).status_int == 200
        assert caller.get("/users/me").status_int == 401
        assert admin.get("/users/me").status_int == 200

    def test_with_which_the_account_is_deactivated_ends_them_for_ever(
        self, api, make_user, db
    ):
        make_user("admin")
        admin = make_user("admin")
        caller = api(admin)
        patch = [
            {"op": "test", "path": "/current_password", "value": PASSWORD},
            {"op": "replace", "path": "/password", "value": "another battery"},
            {"op": "replace", "path": "/is_active", "value": False},
        ]
        assert caller.patch(f"/users/{admin.id}", patch).status_int == 200
        assert caller.get("/users/me").status_int == 401
        db.refresh(admin)
        admin.is_active = True
        db.commit()
        assert caller.get("/users/me").status_int == 401

    def test_wrong_current_one_ends_none(self, api, user):
        caller = api(user)
        response = caller.patch(
            f"/users/{user.id}",
            [
                {"op": "test", "path": "/current_password", "value": "guess"},
                {"op": "replace", "path": "/password", "value": "another battery"},
            ],
        )
        assert response.status_int == 403
        assert caller.get("/users/me").status_int == 200
