"""What ends a grant: at once, for its access and its refresh token."""

import pytest

from tests.factories import PASSWORD
from tests.oauth_errors import ENDED_GRANT, INVALID_CLIENT, UNKNOWN_REFRESH
from tests.patches import replace
from tests.users.accounts import patch

rfc = pytest.mark.rfc

# What happens to client or user, and how the refresh token is answered then.
ENDS = [
    ("client", {"enabled": False}, INVALID_CLIENT),
    ("client", {"epoch": 1}, ENDED_GRANT),
    ("client", None, INVALID_CLIENT),
    ("user", {"is_active": False}, ENDED_GRANT),
    ("user", {"epoch": 1}, ENDED_GRANT),
    ("user", None, UNKNOWN_REFRESH),
]


class TestEndOfGrants:
    @rfc("ASVS", "8.3.2", "L3", "who loses a right has lost it with the next request")
    @pytest.mark.parametrize(("whose", "columns", "document"), ENDS, ids=str)
    def test_is_for_both_tokens(
        self, sign_in, me, refresh, client, user, db, whose, columns, document
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
        response = refresh(tokens["refresh_token"])
        status = 401 if document == INVALID_CLIENT else 400
        assert (response.status_int, response.json) == (status, document)

    @pytest.mark.parametrize("whose", ["client", "user"])
    def test_is_not_for_what_is_granted_afterwards(
        self, sign_in, live, client, user, db, whose
    ):
        owner = {"client": client, "user": user}[whose]
        owner.epoch += 1
        db.commit()
        assert live(sign_in()) == [True, True]


class TestNewPassword:
    CHANGE = patch(replace("password", "another battery"))

    def change(self, caller, user):
        return caller.patch(f"/users/{user.id}", self.CHANGE)

    def test_with_which_the_account_is_deactivated_ends_them_for_ever(
        self, api, make_user, db
    ):
        make_user("admin")
        admin = make_user("admin")
        caller = api(admin)
        change = [*self.CHANGE, replace("is_active", False)]
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
