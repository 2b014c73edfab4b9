"""The recipe of files, which are uploaded and downloaded."""

import json
from io import BytesIO

import pytest
import webtest
from openapi_spec_validator import validate

from apiserver.core.endpoints import Content
from apiserver.core.endpoints.files import PIECE
from tests.client import Client
from tests.recipes.callers import ADA, BOB, CallerPolicy
from tests.recipes.documents import recipe

BINARY = {"type": "string", "format": "binary"}
TYPES = ["application/pdf", "image/png", "text/plain"]
NAME = 'Übersicht "2026"; a/b.txt'
QUOTED = "%C3%9Cbersicht%20%222026%22%3B%20a%2Fb.txt"
UPLOAD = f"/files/?name={QUOTED}"
# Would be a page, if a browser guessed.
PAGE = b"<html><script>alert(1)</script>"


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "files"
    folder.mkdir()
    return folder


@pytest.fixture
def client(serve_recipe, folder):
    return Client(
        serve_recipe("files", CallerPolicy(), **{"apiserver.files": str(folder)})
    )


def upload(client, body, path=UPLOAD, content_type="text/plain", headers=ADA):
    return client.post(path, body=body, content_type=content_type, headers=headers)


def upload_in_chunks(client, body):
    """Return the answer, and how much of the body was read."""
    request = webtest.TestRequest.blank(f"/api/v1{UPLOAD}", method="POST")
    request.headers.update(ADA)
    request.content_type = "text/plain"
    request.environ.pop("CONTENT_LENGTH", None)
    request.environ["wsgi.input"] = source = BytesIO(body)
    request.environ["wsgi.input_terminated"] = True
    return client.do_request(request, expect_errors=True), source.tell()


class TestUpload:
    def test_answers_what_is_known(self, client, folder):
        answer = upload(client, PAGE)
        detail = {"id": 1, "name": NAME, "media_type": "text/plain", "size": len(PAGE)}
        assert (answer.status_int, answer.json) == (201, detail)
        assert answer.headers["Location"] == "/api/v1/files/1"
        assert client.get("/files/1", headers=ADA).json == detail
        assert [path.read_bytes() for path in folder.iterdir()] == [PAGE]

    def test_takes_more_than_other_bodies_may_have(self, client, folder):
        most = recipe("files").module("views").MOST
        body = bytes(most)
        assert upload(client, body).json["size"] == most
        assert client.get("/files/1/content", headers=ADA).body == body
        answer = upload(client, body + b"x")
        sentence = f"The body is longer than {most} bytes."
        assert (answer.status_int, answer.json["detail"]) == (413, sentence)
        assert len(list(folder.iterdir())) == 1

    def test_in_chunks_ends_at_the_limit(self, client, folder):
        """It is of unknown length, as gunicorn hands it on."""
        most = recipe("files").module("views").MOST
        answer, _ = upload_in_chunks(client, bytes(most))
        assert (answer.status_int, answer.json["size"]) == (201, most)
        answer, read = upload_in_chunks(client, bytes(2 * most))
        sentence = f"The body is longer than {most} bytes."
        assert (answer.status_int, answer.json["detail"]) == (413, sentence)
        assert most < read <= most + PIECE
        assert len(list(folder.iterdir())) == 1

    @pytest.mark.parametrize(
        ("path", "content_type", "status"),
        [
            ("/files/%ff", "text/plain", 400),
            (UPLOAD, "text/html", 415),
            (UPLOAD, "application/json", 415),
            (UPLOAD, None, 415),
            ("/files/", "text/plain", 422),
            ("/files/?name=%0A", "text/plain", 422),
            (f"/files/?name={'x' * 101}", "text/plain", 422),
        ],
    )
    def test_that_is_refused_leaves_no_file(
        self, client, folder, path, content_type, status
    ):
        assert upload(client, PAGE, path, content_type).status_int == status
        assert list(folder.iterdir()) == []

    def test_that_fails_later_leaves_no_file(self, client, folder, monkeypatch):
        def fail(self, target):
            target.write(b"half of it")
            raise OSError("No space left on device")

        monkeypatch.setattr(Content, "copy_to", fail)
        assert (
            Unsurprised(client.app)
            .post(UPLOAD, body=PAGE, content_type="text/plain", headers=ADA)
            .status_int
            == 500
        )
        assert list(folder.iterdir()) == []

    def test_is_for_users(self, client):
        assert upload(client, PAGE, headers={}).status_int == 401


class Unsurprised(Client):
    """A client that takes 500 for an answer."""

    def compare(self, request, response):
        pass


class TestDownload:
    @pytest.fixture
    def stored(self, client):
        assert upload(client, PAGE).status_int == 201
        return "/files/1/content"

    def test_is_saved_and_never_shown(self, client, stored):
        answer = client.get(stored, headers=ADA)
        assert (answer.status_int, answer.body) == (200, PAGE)
        assert {name: answer.headers[name] for name in HEADERS} == HEADERS

    def test_has_the_same_headers_for_head(self, client, stored):
        answer = client.head(stored, headers=ADA)
        assert (answer.status_int, answer.body) == (200, b"")
        assert {name: answer.headers[name] for name in HEADERS} == HEADERS

    @pytest.mark.parametrize(
        ("headers", "status", "detail"),
        [
            ({}, 401, "This requires an access token."),
            (BOB, 403, "Only the owner of the file and administrators may do this."),
        ],
    )
    def test_is_for_the_owner(self, client, stored, headers, status, detail):
        answer = client.get(stored, headers=headers)
        assert (answer.status_int, answer.json["detail"]) == (status, detail)

    def test_of_none_is_not_found(self, client):
        assert client.get("/files/7/content", headers=ADA).status_int == 404


HEADERS = {
    "Content-Type": "text/plain",
    "Content-Length": str(len(PAGE)),
    "Content-Disposition": (
        f"attachment; filename=\"Ubersicht _2026_; a_b.txt\"; filename*=UTF-8''{QUOTED}"
    ),
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
    "Cache-Control": "private, no-cache",
    "Vary": "Authorization",
}


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
        assert answers["200"]["headers"]["ETag"]["required"] is True

    def test_say_what_goes_wrong(self, client):
        post = client.get("/openapi.json").json["paths"]["/files/"]["post"]
        answers = json.dumps(post["responses"])
        for sentence in (
            "The body is longer than 20971520 bytes.",
            "The body is shorter than Content-Length.",
            f"The media type must be one of: {', '.join(TYPES)}.",
        ):
            assert sentence in answers
