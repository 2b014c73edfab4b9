"""The password that a patch needs; the new one that it sets, whose, what that ends."""

import pytest

from apiserver.users.hashing import password_matches
from tests.factories import PASSWORD
from tests.patches import op, replace
from tests.problems import invalid, problem
from tests.settings import SHIPPED
from tests.users.accounts import (
    PERSONAL,
    WRONG,
    change,
    columns,
    detail,
    password_test,
    patch,
)

NEW = "another battery"
SET = replace("password", NEW)
NAME = replace("first_name", "Ada")
ANOTHERS = (
    "Only users themselves set their passwords. To block an account at once, set "
    "is_active to false; operators have the command apiserver set-password."
)
LINK = " POST /users/{}/password-resets/ mails the user a link."


def anothers(user, features=SHIPPED):
    """Return the refusal of a patch of another user's password."""
    link = LINK.format(user.id) if "password_resets" in features.split() else ""
    return problem(403, ANOTHERS + link)


@pytest.fixture
def refused(db, user, path):
    """A function that sees a patch refused, which changes nothing."""

    def check(client, operations, document):
        before = columns(db, user)
        assert client.patch(path, operations).json == document
        assert columns(db, user) == before

    return check


class TestCurrentPassword:
    @pytest.mark.rfc("ASVS", "7.5.1", "L2", "email and password need the password")
    @pytest.mark.rfc("ASVS", "6.2.3", "L1", "a new password needs the current one")
    @pytest.mark.parametrize(
        "operation",
        [replace("email", "a@example.com"), SET, op("test", "/last_name", value="")],
    )
    def test_without_it_nothing_is_changed(self, client, refused, operation):
        sentence = "The patch must begin with a test of it."
        refused(client, [operation], invalid(current_password=sentence))

    @pytest.mark.parametrize(
        "password", ["wrong", PASSWORD + " ", "", "\0", "x" * 5000, None, [PASSWORD]]
    )
    def test_wrong_one_changes_nothing(self, client, refused, password):
        refused(client, [password_test(password), NAME], WRONG)

    def test_is_the_callers_own(self, api, admin, user, path):
        client = api(admin)
        change(client, admin, SET)
        assert client.patch(path, [password_test(PASSWORD), NAME]).json == WRONG
        answer = client.patch(path, [password_test(NEW), NAME])
        assert answer.json == detail(user, first_name="Ada")

    def test_is_checked_before_values_and_tests(self, client, path):
        guess = password_test("wrong")
        for later in (replace("email", "none"), op("test", "/first_name", value="x")):
            assert client.patch(path, [guess, later]).json == WRONG


class TestNewPassword:
    @pytest.mark.rfc("ASVS", "8.2.3", "L2", "what can't be read can't be tested either")
    @pytest.mark.parametrize(
        ("name", "operation"),
        [
            ("password", op("test", "/password", value=PASSWORD)),
            ("password", op("copy", "/first_name", source="/password")),
            ("current_password", op("copy", "/first_name", source="/current_password")),
        ],
    )
    def test_can_not_be_asked_for(self, client, user, name, operation):
        answer = change(client, user, operation)
        assert answer.json == invalid(**{"1": f"The field {name} can't be read."})

    def test_is_stored_as_argon2id(self, client, db, user, path):
        assert change(client, user, SET).json == detail(user)
        db.refresh(user)
        assert user.password_digest.startswith("$argon2id$")
        assert password_matches(user.password_digest, NEW)
        assert client.patch(path, [password_test(), NAME]).json == WRONG
        assert client.patch(path, [password_test(NEW), NAME]).status_int == 200

    def test_can_not_be_copied_from_what_can_be_read(self, client, refused):
        """It would be made of what everybody knows."""
        copied = patch(op("copy", "/password", source="/email"))
        refused(client, copied, invalid(password=PERSONAL))

    @pytest.mark.parametrize("password", [NEW, PASSWORD])
    def test_ends_all_other_grants_but_not_the_callers(
        self, api, make_user, make_client, client, user, password
    ):
        """Those of the user: nothing of anybody else ends."""
        others = [api(user), api(user, scopes=["users:read"])]
        own = make_client(default_scopes=("users:read",))
        bystanders = [api(make_user()), api(client=own, scopes=["users:read"])]
        assert change(client, user, replace("password", password)).status_int == 200
        assert [other.get("/users/me").status_int for other in others] == [401, 401]
        for caller in (client, *bystanders):
            assert caller.get("/users/signup-form").status_int == 200

    @pytest.mark.parametrize("is_refused", [True, False])
    def test_is_all_that_ends_them(self, api, client, make_user, user, is_refused):
        other, taken = api(user), make_user().email
        operations = [replace("email", taken), SET] if is_refused else [NAME]
        status = change(client, user, *operations).status_int
        assert status == (409 if is_refused else 200)
        assert other.get("/users/me").status_int == 200


class TestPasswordOfAnother:
    """Nobody sets it, so that nobody but its user knows it."""

    @pytest.mark.rfc("ASVS", "6.4.6", "L3", "administrators choose no user's password")
    @pytest.mark.parametrize(
        "operations",
        [
            patch(op("remove", "/password")),
            patch(op("copy", "/password", source="/email")),
            patch(replace("password", "short")),
            patch(NAME, SET, replace("is_active", False)),
            patch(op("test", "/first_name", value="x"), SET),
            [password_test("wrong"), SET],
            [SET],
        ],
        ids=str,
    )
    def test_is_not_set(self, api, admin, user, refused, events, operations):
        refused(api(admin), operations, anothers(user))
        assert events() == []

    @pytest.mark.parametrize("callers", ["admin", "internal"])
    @pytest.mark.parametrize(
        "whose", ["regular", "read_only", "inactive", "admin", "internal"]
    )
    def test_is_set_by_nobody_of_nobody(self, api, db, make_user, callers, whose):
        caller, user = make_user(callers), make_user(whose)
        before = columns(db, user)
        assert change(api(caller), user, SET).json == anothers(user)
        assert columns(db, user) == before

    def test_is_not_set_without_links_either(self, shared_app, api, admin, user):
        features = "users teams auth"
        client = api(admin, app=shared_app(features=features))
        assert change(client, user, SET).json == anothers(user, features)

    def test_is_not_set_in_the_name_of_no_user(self, api, make_client, user, refused):
        own = make_client(user, default_scopes=("users:write",))
        said = "Only the user itself and administrators may do this."
        client = api(client=own, scopes=["users:write"])
        refused(client, patch(SET), problem(403, said))

    def test_is_refused_before_anything_is_tried(self, api, admin, user, path):
        """A wrong current password is no attempt: there is nothing to confirm."""
        client = api(admin)
        for _ in range(11):
            assert client.patch(path, [password_test("wrong"), SET]).status_int == 403
        assert change(client, user, NAME).status_int == 200

    def test_is_compared_by_nobody(self, api, admin, user):
        answer = change(api(admin), user, op("test", "/password", value=PASSWORD))
        assert answer.json == invalid(**{"1": "The field password can't be read."})

    @pytest.mark.parametrize("kind", ["admin", "internal"])
    def test_is_not_that_of_the_administrators_own_account(self, api, make_user, kind):
        user = make_user(kind)
        assert change(api(user), user, SET).json == detail(user)

    def test_leaves_the_own_one_to_nobody_who_is_read_only(self, api, make_user):
        user = make_user("read_only")
        said = "Read-only accounts can't change anything."
        assert change(api(user), user, SET).json == problem(403, said)
