"""What the document says of errors: in whose words, with which headers."""

PROBLEM = {"$ref": "#/definitions/Problem"}
CHALLENGE = {
    "WWW-Authenticate": {
        "type": "string",
        "description": "The challenge (RFC 6750 section 3).",
    }
}


class TestErrors:
    def test_of_a_view_are_said_in_its_words(self, document):
        path = "/teams/{team_id}/members/"
        answers = document["paths"][path]["post"]["responses"]
        assert answers["404"]["description"] == "There is no such team or user."
        assert answers["409"]["description"] == "A member already."

    def test_of_a_failed_test_are_there_without_a_word_of_the_view(self, document):
        answers = document["paths"]["/teams/{team_id}"]["patch"]["responses"]
        assert answers["409"]["description"] == (
            "A `test` of the patch failed; nothing was changed."
        )

    def test_forbidden_keeps_the_reasons_that_are_not_the_views(self, document):
        answers = document["paths"]["/users/{user_id}"]["patch"]["responses"]
        assert answers["403"] == {
            "description": "The current password is wrong. Or: The token lacks the "
            "scope, or the caller may not do this.",
            "schema": PROBLEM,
            "headers": CHALLENGE,
        }

    def test_of_a_public_operation_need_no_token(self, document):
        answers = document["paths"]["/users/"]["post"]["responses"]
        assert answers["401"] == {
            "description": "The access token is not valid; none is needed.",
            "schema": PROBLEM,
            "headers": CHALLENGE,
        }
        assert answers["403"] == {
            "description": "The captcha was not solved, or sign-up is closed.",
            "schema": PROBLEM,
        }

    def test_forbidden_without_a_scope_challenges_nobody(self, document):
        answers = document["paths"]["/users/me"]["options"]["responses"]
        assert answers["403"] == {
            "description": "The caller may not do this.",
            "schema": PROBLEM,
        }

    def test_are_problem_documents(self, document):
        problem = document["definitions"]["Problem"]
        assert problem["required"] == [
            "type",
            "title",
            "status",
            "detail",
            "request_id",
        ]
        error = problem["properties"]["errors"]["items"]
        assert error["required"] == ["location", "name", "description"]
        assert document["paths"]["/teams/"]["get"]["produces"] == [
            "application/json",
            "application/problem+json",
        ]
