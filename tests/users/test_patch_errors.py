"""``PATCH /users/{user_id}``: what is refused, without a trace in the database."""

import pytest

from tests.patches import op, replace
from tests.problems import invalid, problem
from tests.users.accounts import columns, patch

FIELDS = (
    "/first_name, /middle_name, /last_name, /email, /password, /is_active, "
    "/is_regular_user, /is_admin, /current_password"
)


@pytest.fixture
def user(make_user):
    return make_user(first_name="Ada")


class TestRefusedOperations:
    """After a change that would be fine: nothing of the patch may be stored."""

    @pytest.mark.parametrize(
        ("operation", "description"),
        [
            *(
                (op("replace", path, value="x"), f"No field at {path!r}. Fields are ")
                for path in (
                    *("", "/", "first_name", "/First_name", "/first_name~2"),
                    *("/id", "/username", "/is_internal", "/password_digest"),
                    *("/created", "/epoch", "/canonical_email", "/recaptcha_key"),
                )
            ),
            (op("copy", "/last_name", source="/username"), "No field at '/username'"),
            (op("copy", "/last_name", source="/password"), "The field password can't"),
            (op("move", "/last_name", source="/password"), "The field password can't"),
            (op("test", "/password", value="x"), "The field password can't be read."),
            (op("test", "/password/0", value="x"), "The field password can't be read."),
            (
                op("copy", "/last_name", source="/current_password"),
                "The field current_password can't be read.",
            ),
            *(
                (op(name, "/current_password", value="x", source="/first_name"), text)
                for text in ["The field current_password can only be tested."]
                for name in ("add", "replace", "remove", "move", "copy")
            ),
            (op("test", "/first_name"), "The test needs a value."),
            (op("replace", "/first_name"), "The replace needs a value."),
            (op("copy", "/first_name"), "The copy needs a from."),
            (op("move", "/first_name", source=None), "The move needs a from."),
            ({"op": "remove"}, "The remove needs a path."),
            ({"op": "remove", "path": 1}, "The remove needs a path."),
            (op("delete", "/first_name"), "Must be an object with an op of "),
            (op(["add"], "/first_name", value="x"), "Must be an object with an op of "),
            ({}, "Must be an object with an op of "),
            ([], "Must be an object with an op of "),
            (None, "Must be an object with an op of "),
            (op("add", "/first_name/0", value="x"), "Can't be applied: there is "),
            (op("replace", "/email/x/y", value="x"), "Can't be applied: there is "),
            (op("remove", "/last_name/0"), "Can't be applied: there is "),
            (op("add", "/password/0", value="x"), "Can't be applied: there is "),
        ],
    )
    def test_malformed_operation(self, api, db, user, operation, description):
        before = columns(db, user)
        change = patch(replace("first_name", "Grace"), operation)
        answer = api(user).patch(f"/users/{user.id}", change)
        assert answer.status_int == 422
        (error,) = answer.json["errors"]
        assert (error["location"], error["name"]) == ("body", "2")
        assert error["description"].startswith(description)
        assert columns(db, user) == before

    def test_fields_are_named(self, api, user):
        change = patch(replace("username", "root"))
        answer = api(user).patch(f"/users/{user.id}", change)
        assert answer.json == invalid(
            **{"1": f"No field at '/username'. Fields are {FIELDS}."}
        )

    @pytest.mark.parametrize(
        ("operation", "errors"),
        [
            (
                replace("first_name", "x" * 31),
                {"first_name": "Must be at most 30 long."},
            ),
            (replace("last_name", None), {"last_name": "Must be a string."}),
            (
                replace("last_name", "a\0"),
                {"last_name": "Must not hold control characters."},
            ),
            (replace("email", "ada"), {"email": "Must be an email address."}),
            (replace("password", ""), {"password": "Must be at least 12 long."}),
            (replace("password", 1), {"password": "Must be a string."}),
            (op("remove", "/email"), {"email": "Is required."}),
            (op("remove", "/password"), {"password": "Is required."}),
            (
                op("move", "/first_name", source="/email"),
                {"email": "Is required."},
            ),
        ],
    )
    def test_invalid_result(self, api, db, user, operation, errors):
        before = columns(db, user)
        change = patch(replace("first_name", "Grace"), operation)
        answer = api(user).patch(f"/users/{user.id}", change)
        assert answer.status_int == 422
        assert answer.json == invalid(**errors)
        assert columns(db, user) == before

    @pytest.mark.parametrize("value", ["Ada", "GRACE", "Grace ", None, 0, [], {}])
    def test_failing_test(self, api, db, user, value):
        before = columns(db, user)
        operations = [
            replace("first_name", "Grace"),
            op("test", "/first_name", value=value),
        ]
        answer = api(user).patch(f"/users/{user.id}", patch(*operations))
        assert answer.status_int == 409
        assert answer.json == problem(
            409, "The test of operation 2 failed; nothing was changed."
        )
        assert columns(db, user) == before

    @pytest.mark.parametrize("value", [1, 1.0, "true", None])
    def test_true_is_nothing_but_true(self, api, user, value):
        operation = op("test", "/is_active", value=value)
        answer = api(user).patch(f"/users/{user.id}", patch(operation))
        assert answer.status_int == 409


class TestRefusedBodies:
    @pytest.mark.parametrize("body", [{}, None, "x", [replace("email", "")] * 101])
    def test_not_up_to_100_operations(self, api, user, body):
        answer = api(user).patch(f"/users/{user.id}", body)
        assert answer.status_int == 422
        assert answer.json == invalid(**{"": "Must be a list of up to 100 operations."})

    def test_document_does_not_grow_without_bounds(self, api, user):
        nest = [op("add", "/first_name", value={"x": "x"})]
        nest += [
            op("copy", f"/first_name/{number}", source="/first_name")
            for number in range(90)
        ]
        answer = api(user).patch(f"/users/{user.id}", patch(*nest))
        assert answer.status_int == 422
        assert (
            answer.json["errors"][0]["description"] == "Makes the document too large."
        )

    @pytest.mark.parametrize(
        "content_type", [None, "text/plain", "application/x-www-form-urlencoded"]
    )
    def test_other_media_types_are_415(self, api, user, content_type):
        answer = api(user).patch(
            f"/users/{user.id}", body=b"[]", content_type=content_type
        )
        assert answer.status_int == 415
        assert answer.headers["Accept-Patch"] == (
            "application/json-patch+json, application/json"
        )
        assert answer.json == problem(415)
