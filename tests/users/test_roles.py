"""Roles: who gives and takes them, from when on; the last administrator stays one."""

import pytest

from tests.patches import op, replace
from tests.problems import problem
from tests.users.accounts import columns, detail, patch

ROLES = ["is_active", "is_regular_user", "is_admin"]
LAST = problem(409, "This is the last active administrator.")


class TestGiveAndTake:
    @pytest.mark.parametrize("role", ROLES)
    @pytest.mark.parametrize("kind", ["admin", "internal"])
    def test_administrators_do(self, api, make_user, user, kind, role):
        make_user("admin")
        client = api(make_user(kind))
        for value in (True, False):
            answer = client.patch(f"/users/{user.id}", patch(replace(role, value)))
            assert answer.status_int == 200
            assert answer.json == detail(user, **{role: value})

    @pytest.mark.rfc("ASVS", "8.2.3", "L2", "nobody gives himself a role")
    @pytest.mark.parametrize(
        "operation",
        [
            *(replace(role, value) for role in ROLES for value in (True, False)),
            op("remove", "/is_admin"),
            op("add", "/is_admin", value=True),
            op("copy", "/is_admin", source="/is_active"),
            op("move", "/is_admin", source="/is_active"),
            op("move", "/first_name", source="/is_admin"),
            op("add", "/is_admin/x", value=True),
        ],
    )
    def test_others_do_not(self, api, db, user, operation):
        before = columns(db, user)
        change = patch(replace("first_name", "Ada"), operation)
        answer = api(user).patch(f"/users/{user.id}", change)
        assert answer.status_int == 403
        assert answer.json == problem(403, "Only administrators may change roles.")
        assert columns(db, user) == before

    def test_others_may_test_and_copy_them(self, api, user):
        operations = [
            op("test", "/is_admin", value=False),
            op("copy", "/first_name", source="/is_admin"),
            replace("first_name", "Ada"),
        ]
        answer = api(user).patch(f"/users/{user.id}", patch(*operations))
        assert answer.json == detail(user, first_name="Ada")

    def test_administrator_needs_the_own_password(self, api, db, admin, user):
        before = columns(db, user)
        change = [op("test", "/current_password", value="wrong")]
        change += [replace("is_admin", True)]
        assert api(admin).patch(f"/users/{user.id}", change).status_int == 403
        assert columns(db, user) == before


class TestEffect:
    """A new role holds from the next request on; a lost one takes all tokens along."""

    def test_of_is_admin(self, api, db, admin, user):
        client, path = api(user), f"/users/{user.id}"
        assert client.get("/users/").status_int == 403
        api(admin).patch(path, patch(replace("is_admin", True)))
        assert client.get("/users/").status_int == 200
        api(admin).patch(path, patch(replace("is_admin", False)))
        assert client.get("/users/").status_int == 401
        db.refresh(user)
        assert api(user).get("/users/").status_int == 403

    def test_of_is_regular_user(self, api, db, admin, user):
        client, path = api(user), f"/users/{user.id}"
        api(admin).patch(path, patch(replace("is_regular_user", False)))
        assert client.get("/users/me").status_int == 401
        db.refresh(user)
        client = api(user)
        refused = client.patch(path, patch(replace("first_name", "Ada")))
        assert refused.json == problem(403, "Read-only accounts can't change anything.")
        assert client.get("/users/me").status_int == 200

    def test_a_given_role_ends_no_token(self, api, admin, make_user):
        user = make_user("read_only")
        client, path = api(user), f"/users/{user.id}"
        given = patch(replace("is_regular_user", True), replace("is_admin", True))
        assert api(admin).patch(path, given).status_int == 200
        assert client.get("/users/").status_int == 200

    def test_of_is_active(self, api, admin, user):
        tokens, path = [api(user), api(user)], f"/users/{user.id}"
        api(admin).patch(path, patch(replace("is_active", False)))
        assert [token.get("/users/me").status_int for token in tokens] == [401, 401]

    def test_activation_brings_no_token_back(self, api, db, admin, user):
        client, path = api(user), f"/users/{user.id}"
        for active in (False, True):
            api(admin).patch(path, patch(replace("is_active", active)))
        assert client.get("/users/me").status_int == 401
        db.refresh(user)
        assert api(user).get("/users/me").status_int == 200


class TestLastAdministrator:
    @pytest.mark.parametrize("role", ["is_admin", "is_active"])
    @pytest.mark.parametrize("kind", ["admin", "internal"])
    def test_stays_one(self, api, db, make_user, admin, kind, role):
        make_user("admin", is_active=False)
        caller = admin if kind == "admin" else make_user(kind)
        before = columns(db, admin)
        change = patch(replace("first_name", "Ada"), replace(role, False))
        answer = api(caller).patch(f"/users/{admin.id}", change)
        assert answer.status_int == 409
        assert answer.json == LAST
        assert columns(db, admin) == before
        assert api(admin).get("/users/").status_int == 200

    @pytest.mark.parametrize("role", ["is_admin", "is_active"])
    def test_others_may_go(self, api, make_user, admin, role):
        client = api(admin)
        successor = make_user("admin")
        path = f"/users/{admin.id}"
        assert client.patch(path, patch(replace(role, False))).status_int == 200
        assert client.get("/users/").status_int == 401
        answer = api(successor).patch(
            f"/users/{successor.id}", patch(replace(role, False))
        )
        assert answer.json == LAST

    def test_is_told_by_the_result_not_by_the_operations(self, api, admin):
        there_and_back = [replace("is_admin", False), replace("is_admin", True)]
        answer = api(admin).patch(f"/users/{admin.id}", patch(*there_and_back))
        assert answer.json == detail(admin)

    def test_copy_takes_the_role_too(self, api, make_user):
        admin = make_user("admin", is_regular_user=False)
        change = patch(op("copy", "/is_admin", source="/is_regular_user"))
        answer = api(admin).patch(f"/users/{admin.id}", change)
        assert answer.json == LAST

    def test_need_not_be_there(self, api, make_user):
        user = make_user("inactive")
        answer = api(make_user("internal")).patch(
            f"/users/{user.id}", patch(replace("is_active", True))
        )
        assert answer.json == detail(user, is_active=True)
