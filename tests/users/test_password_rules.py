"""Which new passwords are taken, at sign-up and by a patch."""

import pytest

from apiserver.users.password_rules import scored_part
from tests.factories import HASHER, PASSWORD
from tests.patches import replace
from tests.problems import invalid
from tests.users import accounts
from tests.users.accounts import EASY, PERSONAL, SHORT, newcomer, password_test

LONG = "Must be at most 1024 characters long."
HIDDEN = "Must not contain invisible characters."
NAMES = {
    "username": "Countess",
    "email": "ada.byron-king@analysts.example.com",
    "first_name": "Augusta Ada",
    "middle_name": "de",
    "last_name": "Lovelace",
}


@pytest.fixture
def sign_up(api):
    """A function that chooses a password at sign-up, by ``NAMES``."""
    return lambda password: api().post("/users/", newcomer(**NAMES, password=password))


@pytest.fixture
def change(api, make_user):
    """A function that chooses another password, for an account of ``NAMES``."""
    user = make_user(**NAMES)
    client = api(user)
    return lambda password, *more: accounts.change(
        client, user, replace("password", password), *more
    )


@pytest.mark.parametrize(
    ("password", "description"),
    [
        ("short", SHORT),
        ("password1234", EASY),
        ("the countess of umbrellas", PERSONAL),
        ("caffe\u200b au tortoise", HIDDEN),
    ],
)
@pytest.mark.parametrize("door", ["sign_up", "change"])
def test_doors_have_the_same_rules(request, door, password, description):
    assert request.getfixturevalue(door)(password).json == invalid(password=description)


class TestLength:
    @pytest.mark.parametrize(
        ("length", "error"), [(0, SHORT), (11, SHORT), (1025, LONG)]
    )
    def test_other_lengths_are_refused(self, change, length, error):
        assert change((PASSWORD * 100)[:length]).json == invalid(password=error)

    @pytest.mark.parametrize("length", [12, 73, 1024])
    def test_all_between_are_taken(self, change, length):
        password = ("tortoise umbrella " * 100)[:length]
        assert change(password).status_int == 200

    def test_is_counted_in_characters(self, change):
        password = "\N{GRINNING FACE}\N{SNOWMAN}☎✈☯♞éßжあ字ñ"
        assert change(password[1:]).json == invalid(password=SHORT)
        assert change(password).status_int == 200


class TestGuessable:
    @pytest.mark.rfc("9457", "3.1.4", "SHOULD", "detail helps, and repeats no secret")
    @pytest.mark.parametrize(
        "password",
        [
            *("P@ssw0rd!123", "correcthorse", "qwertyuiopas", "123456789012"),
            *("abcdefghijklmn", "aaaaaaaaaaaaaaaa", "é" * 12, " " * 12, "x" * 1024),
        ],
    )
    def test_is_refused(self, change, password):
        response = change(password)
        assert response.json == invalid(password=EASY)
        assert password not in response.text

    @pytest.mark.parametrize(
        "password",
        [
            *("onlylowercasewithoutspaces", "4917750263518", "k3J9x!2Qm7$4"),
            *("王小明喜歡吃很多水果呢好", "Здравствуй, мир!", "trailing spaces   "),
        ],
    )
    def test_is_no_matter_of_composition(self, change, password):
        assert change(password).status_int == 200

    def test_is_found_out_in_time(self):
        """Every way to read signs as letters is tried: of all kinds that takes long."""
        kinds = "4@8({[<369!1|70$5+%2"
        assert scored_part(kinds * 3) == kinds[:8] * 3
        assert scored_part("w" * 100) == "w" * 60
        assert scored_part("plain words") == "plain words"


class TestPersonal:
    @pytest.mark.parametrize(
        "password",
        [
            "THE COUNTESS OF UMBRELLAS",
            "\N{FULLWIDTH LATIN SMALL LETTER C}ountess umbrella 7",
            "umbrella lovelace tortoise",
            "augusta rides a tortoise",
            "byron rides a tortoise",
            "ada.byron-king@analysts.example.com",
        ],
    )
    def test_is_refused(self, change, password):
        assert change(password).json == invalid(password=PERSONAL)

    def test_is_recognized_in_other_letters(self, change):
        assert change("L0v3l4c3-2024").json == invalid(password=EASY)

    def test_begins_with_four_letters(self, change):
        """A name of three letters or less is in many words."""
        named = replace("middle_name", "Khan")
        answer = change("umbrella khan tortoise", named)
        assert answer.json == invalid(password=PERSONAL)
        assert change("the armadas of a mariner").status_int == 200

    def test_is_of_the_user_who_gets_it(self, api, make_user):
        admin = api(make_user("admin", last_name="Hopper"))
        new = newcomer(password="umbrella hopper tortoise")
        assert admin.post("/users/", new).status_int == 201


class TestUnicode:
    @pytest.mark.parametrize("password", ["café au tortoise", "cafe\u0301 au tortoise"])
    def test_is_the_same_in_each_form(self, client, user, path, password):
        """By the profile OpaqueString: normalized, but neither trimmed nor folded."""
        accounts.change(client, user, replace("password", password))
        name = replace("first_name", "Ada")
        for wrong in [password + " ", password.upper(), "cafe au tortoise"]:
            assert client.patch(path, [password_test(wrong), name]).status_int == 403
        for right in [
            "café au tortoise",
            "cafe\u0301 au tortoise",
            "café\N{NO-BREAK SPACE}au\N{IDEOGRAPHIC SPACE}tortoise",
        ]:
            assert client.patch(path, [password_test(right), name]).status_int == 200

    def test_of_before_is_right_as_it_was_typed(self, api, make_user):
        password = "cafe\u0301 au tortoise\ufe0f"
        user = make_user(password_digest=HASHER.hash(password))
        changes = [password_test(password), replace("first_name", "Ada")]
        assert api(user).patch(f"/users/{user.id}", changes).status_int == 200

    @pytest.mark.parametrize("hidden", ["\u00ad", "\u202e", "\ufe0f", "\u3164"])
    def test_hides_nothing(self, change, hidden):
        assert change(f"caffe au{hidden} tortoise").json == invalid(password=HIDDEN)
