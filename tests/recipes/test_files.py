"""The recipe of files: who may do what with them, and what the documents say."""

import json

import pytest
from openapi_spec_validator import validate

from tests.client import Client
from tests.recipes.callers import ADA, BOB, CallerPolicy
from tests.recipes.documents import recipe

BINARY = {"type": "string", "format": "binary"}
TYPES = ["application/pdf", "image/png", "text/plain"]
UPLOAD = "/files/?name=a.txt"
BODY = b"Hello"


@pytest.fixture
def client(serve_recipe):
    return Client(serve_recipe("files", CallerPolicy()))


def upload(client, body=BODY, headers=ADA):
    return client.post(UPLOAD, body=body, content_type="text/plain", headers=headers)


class TestFiles:
    def test_are_uploaded_downloaded_and_deleted(self, client):
        detail = upload(client).json
        assert (detail["name"], detail["size"]) == ("a.txt", len(BODY))
        assert client.get("/files/1", headers=ADA).json == detail
        assert client.get("/files/1/content", headers=ADA).body == BODY
        assert client.delete("/files/1", headers=ADA).status_int == 204
        assert client.get("/files/1/content", headers=ADA).status_int == 404

    def test_may_be_longer_than_other_bodies(self, client):
        most = recipe("files").module("views").MOST
        assert upload(client, bytes(most)).json["size"] == most
        sentence = f"The body is longer than {most} bytes."
        assert upload(client, bytes(most + 1)).json["detail"] == sentence

    @pytest.mark.parametrize(
        ("headers", "status", "detail"),
        [
            ({}, 401, "This requires an access token."),
            (BOB, 403, "Only the owner of the file and administrators may do this."),
        ],
    )
    def test_are_for_their_owners(self, client, headers, status, detail):
        upload(client)
        for path in ("/files/1", "/files/1/content"):
            answer = client.get(path, headers=headers)
            assert (answer.status_int, answer.json["detail"]) == (status, detail)
        assert client.delete("/files/1", headers=headers).status_int == status

    def test_are_uploaded_by_users(self, client):
        assert upload(client, headers={}).status_int == 401


class TestDocuments:
    def test_in_swagger_have_files(self, client):
        document = client.get("/swagger.json").json
        validate(document)
        post = document["paths"]["/files/"]["post"]
        name, body = sorted(post["parameters"], key=lambda p: p["name"], reverse=True)
        assert (name["in"], name["required"]) == ("query", True)
        assert body == {
            "name": "body",
            "in": "body",
            "required": True,
            "description": "The bytes of the file, at most 20971520.",
            "schema": BINARY,
        }
        assert post["consumes"] == TYPES
        get = document["paths"]["/files/{file_id}/content"]["get"]
        assert get["produces"] == [*TYPES, "application/problem+json"]
        assert get["responses"]["200"]["schema"] == BINARY

    def test_in_openapi_have_each_media_type(self, client):
        document = client.get("/openapi.json").json
        validate(document)
        contents = {media_type: {"schema": BINARY} for media_type in TYPES}
        post = document["paths"]["/files/"]["post"]
        assert post["requestBody"]["content"] == contents
        answers = document["paths"]["/files/{file_id}/content"]["get"]["responses"]
        assert answers["200"]["content"] == contents
        header = answers["200"]["headers"]["Content-Disposition"]
        assert header["required"] is True

    def test_say_what_goes_wrong(self, client):
        post = client.get("/openapi.json").json["paths"]["/files/"]["post"]
        answers = json.dumps(post["responses"])
        for sentence in (
            "The body is longer than 20971520 bytes.",
            "The body is shorter than Content-Length.",
            f"The media type must be one of: {', '.join(TYPES)}.",
        ):
            assert sentence in answers
