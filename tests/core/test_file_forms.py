"""Files in forms, as browsers and generated clients send them."""

from io import BytesIO

import pytest
from openapi_spec_validator import validate

from apiserver.core.endpoints.downloads import PIECE
from tests.core.binders import MOST, TYPES
from tests.core.test_files import (
    BODY,
    CONTENT,
    CUT_SHORT,
    DESCRIBED,
    KEPT,
    NOTHING,
    PAPERS,
    RESET,
    Cut,
    client,
    database,
    folder,
    in_chunks,
    stored,
    tables,
)
from tests.problems import invalid, problem

__all__ = ["client", "database", "folder", "tables"]

BOUNDED = "multipart/form-data; boundary=x"
BINARY = {"type": "string", "format": "binary"}
NOT_ONE_FILE = invalid("body", file="Must be a file, and the form's only part.")


def part(body=BODY, name='name="file"; filename="a.txt"', content_type="text/plain"):
    said = f"\r\nContent-Type: {content_type}" if content_type else ""
    head = f"--x\r\nContent-Disposition: form-data; {name}{said}\r\n\r\n"
    return head.encode() + body + b"\r\n"


END = b"--x--\r\n"
FIELD = part(b"Ada", 'name="title"', None)


def send(client, *parts, query="", content_type=BOUNDED, end=END):
    body = b"".join(parts) + end
    return client.post(PAPERS + query, body=body, content_type=content_type)


class TestUpload:
    def test_is_stored_and_described(self, client):
        answer = send(client, part())
        assert (answer.status_int, answer.json) == (201, DESCRIBED)
        assert client.get(CONTENT).body == BODY
        assert stored(client.app) == KEPT
        answer = in_chunks(client, BytesIO(part() + END), content_type=BOUNDED)
        assert answer.json["size"] == len(BODY)

    @pytest.mark.parametrize(
        ("query", "name", "stored_as"),
        [
            ("", "Übersicht.txt", "Übersicht.txt"),
            ("?name=b.txt", "C:\\a.txt", "b.txt"),
            ("?name=b.txt", "", "b.txt"),
        ],
    )
    def test_is_named_by_the_query_or_the_form(self, client, query, name, stored_as):
        answer = send(client, part(name=f'name="file"; filename="{name}"'), query=query)
        assert answer.json["name"] == stored_as

    @pytest.mark.parametrize("size", [0, 1, PIECE - 1, PIECE, 3 * PIECE, MOST])
    def test_is_streamed_whatever_its_size(self, client, size):
        body = (b"\r\n--x" * (size // 5 + 1))[:size].replace(b"--x", b"--y")
        assert send(client, part(body)).json["size"] == size

    def test_may_have_its_last_boundary_in_two_pieces(self, client):
        """And the line break after it."""
        before = PIECE - len(part(b""))
        for cut in range(1, 9):
            answer = send(client, part(bytes(before + cut)))
            assert answer.json["size"] == before + cut


class TestRefusal:
    @pytest.mark.parametrize(
        "parts",
        [
            (),
            (FIELD,),
            (FIELD, part()),
            (part(), FIELD),
            (part(), part()),
            (part(name='name="attachment"; filename="a.txt"'),),
            (part(name='name="file"'),),
        ],
    )
    def test_of_other_parts(self, client, parts):
        answer = send(client, *parts)
        assert answer.json == NOT_ONE_FILE
        assert stored(client.app) == NOTHING

    def test_without_a_name(self, client):
        needed = "Is required, unless a form names the file."
        raw = client.post(PAPERS, body=BODY, content_type="text/plain")
        unnamed = send(client, part(name='name="file"; filename=""'))
        for answer in (raw, unnamed):
            assert answer.json == invalid("querystring", name=needed)
        answer = send(client, part(name='name="file"; filename="../a.txt"'))
        assert answer.json == invalid(file="Must be a file name, without a path.")

    def test_of_other_types(self, client):
        answer = send(client, part(content_type="text/html"))
        sentence = f"The media type of the file must be one of: {', '.join(TYPES)}."
        assert answer.json == problem(415, sentence)
        assert answer.headers["Accept-Post"] == ", ".join(TYPES)

    @pytest.mark.parametrize(
        ("content_type", "parts", "end", "sentence"),
        [
            ("multipart/form-data", (), END, "its boundary is malformed"),
            (BOUNDED, (b"text",), END, "front of first boundary"),
            (BOUNDED, (part(),), b"", "Unexpected end of multipart stream"),
            (BOUNDED, (part(content_type="x" * 5000),), END, "one that is too long"),
            (BOUNDED, (part(name='name="file"; filename="a"\r\nx: y' * 9),), END, ""),
            (BOUNDED, (part(content_type="multipart/mixed"),), END, "parts of its own"),
        ],
    )
    def test_of_what_is_no_form(self, client, content_type, parts, end, sentence):
        answer = send(client, *parts, content_type=content_type, end=end)
        assert answer.status_int == 400
        assert sentence in answer.json["detail"]
        assert stored(client.app) == NOTHING

    def test_of_a_file_beyond_the_limit(self, client):
        too_large = problem(413, f"The body is longer than {MOST} bytes.")
        assert send(client, part(bytes(MOST + 1))).json == too_large
        endless = BytesIO(part(bytes(3 * MOST)))
        answer = in_chunks(client, endless, content_type=BOUNDED)
        assert answer.json == too_large
        assert endless.tell() < 2 * MOST
        assert stored(client.app) == NOTHING

    def test_of_one_that_is_cut_short(self, client):
        begun = Cut(RESET, part())
        answer = in_chunks(client, begun, length=2 * MOST // 3, content_type=BOUNDED)
        assert answer.json == problem(400, CUT_SHORT)
        assert stored(client.app) == NOTHING


class TestDocuments:
    def test_in_openapi_have_the_form(self, client):
        document = client.get("/openapi.json").json
        validate(document)
        post = document["paths"]["/binders/{binder_id}/papers/"]["post"]
        file = {**BINARY, "description": "The file, with its name and media type."}
        assert post["requestBody"]["content"] == {
            **{media_type: {"schema": BINARY} for media_type in TYPES},
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {"file": file},
                    "additionalProperties": False,
                },
                "encoding": {"file": {"contentType": ", ".join(TYPES)}},
            },
        }
        [name] = post["parameters"]
        assert (name["required"], name["description"]) == (
            False,
            "The name of the file. Needed, unless a form names the file.",
        )

    def test_in_swagger_speak_of_the_form(self, client):
        document = client.get("/swagger.json").json
        validate(document)
        post = document["paths"]["/binders/{binder_id}/papers/"]["post"]
        [body] = [each for each in post["parameters"] if each["in"] == "body"]
        assert (body["schema"], post["consumes"]) == (BINARY, [*TYPES])
        said = "Also accepts a form, `multipart/form-data`, whose only part `file` is"
        assert said in post["description"]
