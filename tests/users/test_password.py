"""The password that a patch needs; the new one that it sets, whose, what that ends."""

import pytest

from apiserver.users.hashing import password_matches
from tests.factories import PASSWORD
from tests.patches import op, replace
from tests.problems import invalid, problem
from tests.settings import SHIPPED
from tests.users.accounts import columns, detail, password_test, patch

WRONG = problem(403, "The current password is incorrect.")
NEW = "another battery"
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
def client(api, user):
    return api(user)


@pytest.fixture
def path(user):
    return f"/users/{user.id}"


class TestCurrentPassword:
    @pytest.mark.rfc("ASVS", "7.5.1", "L2", "email and password need the password")
    @pytest.mark.rfc("ASVS", "6.2.3", "L1", "a new password needs the current one")
    @pytest.mark.parametrize(
        "operation",
        [
            replace("first_name", "Ada"),
            replace("email", "ada@example.com"),
            replace("password", NEW),
            op("test", "/last_name", value=""),
        ],
    )
    def test_without_it_nothing_is_changed(self, client, db, user, path, operation):
        before = columns(db, user)
        answer = client.patch(path, [operation])
        assert answer.status_int == 422
        assert answer.json == invalid(
            current_password="The patch must begin with a test of it."
        )
        assert columns(db, user) == before

    @pytest.mark.parametrize(
        "password",
        [
            *("wrong", PASSWORD.upper(), PASSWORD + " ", "", "\0", "x" * 5000),
            *(None, 1, True, [PASSWORD], {"password": PASSWORD}),
        ],
    )
    def test_wrong_one_changes_nothing(self, client, db, user, path, password):
        before = columns(db, user)
        change = [password_test(password), replace("first_name", "Ada")]
        answer = client.patch(path, change)
        assert answer.status_int == 403
        assert answer.json == WRONG
        assert columns(db, user) == before

    @pytest.mark.parametrize(
        "operations",
        [
            [replace("first_name", "Ada"), password_test()],
            [password_test(), replace("first_name", "Ada"), password_test()],
            [password_test("wrong"), password_test(), replace("first_name", "Ada")],
            [password_test(), password_test(), replace("first_name", "Ada")],
        ],
    )
    def test_stands_before_the_changes_and_once(
        self, client, db, user, path, operations
    ):
        before = columns(db, user)
        answer = client.patch(path, operations)
        assert answer.status_int == 422
        (error,) = answer.json["errors"]
        assert error["description"] == (
            "The test of current_password must come first, and only once."
        )
        assert columns(db, user) == before

    def test_other_tests_may_stand_before_it(self, client, user, path):
        operations = [
            op("test", "/first_name", value=""),
            password_test(),
            replace("first_name", "Ada"),
        ]
        answer = client.patch(path, operations)
        assert answer.status_int == 200
        assert answer.json == detail(user, first_name="Ada")

    def test_is_the_callers_own(self, api, make_user, user, path):
        admin = make_user("admin")
        client = api(admin)
        client.patch(f"/users/{admin.id}", patch(replace("password", NEW)))

        change = replace("first_name", "Ada")
        answer = client.patch(path, [password_test(PASSWORD), change])
        assert answer.json == WRONG
        answer = client.patch(path, [password_test(NEW), change])
        assert answer.json == detail(user, first_name="Ada")

    def test_is_checked_before_values_and_tests(self, client, path):
        for operation in (
            replace("email", "none"),
            op("test", "/first_name", value="x"),
        ):
            answer = client.patch(path, [password_test("wrong"), operation])
            assert answer.json == WRONG


class TestNewPassword:
    @pytest.mark.rfc("ASVS", "8.2.3", "L2", "what can't be read can't be tested either")
    @pytest.mark.parametrize(
        "operation",
        [
            op("test", "/password", value=PASSWORD),
            op("copy", "/first_name", source="/password"),
            op("move", "/first_name", source="/password"),
            op("copy", "/first_name", source="/current_password"),
        ],
        ids=str,
    )
    def test_can_not_be_asked_for(self, client, path, operation):
        field = operation.get("from", operation["path"]).removeprefix("/")
        answer = client.patch(path, patch(operation))
        assert answer.status_int == 422
        assert answer.json == invalid(**{"1": f"The field {field} can't be read."})

    def test_is_stored_as_argon2id(self, client, db, user, path):
        answer = client.patch(path, patch(replace("password", NEW)))
        assert answer.status_int == 200
        assert answer.json == detail(user)
        db.refresh(user)
        assert user.password_digest.startswith("$argon2id$")
        assert password_matches(user.password_digest, NEW)
        assert not password_matches(user.password_digest, PASSWORD)

    def test_is_needed_from_now_on(self, client, path):
        client.patch(path, patch(replace("password", NEW)))
        change = replace("first_name", "Ada")
        assert client.patch(path, [password_test(), change]).json == WRONG
        assert client.patch(path, [password_test(NEW), change]).status_int == 200

    def test_can_not_be_copied_from_what_can_be_read(self, client, path):
        """It would be made of what everybody knows."""
        copied = op("copy", "/password", source="/email")
        answer = client.patch(path, patch(copied))
        assert answer.status_int == 422
        assert answer.json == invalid(
            password="Must not contain your username, names or email address."
        )

    def test_ends_all_other_grants_but_not_the_callers(self, api, client, user, path):
        others = [api(user), api(user, scopes=["users:read"])]
        assert client.patch(path, patch(replace("password", NEW))).status_int == 200
        assert [other.get("/users/me").status_int for other in others] == [401, 401]
        assert client.get("/users/me").status_int == 200

    def test_ends_nothing_of_anybody_else(
        self, api, make_user, make_client, client, path
    ):
        own_client = make_client(default_scopes=("teams:read",))
        bystanders = [api(make_user()), api(client=own_client, scopes=["teams:read"])]
        client.patch(path, patch(replace("password", NEW)))
        assert [b.get("/teams/").status_int for b in bystanders] == [200, 200]

    def test_same_password_again_ends_the_others_too(self, api, client, user, path):
        other = api(user)
        client.patch(path, patch(replace("password", PASSWORD)))
        assert other.get("/users/me").status_int == 401

    def test_other_changes_end_nothing(self, api, client, user, path):
        other = api(user)
        client.patch(path, patch(replace("email", "new@example.com")))
        assert other.get("/users/me").status_int == 200

    def test_refused_patch_ends_nothing(self, api, client, make_user, user, path):
        other = api(user)
        taken = replace("email", make_user().email)
        answer = client.patch(path, patch(replace("password", NEW), taken))
        assert answer.status_int == 409
        assert other.get("/users/me").status_int == 200


class TestPasswordOfAnother:
    """Nobody sets it, so that nobody but its user knows it."""

    @pytest.mark.rfc("ASVS", "6.4.6", "L3", "administrators choose no user's password")
    @pytest.mark.parametrize(
        "operations",
        [
            patch(replace("password", NEW)),
            patch(op("add", "/password", value=NEW)),
            patch(op("remove", "/password")),
            patch(op("copy", "/password", source="/email")),
            patch(op("move", "/password", source="/first_name")),
            patch(replace("password/0", NEW)),
            patch(replace("password", "short")),
            patch(replace("password", PASSWORD)),
            patch(replace("first_name", "Ada"), replace("password", NEW)),
            patch(replace("password", NEW), replace("is_active", False)),
            patch(op("test", "/first_name", value="x"), replace("password", NEW)),
            [password_test("wrong"), replace("password", NEW)],
            [replace("password", NEW)],
        ],
        ids=str,
    )
    def test_is_not_set(self, api, db, make_user, user, path, events, operations):
        before = columns(db, user)
        answer = api(make_user("admin")).patch(path, operations)
        assert answer.status_int == 403
        assert answer.json == anothers(user)
        assert (columns(db, user), events()) == (before, [])

    @pytest.mark.parametrize("callers", ["admin", "internal"])
    @pytest.mark.parametrize(
        "whose", ["regular", "read_only", "inactive", "admin", "internal"]
    )
    def test_is_set_by_nobody_of_nobody(self, api, db, make_user, callers, whose):
        caller, user = make_user(callers), make_user(whose)
        before = columns(db, user)
        change = patch(replace("password", NEW))
        answer = api(caller).patch(f"/users/{user.id}", change)
        assert (answer.status_int, answer.json) == (403, anothers(user))
        assert columns(db, user) == before

    def test_is_not_set_without_links_either(self, shared_app, api, make_user, user):
        features = "users teams auth"
        admin = api(make_user("admin"), app=shared_app(features=features))
        answer = admin.patch(f"/users/{user.id}", patch(replace("password", NEW)))
        assert answer.status_int == 403
        assert answer.json == anothers(user, features)

    def test_is_not_set_in_the_name_of_no_user(self, api, db, make_client, user, path):
        own = make_client(user, default_scopes=("users:write",))
        before = columns(db, user)
        answer = api(client=own, scopes=["users:write"]).patch(
            path, patch(replace("password", NEW))
        )
        said = "Only the user itself and administrators may do this."
        assert (answer.status_int, answer.json) == (403, problem(403, said))
        assert columns(db, user) == before

    def test_is_refused_before_anything_is_tried(self, api, db, make_user, path):
        """A wrong current password is no attempt: there is nothing to confirm."""
        admin = api(make_user("admin"))
        change = [password_test("wrong"), replace("password", NEW)]
        for _ in range(11):
            assert admin.patch(path, change).status_int == 403
        answer = admin.patch(path, patch(replace("first_name", "Ada")))
        assert answer.status_int == 200

    def test_is_compared_by_nobody(self, api, make_user, path):
        change = patch(op("test", "/password", value=PASSWORD))
        answer = api(make_user("admin")).patch(path, change)
        assert answer.status_int == 422
        assert answer.json == invalid(**{"1": "The field password can't be read."})

    @pytest.mark.parametrize("kind", ["admin", "internal"])
    def test_is_not_that_of_the_administrators_own_account(self, api, make_user, kind):
        user = make_user(kind)
        client, path = api(user), f"/users/{user.id}"
        assert client.patch(path, patch(replace("password", NEW))).status_int == 200
        change = [password_test(NEW), replace("first_name", "Ada")]
        assert client.patch(path, change).json == detail(user, first_name="Ada")

    def test_leaves_other_changes_to_administrators(self, api, make_user, user, path):
        change = patch(replace("first_name", "Ada"), replace("is_admin", True))
        answer = api(make_user("admin")).patch(path, change)
        assert answer.json == detail(user, first_name="Ada", is_admin=True)

    def test_leaves_the_own_one_to_nobody_who_is_read_only(self, api, make_user):
        user = make_user("read_only")
        change = patch(replace("password", NEW))
        answer = api(user).patch(f"/users/{user.id}", change)
        said = "Read-only accounts can't change anything."
        assert (answer.status_int, answer.json) == (403, problem(403, said))
