"""What is particular to the fields of accounts; ``bad_input`` walks all limits."""

import pytest

from tests.problems import invalid
from tests.users.accounts import newcomer


def address(length):
    """Return an email address of the length, of domain labels of at most 63."""
    domain = "d" * 50 + "." + "e" * (length - 50 - 1 - 4 - 12) + ".com"
    return "l" * 11 + "@" + domain


@pytest.mark.parametrize("character", ["é", "\N{GOTHIC LETTER AHSA}"])
def test_longest_text_is_taken_in_any_script(api, character):
    names = ("first_name", "middle_name", "last_name")
    texts = {"username": character * 80, **dict.fromkeys(names, character * 30)}
    response = api().post("/users/", newcomer(**texts))
    assert texts.items() <= response.json.items()


class TestEmail:
    @pytest.mark.parametrize(
        "email", [address(120), "root@localhost", "zoë@exämple.com"]
    )
    def test_is_taken(self, api, email):
        assert api().post("/users/", newcomer(email=email)).json["email"] == email

    @pytest.mark.parametrize(
        "email",
        [
            *("", "ada", "@example.com", "ada@", "ada@@example.com", "ada@example"),
            *("ada@exam ple.com", "ada@example.com ", "a\0da@example.com"),
            *("Ada <ada@example.com>", "ada@[127.0.0.1]", address(121)),
        ],
    )
    def test_that_is_none_is_refused(self, api, email):
        response = api().post("/users/", newcomer(email=email))
        assert response.status_int == 422
        assert {error["name"] for error in response.json["errors"]} == {"email"}


def test_all_that_is_wrong_is_named_at_once(api):
    response = api().post("/users/", {"first_name": 1, "nick": "x"})
    assert response.json == invalid(
        **dict.fromkeys(("username", "email", "password"), "Is required."),
        first_name="Must be a string.",
        nick="Unknown field.",
    )
