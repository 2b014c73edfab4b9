"""Roles: who gives and takes them, from when on; the last administrator stays one."""

import pytest

from tests.patches import op, replace
from tests.problems import problem
from tests.users.accounts import (
    WRONG,
    change,
    columns,
    detail,
    password_test,
)

ROLES = ["is_active", "is_regular_user", "is_admin"]
LAST = problem(409, "This is the last active administrator.")
NAME = replace("first_name", "Ada")


class TestGiveAndTake:
    @pytest.mark.parametrize("role", ROLES)
    @pytest.mark.parametrize("kind", ["admin", "internal"])
    def test_administrators_do(self, api, make_user, admin, user, kind, role):
        client = api(make_user(kind))
        for value in (True, False):
            answer = change(client, user, replace(role, value))
            assert answer.json == detail(user, **{role: value})

    @pytest.mark.rfc("ASVS", "8.2.3", "L2", "nobody gives himself a role")
    @pytest.mark.parametrize(
        "operation",
        [
            *(replace(role, value) for role in ROLES for value in (True, False)),
            op("remove", "/is_admin"),
            op("copy", "/is_admin", source="/is_active"),
            op("move", "/first_name", source="/is_admin"),
            op("add", "/is_admin/x", value=True),
        ],
    )
    def test_others_do_not(self, client, db, user, operation):
        before = columns(db, user)
        refused = problem(403, "Only administrators may change roles.")
        assert change(client, user, NAME, operation).json == refused
        assert columns(db, user) == before

    def test_others_may_test_and_copy_them(self, client, user):
        test = op("test", "/is_admin", value=False)
        copy = op("copy", "/first_name", source="/is_admin")
        answer = change(client, user, test, copy, NAME)
        assert answer.json == detail(user, first_name="Ada")

    def test_administrator_needs_the_own_password(self, api, db, admin, user, path):
        before = columns(db, user)
        operations = [password_test("wrong"), replace("is_admin", True)]
        assert api(admin).patch(path, operations).json == WRONG
        assert columns(db, user) == before


class TestEffect:
    """A new role holds from the next request on; a lost one takes all tokens along."""

    @pytest.fixture
    def give(self, api, db, admin, user):
        """A function by which an administrator gives the user roles, or takes them."""

        def call(**roles):
            operations = [replace(name, value) for name, value in roles.items()]
            assert change(api(admin), user, *operations).status_int == 200
            db.refresh(user)

        return call

    def test_of_is_admin(self, api, client, user, give):
        statuses = [client.get("/users/").status_int]
        for value in (True, False):
            give(is_admin=value)
            statuses.append(client.get("/users/").status_int)
        assert statuses == [403, 200, 401]
        assert api(user).get("/users/").status_int == 403

    def test_of_is_regular_user(self, api, client, user, give):
        give(is_regular_user=False)
        assert client.get("/users/me").status_int == 401
        refused = problem(403, "Read-only accounts can't change anything.")
        assert change(api(user), user, NAME).json == refused
        again = api(user)
        give(is_regular_user=True, is_admin=True)
        # A given one ends no token.
        assert again.get("/users/").status_int == 200

    def test_activation_brings_no_token_back(self, api, client, user, give):
        other = api(user)
        for value in (False, True):
            give(is_active=value)
            for each in (client, other):
                assert each.get("/users/me").status_int == 401
        assert api(user).get("/users/me").status_int == 200


class TestLastAdministrator:
    @pytest.mark.parametrize("role", ["is_admin", "is_active"])
    @pytest.mark.parametrize("kind", ["admin", "internal"])
    def test_stays_one(self, api, db, make_user, admin, kind, role):
        make_user("admin", is_active=False)
        caller = admin if kind == "admin" else make_user(kind)
        before = columns(db, admin)
        assert change(api(caller), admin, NAME, replace(role, False)).json == LAST
        assert columns(db, admin) == before
        assert api(admin).get("/users/").status_int == 200

    @pytest.mark.parametrize("role", ["is_admin", "is_active"])
    def test_others_may_go(self, api, make_user, admin, role):
        successor = make_user("admin")
        assert change(api(admin), admin, replace(role, False)).status_int == 200
        assert change(api(successor), successor, replace(role, False)).json == LAST

    def test_is_told_by_the_result_not_by_the_operations(self, api, make_user, admin):
        there_and_back = [replace("is_admin", False), replace("is_admin", True)]
        assert change(api(admin), admin, *there_and_back).json == detail(admin)
        admin.is_regular_user = False
        copied = op("copy", "/is_admin", source="/is_regular_user")
        assert change(api(admin), admin, copied).json == LAST

    def test_need_not_be_there(self, api, make_user):
        user = make_user("inactive")
        answer = change(api(make_user("internal")), user, replace("is_active", True))
        assert answer.json == detail(user, is_active=True)
