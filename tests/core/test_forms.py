"""What goes in as text: forms and query strings give what the same JSON would."""

import pytest
import webtest

from apiserver.core.endpoints import Request
from apiserver.core.http import JSON, ContentTooLarge
from apiserver.core.http.forms import parts
from tests.client import Client
from tests.core.samples import samples
from tests.problems import invalid, problem

FORM = "application/x-www-form-urlencoded"
BOUNDARY = "multipart/form-data; boundary=x"
NOT_UTF_8 = "The body is not a form in UTF-8."


@pytest.fixture(scope="module")
def client(make_core_app):
    return Client(make_core_app(samples))


def part(*headers, value=b"abc", disposition='form-data; name="text"'):
    lines = [f"Content-Disposition: {disposition}", *headers, "", ""]
    return b"--x\r\n" + "\r\n".join(lines).encode() + value + b"\r\n--x--\r\n"


def no_form(reason):
    return f"The body is not a form: {reason}."


TOO_MANY = "The body has more than 1000 members."
LONG_HEADERS = "A part of the form has too many headers, or one that is too long."
NESTED = "A part of the form has parts of its own."
ENCODED = "A part of the form has a Content-Transfer-Encoding."
UNNAMED = no_form("Missing Content-Disposition segment header")
ENDLESS = no_form("Unexpected end of multipart stream")
MANY_PARTS = part().removesuffix(b"--x--\r\n")

MALFORMED = [
    (b"", ENDLESS),
    (b"--x", ENDLESS),
    (b"--y--", no_form("Boundary not found in first chunk")),
    (part()[:-7], ENDLESS),
    (part()[:-4], ENDLESS),
    (part(value=b"\xff\xff"), NOT_UTF_8),
    (part("Content-Type: text/plain; charset=bogus"), NOT_UTF_8),
    (part("Content-Type: text/plain; charset=utf-16"), NOT_UTF_8),
    (part("Content-Type: multipart/mixed; boundary="), NESTED),
    (part("content-type:Multipart/Form-Data; boundary=y"), NESTED),
    (part("Content-Transfer-Encoding: base64", value=b"abcde"), ENCODED),
    (b"--x\r\n\r\nabc\r\n--x--\r\n", UNNAMED),
    (
        part(disposition="form-data"),
        no_form("Invalid Content-Disposition segment header: Missing name option"),
    ),
    (
        part(disposition='attachment; name="text"'),
        no_form("Invalid Content-Disposition segment header: Wrong type"),
    ),
    (part("X-Folded: a", " b"), no_form("Unexpected segment header continuation")),
    (part(*["X-Junk: x"] * 8), LONG_HEADERS),
    (part("X-Junk: " + "x" * 4096), LONG_HEADERS),
    (part(disposition='form-data; name="' + ";" * 5000), LONG_HEADERS),
    (b"--x\r\nX-Junk: " + b"x" * 5000, LONG_HEADERS),
    (MANY_PARTS * 1000 + part(), TOO_MANY),
]


@pytest.fixture
def post(client):
    def call(body, content_type=FORM):
        return client.post("/samples/", body=body, content_type=content_type)

    return call


NO_NUMBERS = [
    *(b"", b"1_0", b"+1", b"1.5", b"1.", b".5", b"1e-1", b"1e", b"1e1000", b"0x1"),
    *(b"%D9%A1", b" 1", b"9" * 5000),
]
WRONG = [
    *((b"number=" + text, "number", "Must be an integer.") for text in NO_NUMBERS),
    (b"number=99", "number", "Must be at most 10."),
    *(
        (b"flag=" + text, "flag", "Must be true or false.")
        for text in (b"", b"True", b"1", b"yes", b"on")
    ),
    (b"text=a%00b", "text", "Must not contain control characters."),
    (b"words=", "words.0", "Must be at least 1 character long."),
    (b"words=a&words=b&words=c", "words", "Must have at most 2 items."),
    (b"inner=a", "inner", "Must be an object."),
    (b"nope=1", "nope", "Unknown field."),
    (b"text=ab&text=ab", "text", "Is given more than once."),
    (b"text", "text", "Must be at least 2 characters long."),
]


class TestForm:
    @pytest.mark.parametrize(
        ("text", "values"),
        [
            *((b"", {}), (b"text=ab", {"text": "ab"}), (b"text=12", {"text": "12"})),
            *((b"text=+%C3%A4+", {"text": " ä "}), (b"text=\xc3\xa4b", {"text": "äb"})),
            (b"text=a%3Db;c", {"text": "a=b;c"}),
            *((b"number=" + text, {"number": 5}) for text in (b"5", b"5.00", b"5e0")),
            *((b"number=-5", {"number": -5}), (b"number=0.5E%2B1", {"number": 5})),
            (b"flag=true", {"flag": True}),
            (b"flag=false&number=0", {"flag": False, "number": 0}),
            (b"numbers=1&numbers=2.0", {"numbers": [1, 2]}),
            (b"words=a&text=ab&words=b", {"text": "ab", "words": ["a", "b"]}),
        ],
    )
    def test_gives_what_json_would(self, post, text, values):
        for content_type in (FORM, FORM.title()):
            response = post(text, content_type)
            assert (response.status_int, response.json) == (200, values)

    @pytest.mark.parametrize(("text", "name", "description"), WRONG)
    def test_names_what_is_wrong(self, post, text, name, description):
        assert post(text).json == invalid(**{name: description})

    @pytest.mark.parametrize(
        "text", [b"text=%ff%fe", b"text=\xff\xfe", b"%ff=1", b"text=%ED%A0%80"]
    )
    def test_is_utf_8(self, post, text):
        assert post(text).json == problem(400, NOT_UTF_8)

    def test_has_a_limited_number_of_fields(self, post):
        assert post(b"&".join([b"text=ab"] * 1000)).status_int == 422
        response = post(b"&".join([b"text=ab"] * 1001))
        assert response.json == problem(400, TOO_MANY)


class TestMultipartForm:
    @pytest.mark.parametrize(
        "content_type",
        [
            BOUNDARY,
            'Multipart/Form-Data; charset=UTF-8; Boundary="x"',
            "multipart/form-data;boundary=x",
        ],
    )
    def test_gives_what_json_would(self, post, content_type):
        response = post(part(value="äb".encode()), content_type)
        assert (response.status_int, response.json) == (200, {"text": "äb"})

    def test_takes_no_files(self, post):
        body = part(disposition='form-data; name="text"; filename="x"')
        assert post(body, BOUNDARY).json == invalid(text="Must be a string.")

    def test_may_have_headers_that_say_nothing_new(self, post):
        headers = (
            "Content-Type: text/plain; charset=UTF-8",
            "Content-Transfer-Encoding: 8bit",
            "X-Junk: x",
        )
        response = post(part(*headers), BOUNDARY)
        assert (response.status_int, response.json) == (200, {"text": "abc"})

    @pytest.mark.parametrize("preamble", [b"", b"\r\n"])
    def test_may_have_parts_without_a_body(self, preamble):
        """As Werkzeug's clients write what is empty (RFC 2046 section 5.1.1)."""
        empty = b'--x\r\nContent-Disposition: form-data; name="first"\r\n\r\n'
        found = [*parts(preamble + empty + part(), BOUNDARY)]
        assert found == [("first", ""), ("text", "abc")]
        assert [*parts(preamble + empty + b"--x--\r\n", BOUNDARY)] == [("first", "")]

    @pytest.mark.parametrize(
        "value", [b"\r\n", b"a\r\n", b"\r\n\r\n--y", b"a--x\r\n\r\n"]
    )
    def test_keeps_the_ends_of_lines(self, value):
        assert [*parts(part(value=value), BOUNDARY)] == [("text", value.decode())]

    @pytest.mark.parametrize(
        "boundary",
        ["", "=", f"={'x' * 71}", "=\xff", '="x', "*=utf-8''x", '=" "'],
    )
    def test_has_a_boundary(self, post, boundary):
        response = post(part(), f"multipart/form-data; boundary{boundary}")
        assert response.json == problem(400, no_form("its boundary is malformed"))

    @pytest.mark.parametrize(("body", "sentence"), MALFORMED)
    def test_is_refused_where_it_is_none(self, post, body, sentence):
        assert post(body, BOUNDARY).json == problem(400, sentence)

    @pytest.mark.parametrize("content_type", [FORM, BOUNDARY])
    def test_is_read_up_to_its_limit(self, post, content_type):
        def form(length):
            empty = part(value=b"") if content_type == BOUNDARY else b"text="
            filling = b"x" * (length - len(empty))
            return part(value=filling) if content_type == BOUNDARY else empty + filling

        longest = post(form(128 * 1024), content_type)
        assert longest.json == invalid(text="Must be at most 5 characters long.")
        response = post(form(128 * 1024 + 1), content_type)
        assert response.status_int == 413
        assert response.json == problem(413, "The body is longer than 131072 bytes.")


class TestPost:
    """What libraries that look at ``request.POST`` come to."""

    def test_is_the_form(self):
        environ = webtest.TestRequest.blank(
            "/", method="POST", body=part(), content_type=BOUNDARY
        ).environ
        assert dict(Request(environ).POST) == {"text": "abc"}
        assert dict(Request(environ).params) == {"text": "abc"}

    def test_is_never_parsed_by_webob(self):
        body = part(disposition='form-data; name="' + ";" * 400_000)
        request = Request.blank("/", method="POST", body=body, content_type=BOUNDARY)
        with pytest.raises(ContentTooLarge):
            request.POST.items()

    def test_is_empty_where_there_is_no_form(self):
        request = Request.blank("/", method="POST", body=b"{}", content_type=JSON)
        assert "text" not in request.POST


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
            ("number", "number", "Must be an integer."),
            ("number=1&number=1", "number", "Is given more than once."),
            ("nope=1", "nope", "Unknown field."),
            ("=1", "", "Unknown field."),
        ],
    )
    def test_names_what_is_wrong(self, client, query, name, description):
        response = client.get("/samples/?" + query)
        assert response.json == invalid("querystring", **{name: description})
