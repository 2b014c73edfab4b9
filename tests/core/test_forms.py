"""What goes in as text: forms and query strings give what the same JSON would."""

import pytest

from tests.client import Client
from tests.core.samples import samples
from tests.problems import invalid, problem

BOUNDARY = "multipart/form-data; boundary=x"
NOT_A_FORM = problem(400, "The body is not a form in UTF-8.")


@pytest.fixture(scope="module")
def client(make_core_app):
    return Client(make_core_app(samples))


def part(*headers, value=b"abc", disposition='form-data; name="text"'):
    lines = [f"Content-Disposition: {disposition}", *headers, "", ""]
    return b"--x\r\n" + "\r\n".join(lines).encode() + value + b"\r\n--x--\r\n"


@pytest.fixture
def post(client):
    def call(body, content_type="application/x-www-form-urlencoded"):
        return client.post("/samples/", body=body, content_type=content_type)

    return call


class TestForm:
    @pytest.mark.parametrize(
        ("text", "values"),
        [
            (b"", {}),
            (b"text=ab", {"text": "ab"}),
            (b"text=+%C3%A4+", {"text": " ä "}),
            (b"text=\xc3\xa4b", {"text": "äb"}),
            (b"text=12", {"text": "12"}),
            (b"text=a%3Db;c", {"text": "a=b;c"}),
            (b"number=5", {"number": 5}),
            (b"number=-5", {"number": -5}),
            (b"flag=true", {"flag": True}),
            (b"flag=false&number=0", {"flag": False, "number": 0}),
            (b"words=a", {"words": ["a"]}),
            (b"words=a&text=ab&words=b", {"text": "ab", "words": ["a", "b"]}),
        ],
    )
    def test_gives_what_json_would(self, post, text, values):
        response = post(text)
        assert (response.status_int, response.json) == (200, values)

    @pytest.mark.parametrize(
        ("text", "name", "description"),
        [
            *[
                (b"number=" + text, "number", "Must be a whole number.")
                for text in (
                    b"",
                    b"1_0",
                    b"+1",
                    b"1.0",
                    b"1e1",
                    b"0x1",
                    b"%D9%A1",
                    b" 1",
                )
            ],
            (b"number=" + b"9" * 5000, "number", "Must be a whole number."),
            (b"number=99", "number", "Must be at most 10."),
            *[
                (b"flag=" + text, "flag", "Must be true or false.")
                for text in (b"", b"True", b"1", b"yes", b"on")
            ],
            (b"text=a%00b", "text", "Must not hold control characters."),
            (b"words=", "words.0", "Must be at least 1 long."),
            (b"words=a&words=b&words=c", "words", "Must be at most 2 long."),
            (b"inner=a", "inner", "Must be an object."),
            (b"nope=1", "nope", "There is no such field."),
            (b"text=ab&text=ab", "text", "Is given twice."),
            (b"text", "text", "Must be at least 2 long."),
        ],
    )
    def test_names_what_is_wrong(self, post, text, name, description):
        response = post(text)
        assert response.status_int == 422
        assert response.json == invalid(**{name: description})

    @pytest.mark.parametrize(
        "text", [b"text=%ff%fe", b"text=\xff\xfe", b"%ff=1", b"text=%ED%A0%80"]
    )
    def test_is_utf_8(self, post, text):
        response = post(text)
        assert response.status_int == 400
        assert response.json == NOT_A_FORM

    def test_of_any_case_is_a_form(self, post):
        response = post(b"text=ab", "Application/X-WWW-Form-Urlencoded")
        assert (response.status_int, response.json) == (200, {"text": "ab"})


class TestMultipartForm:
    def test_gives_what_json_would(self, post):
        response = post(part(value="äb".encode()), BOUNDARY)
        assert (response.status_int, response.json) == (200, {"text": "äb"})

    def test_takes_no_files(self, post):
        body = part(disposition='form-data; name="text"; filename="x"')
        response = post(body, BOUNDARY)
        assert response.status_int == 422
        assert response.json == invalid(text="Must be a string.")

    @pytest.mark.parametrize(
        ("content_type", "body"),
        [
            ("multipart/form-data", b"--x--"),
            ("multipart/form-data; boundary=", b"--x--"),
            (f"multipart/form-data; boundary={'x' * 500}", b"--x--"),
            ("multipart/form-data; boundary=\xff", b"--x--"),
            (BOUNDARY, part(value=b"\xff\xff")),
            (BOUNDARY, part("Content-Type: text/plain; charset=bogus")),
            (BOUNDARY, part("Content-Type: text/plain; charset=utf-16")),
            (BOUNDARY, part("Content-Type: multipart/mixed; boundary=")),
            (BOUNDARY, part("Content-Transfer-Encoding: base64", value=b"abcde")),
        ],
    )
    def test_is_refused_where_it_is_none(self, post, content_type, body):
        response = post(body, content_type)
        assert response.status_int == 400
        assert response.json == NOT_A_FORM

    def test_is_refused_where_a_part_has_no_name(self, post):
        response = post(b"--x\r\n\r\nabc\r\n--x--\r\n", BOUNDARY)
        assert response.status_int == 400
        assert response.json == problem(400, "A part of the form has no name.")


class TestQuerystring:
    @pytest.mark.parametrize(
        ("query", "values"),
        [
            ("", {}),
            ("?", {}),
            ("?number=0", {"number": 0}),
            ("?number=4611686018427387904", {"number": 2**62}),
            ("?flag=true&text=%C3%A4", {"flag": True, "text": "ä"}),
        ],
    )
    def test_gives_typed_values(self, client, query, values):
        response = client.get("/samples/" + query)
        defaults = {"number": 7, "flag": None, "text": None}
        assert (response.status_int, response.json) == (200, defaults | values)

    @pytest.mark.parametrize(
        ("query", "name", "description"),
        [
            ("number=-1", "number", "Must be at least 0."),
            ("number=4611686018427387905", "number", f"Must be at most {2**62}."),
            ("number=", "number", "Must be a whole number."),
            ("number", "number", "Must be a whole number."),
            ("number=99999999999999999999", "number", f"Must be at most {2**62}."),
            ("number=1&number=1", "number", "Is given twice."),
            ("flag=2", "flag", "Must be true or false."),
            ("text=%0A", "text", "Must not hold control characters."),
            ("nope=1", "nope", "There is no such field."),
            ("=1", "", "There is no such field."),
        ],
    )
    def test_names_what_is_wrong(self, client, query, name, description):
        response = client.get("/samples/?" + query)
        assert response.status_int == 422
        assert response.json == invalid("querystring", **{name: description})
