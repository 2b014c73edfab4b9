"""What goes in: strict types, complete lists of errors, JSON, forms, query strings."""

import pytest

from tests.client import Client
from tests.core.samples import samples
from tests.problems import invalid

STRING = "Must be a string."
NUMBER = "Must be an integer."
BOOLEAN = "Must be true or false."
LIST = "Must be a list."
OBJECT = "Must be an object."
EMAIL = "Must be an email address."
CONTROL = "Must not contain control characters."
BLANK = "Must not be only whitespace."
HIDDEN = "Must not contain invisible characters."
ASTRAL = "\N{MATHEMATICAL FRAKTUR SMALL A}"

GOOD = [
    ("text", "ab"),
    ("text", "äöü€𝄞"),
    ("text", "  x  "),
    ("text", ASTRAL * 2),
    ("text", ASTRAL * 5),
    ("email", "ada@localhost"),
    ("email", "ada@example.com"),
    ("number", -5),
    ("number", 10),
    ("number", -2.0),
    ("number", 0.1e2),
    ("flag", False),
    ("choice", "green"),
    ("words", []),
    ("words", ["a", "b"]),
    ("inner", {"word": "a"}),
    ("inners", [{"word": "a"}, {"word": "a"}]),
]

BAD = [
    *[("text", value, STRING) for value in (1, 1.5, True, None, ["ab"], {"a": 1})],
    *[("email", value, STRING) for value in (1, False, ["a@example.com"])],
    *[("number", value, NUMBER) for value in ("1", 1.5, True, None, [1], 2.0**70)],
    *[("flag", value, BOOLEAN) for value in (0, 1, "true", "", None, [True])],
    *[("choice", value, STRING) for value in (1, None, ["red"])],
    *[("words", value, LIST) for value in ("ab", {"0": "a"}, 1, None)],
    *[("inner", value, OBJECT) for value in ("ab", [["word", "a"]], 1, None)],
    ("text", "a", "Must be at least 2 characters long."),
    ("text", "", "Must be at least 2 characters long."),
    ("text", ASTRAL, "Must be at least 2 characters long."),
    ("text", "abcdef", "Must be at most 5 characters long."),
    *[("text", char * 3, BLANK) for char in (" ", "\u3000", "\u2800", "\u0301")],
    *[("text", text, HIDDEN) for text in ("\u3164" * 3, "a\u200bb", "\u2028 \u2029")],
    *[("text", text, HIDDEN) for text in ("\u202ea", "a\u00adb", "a\ufe0f")],
    *[("text", f"a{char}b", CONTROL) for char in "\0\n\r\t\x1b\x7f\x85"],
    *[("email", value, EMAIL) for value in ("ada", "a@b@c.com", "@example.com", "a@")],
    ("email", "a" * 120 + "@example.com", "Must be at most 120 characters long."),
    ("number", -6, "Must be at least -5."),
    ("number", 11, "Must be at most 10."),
    ("choice", "Red", "Must be one of red, green."),
    ("words", ["a", "b", "c"], "Must have at most 2 items."),
]

NESTED = [
    ({"words": ["a", 1]}, {"words.1": STRING}),
    (
        {"words": ["", ["a"]]},
        {"words.0": "Must be at least 1 character long.", "words.1": STRING},
    ),
    ({"inner": {}}, {"inner.word": "Is required."}),
    ({"inner": {"word": 1, "x": 1}}, {"inner.word": STRING, "inner.x": ...}),
    ({"inners": [{"word": "a"}, {"word": None}]}, {"inners.1.word": STRING}),
    ({"inners": [{}, 1]}, {"inners.0.word": "Is required.", "inners.1": OBJECT}),
    ({"text": 1, "flag": 1, "x": 1}, {"text": STRING, "flag": BOOLEAN, "x": ...}),
    ({"x" * 500: 1}, {"x" * 79 + "…": ...}),
    ({"__class__": 1}, {"__class__": ...}),
    ({"": 1}, {"": ...}),
]


@pytest.fixture(scope="module")
def client(make_core_app):
    return Client(make_core_app(samples))


class TestBody:
    @pytest.mark.parametrize(("field", "value"), GOOD, ids=str)
    def test_takes_the_json_type(self, client, field, value):
        response = client.post("/samples/", {field: value})
        assert (response.status_int, response.json) == (200, {field: value})

    @pytest.mark.parametrize(("field", "value", "description"), BAD, ids=repr)
    def test_refuses_any_other_value(self, client, field, value, description):
        response = client.post("/samples/", {field: value})
        assert response.json == invalid(**{field: description})

    @pytest.mark.parametrize(("document", "errors"), NESTED, ids=lambda d: str(d)[:60])
    def test_names_every_wrong_field(self, client, document, errors):
        response = client.post("/samples/", document)
        unknown = {n: "Unknown field." for n, e in errors.items() if e is ...}
        assert response.json == invalid(**{**errors, **unknown})

    @pytest.mark.parametrize("document", [None, [], "text", 1, True])
    def test_is_an_object(self, client, document):
        response = client.post("/samples/strict", document)
        assert response.json == invalid(**{"": OBJECT})
        missing = client.post("/samples/strict", {})
        assert missing.json == invalid(required="Is required.")

    def test_is_never_repeated(self, client):
        secret = "hunter2@hunter2"
        fields = ("text", "email", "number", "flag", "choice", "words", "inner")
        for value in (secret, {secret: secret}, [secret] * 3):
            response = client.post("/samples/", dict.fromkeys(fields, value))
            descriptions = [error["description"] for error in response.json["errors"]]
            assert descriptions
            assert not [text for text in descriptions if secret in text]
