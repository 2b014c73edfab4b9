"""What the document says that an operation takes in headers, and can answer."""

import pytest

from tests.core.things import things

ETAG = {
    "x-required": True,
    "type": "string",
    "description": "The version of the object.",
    "x-example": '"8d5c0fdd3a1c6f8a4f6e1b7e"',
}
MOMENT = "2026-03-01T12:00:00.000000+00:00"


def caching(value):
    return {
        "x-required": True,
        "type": "string",
        "description": "Who may keep the answer (RFC 9111 section 5.2).",
        "x-example": value,
    }


STATUSES = {
    ("get", "/teams/"): "200 400 401 403 413 422 503",
    ("post", "/teams/"): "201 400 401 403 413 415 422 503",
    ("options", "/teams/"): "204 400 401 413 503",
    ("get", "/teams/{team_id}"): "200 304 400 401 403 404 413 422 503",
    ("patch", "/teams/{team_id}"): "200 400 401 403 404 409 412 413 415 422 503",
    ("delete", "/teams/{team_id}"): "204 400 401 403 404 412 413 422 503",
    ("options", "/teams/{team_id}"): "204 400 401 404 413 503",
    ("get", "/teams/{team_id}/members/"): "200 400 401 403 404 413 422 503",
    ("get", "/users/me"): "200 304 400 401 403 413 422 503",
    # Clients, who have no account of their own, may use no other method.
    ("options", "/users/me"): "204 400 401 413 503",
    ("get", "/users/signup-form"): "200 400 401 413 422 503",
    ("post", "/users/"): "201 400 401 403 409 413 415 422 429 503",
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
        user = {
            "id": 2,
            "username": "ada",
            "first_name": "Ada",
            "middle_name": "King",
            "last_name": "Lovelace",
        }
        team = {"id": 1, "title": "Engineers"}
        assert operation["responses"]["200"] == {
            "description": "The member after the change.",
            "schema": {"$ref": "#/definitions/Member"},
            "headers": {"ETag": ETAG, "Cache-Control": caching("no-store")},
            "examples": {
                "application/json": {"user": user, "is_leader": True, "team": team}
            },
        }

    def test_of_a_page(self, document):
        answers = document["paths"]["/teams/{team_id}/members/"]["get"]["responses"]
        url = "/api/v1/teams/1/members/?limit=1"
        assert answers["200"]["headers"] == {
            "X-Total-Count": {
                "type": "integer",
                "format": "int64",
                "minimum": 0,
                "description": "Of all pages together, if they were counted.",
                "x-example": 3,
            },
            "Preference-Applied": {
                "type": "string",
                "description": "How it was counted, if `Prefer` says so.",
                "x-example": "count=exact",
            },
            "Link": {
                "type": "string",
                "maxLength": 8192,
                "description": "first, prev, next, last (RFC 8288).",
                "x-example": f'<{url}&offset=0>; rel="first", '
                f'<{url}&offset=0>; rel="prev", <{url}&offset=2>; rel="next", '
                f'<{url}&offset=2>; rel="last"',
                "x-required": True,
            },
            "Cache-Control": caching("private, no-cache"),
        }
        assert len(answers["200"]["examples"]["application/json"]) == 1

    def test_of_a_creation_name_the_location(self, document):
        answers = document["paths"]["/teams/"]["post"]["responses"]
        assert answers["201"]["headers"] == {
            "Location": {
                "type": "string",
                "description": "The URL of the new object.",
                "x-example": "/api/v1/teams/1",
                "x-required": True,
            },
            "Cache-Control": caching("no-store"),
        }
        example = answers["201"]["examples"]["application/json"]
        assert example["title"] == "Engineers"
        assert example["created"] == example["updated"] == MOMENT

    def test_of_a_creation_elsewhere_name_no_location(self, document):
        path = "/auth/oauth2_clients/{client_id}/secret"
        answer = document["paths"][path]["post"]["responses"]["201"]
        assert answer["headers"] == {"Cache-Control": caching("no-store")}

    def test_of_options_name_the_methods(self, document):
        answers = document["paths"]["/teams/"]["options"]["responses"]
        assert answers["204"] == {
            "description": "`Allow` names the methods.",
            "headers": {
                "Allow": {
                    "type": "string",
                    "description": "The methods that there are.",
                    "x-example": "GET, HEAD, POST, OPTIONS",
                    "x-required": True,
                }
            },
        }

    def test_of_options_name_the_media_types_of_a_patch(self, document):
        answers = document["paths"]["/teams/{team_id}"]["options"]["responses"]
        assert answers["204"]["headers"]["Accept-Patch"] == {
            "type": "string",
            "description": "If the caller may patch: the media types (RFC 5789 section "
            "3.1).",
            "x-example": "application/json-patch+json, application/json",
        }

    def test_not_modified_has_the_version(self, document):
        answers = document["paths"]["/teams/{team_id}"]["get"]["responses"]
        headers = {"ETag": ETAG, "Cache-Control": caching("private, no-cache")}
        assert answers["200"]["headers"] == headers
        assert answers["304"] == {
            "description": "The object is the version of `If-None-Match`.",
            "headers": headers,
        }

    def test_without_a_body_have_no_version(self, make_core_app):
        """A thing can be asked for, but there is nothing to read."""
        item = make_core_app(things).registry.swagger["paths"]["/things/{thing_id}"]
        for method in ("get", "patch"):
            assert "parameters" not in item[method]
            assert "headers" not in item[method]["responses"]["200"]
            assert {"304", "412"}.isdisjoint(item[method]["responses"])


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
