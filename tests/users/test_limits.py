"""The limits of every field, in JSON and in forms; what is malformed altogether."""

import json

import pytest

from tests.problems import invalid, problem
from tests.users.accounts import newcomer

ASTRAL = "\N{MATHEMATICAL FRAKTUR SMALL A}"
FORM = "application/x-www-form-urlencoded"
CONTROL = "Must not hold control characters."
STRING = "Must be a string."
REQUIRED = "Is required."
TYPES = ("application/json", FORM, "multipart/form-data")

# Shortest and longest; an address can't be shorter than a@b.co.
TEXTS = {
    "username": (1, 80),
    "first_name": (0, 30),
    "middle_name": (0, 30),
    "last_name": (0, 30),
}
OTHERS = ["password", "email", "recaptcha_key"]


def address(length):
    """Return an email address of the length, of domain labels of at most 63."""
    domain = "d" * 50 + "." + "e" * (length - 50 - 1 - 4 - 12) + ".com"
    return "l" * 11 + "@" + domain


class TestLength:
    @pytest.mark.parametrize("character", ["x", "é", ASTRAL])
    @pytest.mark.parametrize("end", [0, 1])
    def test_shortest_and_longest_are_taken(self, api, end, character):
        texts = {name: character * limits[end] for name, limits in TEXTS.items()}
        if character == ASTRAL:
            # A form of a letter for mathematics, of which there are no user names.
            texts["username"] = "\N{GOTHIC LETTER AHSA}" * TEXTS["username"][end]
        response = api().post("/users/", newcomer(**texts))
        assert response.status_int == 201
        assert texts.items() <= response.json.items()

    @pytest.mark.parametrize("name", TEXTS)
    def test_longer_is_refused(self, api, name):
        longest = TEXTS[name][1]
        response = api().post("/users/", newcomer(**{name: "x" * (longest + 1)}))
        assert response.status_int == 422
        assert response.json == invalid(**{name: f"Must be at most {longest} long."})

    def test_empty_is_refused(self, api):
        response = api().post("/users/", newcomer(username=""))
        assert response.status_int == 422
        assert response.json["errors"][0] == {
            "location": "body",
            "name": "username",
            "description": "Must be at least 1 long.",
        }

    def test_email_takes_up_to_120_characters(self, api):
        longest = address(120)
        response = api().post("/users/", newcomer(email=longest))
        assert (response.status_int, response.json["email"]) == (201, longest)
        response = api().post("/users/", newcomer(email=address(121)))
        assert response.status_int == 422
        assert response.json == invalid(email="Must be at most 120 long.")

    def test_captcha_takes_up_to_4096_characters(self, api):
        long = newcomer(recaptcha_key="x" * 4096)
        assert api().post("/users/", long).status_int == 403
        response = api().post("/users/", newcomer(recaptcha_key="x" * 4097))
        assert response.json == invalid(recaptcha_key="Must be at most 4096 long.")


class TestContent:
    @pytest.mark.parametrize("character", ["\0", "\n", "\x1f", "\x7f", "\x85"])
    @pytest.mark.parametrize("name", [*TEXTS, "password", "recaptcha_key"])
    def test_control_characters_are_refused(self, api, name, character):
        fields = newcomer(**{name: f"ada{character}of a dozen"})
        for response in (
            api().post("/users/", fields),
            api().post("/users/", form=fields),
        ):
            assert response.status_int == 422
            assert response.json == invalid(**{name: CONTROL})

    @pytest.mark.parametrize("name", [*TEXTS, *OTHERS])
    def test_lone_surrogates_are_not_json(self, api, name):
        body = json.dumps(newcomer(**{name: "a\ud800"})).encode()
        response = api().post("/users/", body=body, content_type=TYPES[0])
        assert response.status_int == 400

    @pytest.mark.parametrize(
        "email",
        [
            "",
            "ada",
            "@example.com",
            "ada@",
            "ada@@example.com",
            "ada@example",
            "ada@exam ple.com",
            "ada@example.com ",
            "a\0da@example.com",
            "ada@example.com\n",
            "Ada <ada@example.com>",
            "ada@[127.0.0.1]",
            "ada@-example.com",
        ],
    )
    def test_what_is_no_email_address_is_refused(self, api, email):
        response = api().post("/users/", newcomer(email=email))
        assert response.status_int == 422
        assert {error["name"] for error in response.json["errors"]} == {"email"}

    @pytest.mark.parametrize("email", ["root@localhost", "zoë@exämple.com"])
    def test_unusual_email_addresses_are_taken(self, api, email):
        response = api().post("/users/", newcomer(email=email))
        assert (response.status_int, response.json["email"]) == (201, email)

    @pytest.mark.parametrize("value", [None, 1, 1.5, True, [], ["x"], {}])
    @pytest.mark.parametrize("name", [*TEXTS, *OTHERS])
    def test_other_types_are_refused(self, api, name, value):
        response = api().post("/users/", newcomer(**{name: value}))
        assert response.status_int == 422
        assert response.json == invalid(**{name: STRING})


class TestShape:
    def test_all_that_is_wrong_is_named_at_once(self, api):
        response = api().post("/users/", {"first_name": 1, "nick": "x"})
        assert response.status_int == 422
        assert response.json == invalid(
            username=REQUIRED,
            email=REQUIRED,
            password=REQUIRED,
            first_name=STRING,
            nick="There is no such field.",
        )

    def test_secrets_are_not_repeated(self, api):
        password = ["tell nobody"]
        response = api().post("/users/", newcomer(password=password))
        assert response.json == invalid(password=STRING)
        assert "tell nobody" not in response.text

    def test_form_gives_a_field_once(self, api):
        body = b"username=a&username=b"
        response = api().post("/users/", body=body, content_type=FORM)
        assert response.json == invalid(username="Is given twice.")

    def test_form_holds_no_files(self, api):
        upload = [("username", "name.txt", b"ada")]
        fields = [*newcomer().items()][1:]
        content_type, body = api().encode_multipart(fields, upload)
        response = api().post("/users/", body=body, content_type=content_type)
        assert response.status_int == 422
        assert response.json == invalid(username=STRING)

    @pytest.mark.parametrize("body", [None, [], "text", 1, True])
    def test_json_is_an_object(self, api, body):
        response = api().post("/users/", body)
        assert response.status_int == 422
        assert response.json == invalid(**{"": "Must be an object."})

    @pytest.mark.parametrize(
        ("content_type", "body"),
        [
            ("application/json", b""),
            ("application/json", b"{"),
            ("application/json", b'{"username": NaN}'),
            ("application/json", b'{"username": "\xff"}'),
            ("application/json", b"[" * 33 + b"]" * 33),
            (FORM, b"username=%ff"),
            (FORM, b"username=\xff"),
            (FORM, b"username=%ED%A0%80"),
            ("multipart/form-data", b"username=x"),
            ("multipart/form-data; boundary=x", b"--x\r\n\r\n\xff\r\n--x--\r\n"),
            ("application/json; charset=latin-1", b"{}"),
        ],
    )
    def test_malformed_body_is_400(self, api, content_type, body):
        response = api().post("/users/", body=body, content_type=content_type)
        assert response.status_int == 400
        assert response.json == problem(400)

    @pytest.mark.parametrize("content_type", [None, "text/plain", "text/xml"])
    def test_other_media_types_are_415(self, api, content_type):
        response = api().post("/users/", body=b"{}", content_type=content_type)
        assert response.status_int == 415
        assert response.headers["Accept-Post"] == ", ".join(TYPES)
        assert response.json == problem(415)
