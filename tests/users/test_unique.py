"""Usernames and email addresses are unique, whatever their case and their form."""

import pytest
from sqlalchemy import update

from apiserver.users.models import User
from tests.patches import replace
from tests.problems import invalid
from tests.users.accounts import (
    EMAIL_TAKEN,
    NAME_TAKEN,
    change,
    columns,
    detail,
    newcomer,
)

AROUND = "Must not begin or end with whitespace."
BLANK = "Must not be only whitespace."
HIDDEN = "Must not contain invisible characters."
LONG = "Is too long in its normal form."
MIXED = "Must use one script, and digits of one kind."
NO_USERNAME = (
    "Must consist of letters, digits, punctuation, and single spaces between them."
)

# The same after NFKC and casefold.
SAME = [
    ("ada", "ADA"),
    ("Straße", "STRASSE"),
    ("ada", "ａｄａ"),  # noqa: RUF001 (fullwidth letters)
    ("Zoë", "Zoe\N{COMBINING DIAERESIS}"),
    ("kelvin", "\N{KELVIN SIGN}elvin"),
    ("ΣΊΣΥΦΟΣ", "σίσυφος"),
]
# Not the same, but who could tell?
ALIKE = [
    ("admin", "adrnin"),
    ("ADMIN", "ADMlN"),
    ("admin", "ADMlN"),
    ("user1", "userl"),
    ("user0", "userO"),
    ("Istanbul", "\N{LATIN SMALL LETTER DOTLESS I}stanbul"),
    # Of Cyrillic letters, and of Greek ones, alone.
    ("scope", "ѕсоре"),  # noqa: RUF001
    ("HOT", "ΗΟΤ"),  # noqa: RUF001
]
DIFFERENT = [
    ("zoe", "zoë"),
    ("ada", "ада"),
    ("ada", "エイダ"),
    ("ada", "عادة"),
    ("ada", "Ada-Lovelace_1815@example.com"),
]
REFUSED = [
    (" ada", AROUND),
    ("ada\N{NO-BREAK SPACE}", AROUND),
    ("аdmin", MIXED),  # noqa: RUF001 (a Cyrillic letter)
    ("\N{DEVANAGARI LETTER KA}1\N{DEVANAGARI DIGIT TWO}", MIXED),
    ("ad\u200bmin", HIDDEN),
    ("ad\ufe0fmin", HIDDEN),
    ("\u202enimda", HIDDEN),
    ("ad\u034fmin", HIDDEN),
    ("\uffa0", HIDDEN),
    ("ad\U000e0061min", HIDDEN),
    ("a\u200ddmin", HIDDEN),
    ("\u2800", BLANK),
    ("\u0301", BLANK),
    ("ada  lovelace", NO_USERNAME),
    ("a\N{NO-BREAK SPACE}b", NO_USERNAME),
    ("user①", NO_USERNAME),
    ("ada\N{SMILING FACE WITH SUNGLASSES}", NO_USERNAME),
    ("a\u05d0", NO_USERNAME),
    # Of each of these syllables there are six characters in what is compared.
    ("\N{HANGUL SYLLABLE JJYIBS}" * 67, LONG),
]


@pytest.fixture
def sign_up(api):
    """A function by which somebody signs up."""
    return lambda **fields: api().post("/users/", newcomer(**fields))


class TestUserNames:
    @pytest.mark.parametrize(("taken", "name"), [*SAME, *ALIKE])
    def test_same_name_is_refused(self, sign_up, make_user, taken, name):
        make_user(username=taken)
        assert sign_up(username=name).json == NAME_TAKEN

    @pytest.mark.parametrize(
        ("written", "kept"),
        [
            *((name, name) for _, name in DIFFERENT),
            ("ＡＤＡ", "ADA"),  # noqa: RUF001 (fullwidth letters)
            ("Zoe\N{COMBINING DIAERESIS}", "Zoë"),
            ("\N{HANGUL SYLLABLE JJYIBS}" * 66, "\N{HANGUL SYLLABLE JJYIBS}" * 66),
        ],
    )
    def test_different_name_is_kept(self, sign_up, make_user, written, kept):
        for taken in ("zoe", "adam", "Countess"):
            make_user(username=taken)
        assert sign_up(username=written).json["username"] == kept

    @pytest.mark.parametrize(("name", "why"), REFUSED)
    def test_name_that_nobody_could_tell_apart_is_refused(self, sign_up, name, why):
        assert sign_up(username=name).json == invalid(username=why)

    def test_administrators_are_refused_too(self, api, admin):
        response = api(admin).post("/users/", newcomer(username=admin.username))
        assert response.json == NAME_TAKEN

    def test_account_of_before_goes_on(self, api, db, make_user):
        """Its name would be refused today, and looks like another one."""
        user = make_user(username="a\N{ZERO WIDTH SPACE}da ①")
        db.execute(update(User).values(username_skeleton=None))
        assert change(api(user), user, replace("first_name", "Ada")).status_int == 200


class TestEmailAddresses:
    @pytest.mark.parametrize(
        ("taken", "email"),
        [
            ("ada@example.com", "ADA@Example.COM"),
            ("Straße@example.com", "strasse@example.com"),
            ("ada@bücher.example", "ada@xn--bcher-kva.example"),
            ("ada@xn--bcher-kva.example", "ada@BU\N{COMBINING DIAERESIS}CHER.example"),
            ("ada@straße.example", "ada@XN--STRAE-OQA.Example"),
            ("ada@bücher.example", "ada@bücher\N{IDEOGRAPHIC FULL STOP}example"),
            ("ada@example.com", "ａｄａ@ｅｘａｍｐｌｅ．com"),  # noqa: RUF001
        ],
    )
    def test_same_address_is_refused(self, sign_up, make_user, taken, email):
        make_user(email=taken)
        assert sign_up(email=email).json == EMAIL_TAKEN

    @pytest.mark.parametrize(
        ("written", "kept"),
        [
            ("ada@strasse.example", "ada@strasse.example"),
            ("Ada@xn--bcher-kva.example", "Ada@bücher.example"),
            ("ada@example\N{FULLWIDTH FULL STOP}com", "ada@example.com"),
            ("zoe\N{COMBINING DIAERESIS}@example.com", "zoë@example.com"),
        ],
    )
    def test_address_is_kept_in_unicode(
        self, sign_up, make_user, client, user, written, kept
    ):
        make_user(email="ada@straße.example")
        assert sign_up(email=written).json["email"] == kept
        answer = change(client, user, replace("email", f"other{written}"))
        assert answer.json == detail(user, email=f"other{kept}")

    @pytest.mark.parametrize(
        "email",
        [
            "ada@example.com.",
            "ada@example..com",
            "ada@xn--999999999.example",
            "ada@xn--ls8h.example",
            "ada@xn--.example",
            "ada@ab--cd.example",
            f"ada@{'a' * 64}.example",
            f"ada@{'ü' * 60}.example",
            "ada@ex\u00adample.com",
            "ada@☃.example",
            "ada@\u0301a.example",
            "ada@a\u05d0.example",
            # Nor does the local part hide anything.
            "a\u200bda@example.com",
            "a\u3164da@example.com",
        ],
    )
    def test_what_is_none_is_refused(self, sign_up, email):
        response = sign_up(email=email)
        assert response.status_int == 422
        assert [each["name"] for each in response.json["errors"]] == ["email"]

    def test_that_grows_in_what_is_compared_is_limited(self, sign_up):
        local = "\N{ARABIC LIGATURE SALLALLAHOU ALAYHE WASALLAM}" * 30
        assert sign_up(email=f"{local}@example.com").json == invalid(email=LONG)

    def test_same_address_is_refused_in_a_patch(self, client, db, user, make_user):
        make_user(email="Straße@example.com")
        before = columns(db, user)
        taken = replace("email", "STRASSE@example.com")
        answer = change(client, user, replace("first_name", "Ada"), taken)
        assert answer.json == EMAIL_TAKEN
        assert columns(db, user) == before

    def test_given_up_address_is_free(self, sign_up, client, user):
        old = user.email
        for new in (old.upper(), "new@example.com"):
            assert change(client, user, replace("email", new)).status_int == 200
        assert sign_up(email=old).status_int == 201
        assert sign_up(email="NEW@example.com").json == EMAIL_TAKEN
