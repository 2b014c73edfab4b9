"""What the document says of errors: in whose words, with which headers and examples."""

import pytest

from tests.problems import problem

PROBLEM = {"$ref": "#/definitions/Problem"}
BEARER = 'Bearer realm="apiserver"'
REQUEST_ID = "f83069ea22354339b167c287f35dae27"


LACKING = {
    "type": "string",
    "description": "If the token lacks the scope (RFC 6750 section 3.1).",
}


def challenge(example):
    return {
        "WWW-Authenticate": {
            "type": "string",
            "description": "The challenge (RFC 6750 section 3).",
            "x-example": example,
            "x-required": True,
        }
    }


def example(status, detail, **members):
    return {**problem(status, detail, **members), "request_id": REQUEST_ID}


def examples(answer):
    """Return the sentences of the examples by the names of the errors."""
    return {name: body["detail"] for name, body in answer["x-examples"].items()}


@pytest.fixture(scope="module")
def answers(document):
    """A function that returns what an operation can answer."""
    return lambda method, path: document["paths"][path][method]["responses"]


class TestErrors:
    def test_of_a_view_are_said_in_their_own_words(self, answers):
        found = answers("post", "/teams/{team_id}/members/")
        assert found["404"] == {
            "description": "One of these:\n\n"
            "* There is no such object.\n"
            "* There is no such user.",
            "schema": PROBLEM,
            "examples": {
                "application/problem+json": example(404, "There is no such object.")
            },
            "x-examples": {
                "NoSuchObject": example(404, "There is no such object."),
                "NoSuchUser": example(404, "There is no such user."),
            },
        }

    def test_of_a_conflict_name_the_field(self, answers):
        text = "The user is a member of the team already."
        field = {"location": "body", "name": "user_id", "description": text}
        assert answers("post", "/teams/{team_id}/members/")["409"] == {
            "description": text,
            "schema": PROBLEM,
            "examples": {
                "application/problem+json": example(409, text, errors=[field])
            },
        }

    def test_of_a_failed_test_are_there_without_a_word_of_the_view(self, answers):
        assert answers("patch", "/teams/{team_id}")["409"]["description"] == (
            "The test of operation 0 failed; nothing was changed."
        )

    def test_forbidden_names_the_scope_and_who_may(self, answers):
        forbidden = answers("patch", "/users/{user_id}")["403"]
        assert examples(forbidden) == {
            "InsufficientScope": "The token needs the scope users:write.",
            "ReadOnlyAccount": "Read-only accounts can't change anything.",
            "NotGranted": "Only for the user itself and administrators.",
            "WrongPassword": "The current password is wrong.",
            "RolesRefused": "Only administrators give and take roles.",
        }
        challenge = f'{BEARER}, error="insufficient_scope", scope="users:write"'
        assert forbidden["headers"] == {
            "WWW-Authenticate": {**LACKING, "x-example": challenge}
        }

    def test_forbidden_for_the_scope_alone_always_challenges(self, answers):
        assert answers("get", "/teams/")["403"]["headers"] == challenge(
            f'{BEARER}, error="insufficient_scope", scope="teams:read"'
        )

    def test_forbidden_without_a_scope_challenges_nobody(self, answers):
        forbidden = answers("post", "/users/")["403"]
        assert "headers" not in forbidden
        assert examples(forbidden) == {
            "CaptchaFailed": "The captcha was not solved.",
            "SignupClosed": "Sign-up is closed; ask an administrator.",
        }

    def test_without_a_token_challenge(self, answers):
        refused = answers("get", "/teams/")["401"]
        assert refused["description"] == (
            "There is no access token, or one that is not valid."
        )
        assert refused["headers"] == challenge(BEARER)
        assert examples(refused) == {
            "Unauthenticated": "Sign in: this needs an access token.",
            "InvalidToken": "The token is not valid.",
        }

    def test_of_a_public_operation_need_no_token(self, answers):
        assert answers("post", "/users/")["401"] == {
            "description": "The access token is not valid; none is needed.",
            "schema": PROBLEM,
            "headers": challenge(
                f'{BEARER}, error="invalid_token", '
                'error_description="The token is not valid."'
            ),
            "examples": {
                "application/problem+json": example(401, "The token is not valid.")
            },
        }

    def test_of_a_wrong_value_are_those_of_its_validation(self, answers):
        text = "Must be at least 1."
        wrong = {"location": "querystring", "name": "limit", "description": text}
        assert answers("get", "/teams/")["422"]["examples"] == {
            "application/problem+json": example(
                422, "Some values are not acceptable.", errors=[wrong]
            )
        }

    def test_of_a_patch_are_those_of_its_first_field(self, answers):
        text = "Must be at least 3 long."
        wrong = {"location": "body", "name": "title", "description": text}
        body = answers("patch", "/teams/{team_id}")["422"]["examples"]
        assert body["application/problem+json"]["errors"] == [wrong]

    def test_say_when_to_try_again(self, answers):
        found = answers("patch", "/users/{user_id}")
        assert found["429"]["headers"]["Retry-After"]["x-example"] == "540"
        assert found["503"]["headers"]["Retry-After"]["x-example"] == "5"

    def test_of_another_media_type_name_those_that_are_taken(self, answers):
        found = answers("patch", "/teams/{team_id}")["415"]
        assert found["headers"]["Accept-Patch"]["x-example"] == (
            "application/json-patch+json, application/json"
        )

    def test_are_problem_documents(self, document):
        problem = document["definitions"]["Problem"]
        assert problem["required"] == [
            "type",
            "title",
            "status",
            "detail",
            "request_id",
        ]
        items = problem["properties"]["errors"]["items"]
        assert items == {"$ref": "#/definitions/ProblemError"}
        error = document["definitions"]["ProblemError"]
        assert error["required"] == ["location", "name", "description"]
        assert document["paths"]["/teams/"]["get"]["produces"] == [
            "application/json",
            "application/problem+json",
        ]
