"""What the document says once for all operations, under names of its own."""

from apiserver.core.openapi import to_openapi31
from tests.core.things import things

PROBLEM = {"$ref": "#/definitions/Problem"}


class TestPermissions:
    def test_are_those_that_operations_ask_for(self, document):
        asked = {
            operation["x-permission"]
            for item in document["paths"].values()
            for method, operation in item.items()
            if method not in {"parameters", "options"}
        }
        assert list(document["x-permissions"]) == sorted(asked)

    def test_say_what_they_need(self, document):
        permissions = document["x-permissions"]
        assert permissions["team:edit"] == {
            "description": "Rename a team, change its members.",
            "scopes": ["teams:write"],
            "writes": True,
        }
        assert permissions["team:read"]["writes"] is False
        assert permissions["user:sign_up"]["scopes"] == []


class TestRoles:
    def test_say_where_they_are_held(self, document):
        roles = document["x-roles"]
        assert roles["role:admin"] == {"description": "administrators"}
        assert roles["team:leader"] == {
            "description": "leaders of the team",
            "at": ["/teams/{team_id}"],
        }
        assert roles["member:self"]["at"] == ["/teams/{team_id}/members/{user_id}"]
        assert roles["user:self"]["at"] == ["/users/me", "/users/{user_id}"]

    def test_are_those_of_the_operations(self, document):
        named = {
            role
            for item in document["paths"].values()
            for method, operation in item.items()
            if method != "parameters"
            for role in operation["x-roles"]
        }
        assert list(document["x-roles"]) == sorted(named)

    def test_follow_from_the_classes_on_the_path(self, make_core_app):
        roles = make_core_app(things).registry.swagger["x-roles"]
        # The thing knows the role, too, but grants it nothing.
        assert roles["part:keeper"]["at"] == ["/things/{thing_id}/parts/{part_id}"]


class TestHeaders:
    def test_of_every_answer(self, document):
        headers = document["x-headers"]
        required = {name for name in headers if headers[name].get("x-required")}
        assert required == {
            "X-Request-Id",
            "Cache-Control",
            "Content-Security-Policy",
            "Referrer-Policy",
            "X-Content-Type-Options",
        }
        assert headers.keys() - required == {
            "Vary",
            "Access-Control-Allow-Origin",
            "Access-Control-Expose-Headers",
        }

    def test_are_required_in_the_words_of_openapi_31(self, document):
        headers = to_openapi31(document)["x-headers"]
        assert headers["X-Request-Id"] == {
            "description": "Identifies the request in the logs.",
            "required": True,
            "schema": {"type": "string"},
        }
        assert "required" not in headers["Vary"]


class TestAnswersOfNoOperation:
    def test_are_problems_where_something_is_wrong(self, document):
        answers = document["x-responses"]
        assert list(answers) == ["204", "308", "400", "404", "405", "413"]
        assert {status for status in answers if "schema" in answers[status]} == {
            "400",
            "404",
            "405",
            "413",
        }
        assert answers["404"]["description"] == "There is nothing at this path."
        assert answers["404"]["schema"] == PROBLEM
        assert answers["405"]["headers"]["Allow"]["x-required"]

    def test_have_the_form_of_openapi_31(self, document):
        answers = to_openapi31(document)["x-responses"]
        assert list(answers["413"]["content"]) == ["application/problem+json"]
