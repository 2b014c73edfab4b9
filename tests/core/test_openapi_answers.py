"""What the document says that an operation takes in headers, and can answer."""

import pytest

PROBLEM = {"$ref": "#/definitions/Problem"}
CHALLENGE = {
    "WWW-Authenticate": {
        "type": "string",
        "description": "The challenge (RFC 6750 section 3).",
    }
}
RETRY_TEXT = "After how many seconds to try again."
RETRY = {"Retry-After": {"type": "string", "description": RETRY_TEXT}}
ETAG = {"ETag": {"type": "string", "description": "The version of the object."}}

STATUSES = {
    ("get", "/teams/"): "200 400 401 403 422 503",
    ("post", "/teams/"): "201 400 401 403 413 415 422 503",
    ("options", "/teams/"): "204 400 401 503",
    ("get", "/teams/{team_id}"): "200 304 400 401 403 404 503",
    ("patch", "/teams/{team_id}"): "200 400 401 403 404 409 412 413 415 422 503",
    ("delete", "/teams/{team_id}"): "204 400 401 403 404 412 503",
    ("options", "/teams/{team_id}"): "204 400 401 404 503",
    ("get", "/teams/{team_id}/members/"): "200 400 401 403 404 422 503",
    ("get", "/users/me"): "200 304 400 401 403 503",
    # Clients have no account of their own, and learn so before the methods.
    ("options", "/users/me"): "204 400 401 403 503",
    ("get", "/users/signup-form"): "200 400 401 503",
    ("post", "/users/"): "201 400 401 403 409 413 415 422 503",
}


class TestStatuses:
    @pytest.mark.parametrize("where", STATUSES, ids=" ".join)
    def test_are_those_that_can_happen(self, document, where):
        method, path = where
        answers = document["paths"][path][method]["responses"]
        assert " ".join(answers) == STATUSES[where]


class TestAnswers:
    def test_of_a_patch(self, document):
        operation = document["paths"]["/teams/{team_id}/members/{user_id}"]["patch"]
        assert operation["responses"] == {
            "200": {
                "description": "The member after the change.",
                "schema": {"$ref": "#/definitions/Member"},
                "headers": ETAG,
            },
            "400": {
                "description": "The request is not well-formed.",
                "schema": PROBLEM,
            },
            "401": {
                "description": "There is no access token, or one that is not valid.",
                "schema": PROBLEM,
                "headers": CHALLENGE,
            },
            "403": {
                "description": "The token lacks the scope, or the caller may not do "
                "this.",
                "schema": PROBLEM,
                "headers": CHALLENGE,
            },
            "404": {"description": "There is no such object.", "schema": PROBLEM},
            "409": {
                "description": "The team would be left without a leader, or a test "
                "failed.",
                "schema": PROBLEM,
            },
            "412": {
                "description": "The object is not the version that `If-Match` names; "
                "nothing was changed.",
                "schema": PROBLEM,
            },
            "413": {"description": "The body is too long.", "schema": PROBLEM},
            "415": {
                "description": "The body is of another media type than those that are "
                "taken.",
                "schema": PROBLEM,
                "headers": {
                    "Accept-Patch": {
                        "type": "string",
                        "description": "The media types that are taken.",
                    }
                },
            },
            "422": {
                "description": "Some values are not acceptable; `errors` names them.",
                "schema": PROBLEM,
            },
            "503": {
                "description": "For the moment the request can't be served.",
                "schema": PROBLEM,
                "headers": RETRY,
            },
        }

    def test_of_a_page(self, document):
        answers = document["paths"]["/teams/"]["get"]["responses"]
        assert answers["200"] == {
            "description": "A page of teams.",
            "schema": {
                "type": "array",
                "items": {"$ref": "#/definitions/TeamSummary"},
            },
            "headers": {
                "X-Total-Count": {
                    "type": "integer",
                    "format": "int64",
                    "minimum": 0,
                    "description": "Of all pages together.",
                },
                "Link": {
                    "type": "string",
                    "maxLength": 8192,
                    "description": "first, prev, next, last (RFC 8288).",
                },
            },
        }

    def test_of_a_creation_name_the_location(self, document):
        answers = document["paths"]["/teams/"]["post"]["responses"]
        assert answers["201"] == {
            "description": "The new team.",
            "schema": {"$ref": "#/definitions/TeamDetail"},
            "headers": {
                "Location": {
                    "type": "string",
                    "description": "The URL of the new object.",
                }
            },
        }
        assert list(answers["415"]["headers"]) == ["Accept-Post"]

    def test_of_a_creation_elsewhere_name_no_location(self, document):
        path = "/auth/oauth2_clients/{client_id}/secret"
        assert "headers" not in document["paths"][path]["post"]["responses"]["201"]

    def test_of_options_name_the_methods(self, document):
        answers = document["paths"]["/teams/"]["options"]["responses"]
        assert answers["204"] == {
            "description": "`Allow` names the methods.",
            "headers": {
                "Allow": {
                    "type": "string",
                    "description": "What the caller may use here, as `GET, HEAD, "
                    "OPTIONS`.",
                }
            },
        }

    def test_not_modified_has_the_version(self, document):
        answers = document["paths"]["/teams/{team_id}"]["get"]["responses"]
        assert answers["200"]["headers"] == ETAG
        assert answers["304"] == {
            "description": "The object is the version of `If-None-Match`.",
            "headers": ETAG,
        }


class TestConditions:
    IF_MATCH = {
        "name": "If-Match",
        "in": "header",
        "type": "string",
        "required": False,
        "description": "An `ETag`: 412 if the object is another version by now.",
    }
    IF_NONE_MATCH = {
        "name": "If-None-Match",
        "in": "header",
        "type": "string",
        "required": False,
        "description": "An `ETag`: 304 if the object is that version still.",
    }

    def test_of_reading_an_object(self, document):
        operation = document["paths"]["/teams/{team_id}"]["get"]
        assert operation["parameters"] == [self.IF_NONE_MATCH]

    def test_of_changing_an_object(self, document):
        item = document["paths"]["/teams/{team_id}"]
        assert item["delete"]["parameters"] == [self.IF_MATCH]
        assert item["patch"]["parameters"][1:] == [self.IF_MATCH]

    @pytest.mark.parametrize(
        ("method", "path"),
        [
            ("options", "/teams/{team_id}"),
            ("options", "/users/me"),
            # There is nothing to read whose version could be named.
            ("delete", "/auth/grants/{grant_id}"),
        ],
    )
    def test_are_absent_where_there_is_no_version(self, document, method, path):
        assert "parameters" not in document["paths"][path][method]
