"""What the document says of who may call an operation."""

import pytest

from apiserver.core.endpoints import ApiService, returns_nothing
from tests.core.things import ThingCollection, ThingPermission, do, things

FORM = (
    "A form with the same fields is taken, too: `application/x-www-form-urlencoded` or "
    "`multipart/form-data`."
)
ADMINISTRATORS = ["role:admin", "role:internal"]

# Whole descriptions, with the scope, the permission and the roles.
OPERATIONS = {
    ("get", "/teams/"): (
        "**PERMISSIONS:** Every signed-in caller.\n\n"
        "`team:list`: See the list of teams. It needs the scope `teams:read`.",
        "teams:read",
        "team:list",
        ["system.Authenticated", *ADMINISTRATORS],
    ),
    ("post", "/teams/"): (
        f"{FORM}\n\n"
        "**PERMISSIONS:** Every active user and administrators. Read-only accounts "
        "can't.\n\n"
        "`team:create`: Create a team. It needs the scope `teams:write`.",
        "teams:write",
        "team:create",
        ["role:user", *ADMINISTRATORS],
    ),
    ("get", "/teams/{team_id}/members/"): (
        "**PERMISSIONS:** Leaders of the team, members of the team and "
        "administrators.\n\n"
        "`team:read`: See a team and its members. It needs the scope `teams:read`.",
        "teams:read",
        "team:read",
        ["team:leader", "team:member", *ADMINISTRATORS],
    ),
    ("patch", "/teams/{team_id}"): (
        "**PERMISSIONS:** Leaders of the team and administrators. Read-only accounts "
        "can't.\n\n"
        "`team:edit`: Rename a team, change its members. It needs the scope "
        "`teams:write`.",
        "teams:write",
        "team:edit",
        ["team:leader", *ADMINISTRATORS],
    ),
    ("delete", "/teams/{team_id}/members/{user_id}"): (
        "**PERMISSIONS:** The member itself, leaders of the team and administrators. "
        "Read-only accounts can't.\n\n"
        "`team:remove_member`: Remove a member. It needs the scope `teams:write`.",
        "teams:write",
        "team:remove_member",
        ["member:self", "team:leader", *ADMINISTRATORS],
    ),
    ("get", "/users/"): (
        "**PERMISSIONS:** Administrators.\n\n"
        "`user:list`: See the list of users. It needs the scope `users:read`.",
        "users:read",
        "user:list",
        ADMINISTRATORS,
    ),
    ("get", "/users/me"): (
        "**PERMISSIONS:** The user itself and administrators.\n\n"
        "`user:read`: See a user's details. It needs the scope `users:read`.",
        "users:read",
        "user:read",
        ["user:self", *ADMINISTRATORS],
    ),
}


class TestPermissions:
    @pytest.mark.parametrize("where", OPERATIONS, ids=" ".join)
    def test_are_said_in_words_and_for_programs(self, document, where):
        method, path = where
        description, scope, permission, roles = OPERATIONS[where]
        operation = document["paths"][path][method]
        assert operation["description"] == description
        assert operation["x-permission"] == permission
        assert operation["x-roles"] == roles
        assert operation["security"] == [
            {"oauth2_password": [scope]},
            {"oauth2_code": [scope]},
            {"oauth2_application": [scope]},
        ]

    def test_of_a_public_operation_are_anyone(self, document):
        operation = document["paths"]["/users/signup-form"]["get"]
        assert operation["description"] == (
            "**PERMISSIONS:** Anyone, without signing in.\n\n"
            "`user:sign_up`: Sign up as a new user."
        )
        assert operation["x-permission"] == "user:sign_up"
        assert operation["x-roles"] == ["system.Everyone", *ADMINISTRATORS]
        assert operation["security"] == []

    def test_follow_from_the_classes_on_the_path(self, make_core_app):
        document = make_core_app(things).registry.swagger
        path = "/things/{thing_id}/parts/{part_id}"
        who = {
            method: document["paths"][path][method]["x-roles"]
            for method in ("get", "post", "delete")
        }
        assert who == {
            "get": ["thing:owner", *ADMINISTRATORS],
            "post": ["part:keeper", *ADMINISTRATORS],
            "delete": ["thing:owner", *ADMINISTRATORS],
        }

    def test_of_administrators_alone_say_nothing_of_read_only_accounts(
        self, make_core_app
    ):
        def feature(config):
            config.add_scope("things:write", "Change things.")
            config.add_node("things", ThingCollection)
            service = ApiService("things", "/things/")
            service.post(
                # Granted at parts only.
                permission=ThingPermission.POLISH,
                response_schemas={"204": returns_nothing()},
            )(do)
            config.add_cornice_service(service)

        operation = make_core_app(feature).registry.swagger["paths"]["/things/"]["post"]
        assert operation["description"] == (
            "**PERMISSIONS:** Administrators.\n\n"
            "`thing:polish`: Polish a part. It needs the scope `things:write`."
        )


class TestOptions:
    def test_is_for_every_signed_in_caller(self, document):
        operation = document["paths"]["/teams/{team_id}"]["options"]
        assert operation["summary"] == "See which methods one may use here."
        assert operation["description"] == "**PERMISSIONS:** Every signed-in caller."
        assert operation["x-roles"] == ["system.Authenticated"]
        assert operation["security"] == [
            {"oauth2_password": []},
            {"oauth2_code": []},
            {"oauth2_application": []},
        ]
        assert "x-permission" not in operation

    def test_is_for_anyone_where_a_public_method_is(self, document):
        operation = document["paths"]["/users/"]["options"]
        assert operation["description"] == (
            "**PERMISSIONS:** Anyone, without signing in."
        )
        assert operation["x-roles"] == ["system.Everyone"]
        assert operation["security"] == []


class TestText:
    def test_summary_is_the_first_line_of_the_docstring(self, document):
        operation = document["paths"]["/users/{user_id}"]["patch"]
        assert operation["summary"] == "Change a user's details and password."

    def test_lines_of_a_paragraph_are_joined(self, document):
        description = document["paths"]["/users/{user_id}"]["patch"]["description"]
        assert description == (
            "Every change needs a preceding `test` of `/current_password`: the "
            "caller's own password. A new password ends all other sessions and grants "
            "of the user. Only administrators change `/is_active`, `/is_regular_user` "
            "and `/is_admin`. A patch of no operations changes nothing and needs no "
            "password.\n\n"
            "**PERMISSIONS:** The user itself and administrators. Read-only accounts "
            "can't.\n\n"
            "`user:edit`: Change a user's details and password. It needs the scope "
            "`users:write`."
        )
