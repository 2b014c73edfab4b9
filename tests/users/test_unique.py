"""Usernames and email addresses are unique, whatever their case and their form."""

import pytest
from sqlalchemy import update

from apiserver.users.models import User
from tests.patches import replace
from tests.problems import conflict, invalid
from tests.users.accounts import columns, detail, newcomer, patch

NAME_TAKEN = conflict(
    "This username, or one that looks like it, is already taken.", "username"
)
EMAIL_TAKEN = conflict("A user with this email address already exists.", "email")

NO_USERNAME = invalid(
    username="Must consist of letters, digits, punctuation, and single spaces between "
    "them."
)
HIDDEN = invalid(username="Must not contain invisible characters.")
MIXED = invalid(username="Must use one script, and digits of one kind.")

# The same after NFKC and casefold.
SAME = [
    ("ada", "ada"),
    ("ada", "ADA"),
    ("Straße", "STRASSE"),
    ("ada", "ａｄａ"),  # noqa: RUF001 (fullwidth letters)
    ("Zoë", "Zoe\N{COMBINING DIAERESIS}"),
    ("kelvin", "\N{KELVIN SIGN}elvin"),
    ("ΣΊΣΥΦΟΣ", "σίσυφος"),
    ("a b", "A B"),
]
# Not the same, but who could tell?
ALIKE = [
    ("admin", "adrnin"),
    ("ADMIN", "ADMlN"),
    ("admin", "ADMlN"),
    ("Ivan", "lvan"),
    ("user1", "userl"),
    ("user0", "userO"),
    ("Istanbul", "\N{LATIN SMALL LETTER DOTLESS I}stanbul"),
    # Of Cyrillic letters, and of Greek ones, alone.
    ("scope", "ѕсоре"),  # noqa: RUF001
    ("HOT", "НОТ"),  # noqa: RUF001
    ("HOT", "ΗΟΤ"),  # noqa: RUF001
    ("VICI", "ѵісі"),  # noqa: RUF001
]
DIFFERENT = [
    ("ada", "adam"),
    ("zoe", "zoë"),
    ("ada", "ада"),
    ("ada", "エイダ"),
    ("ada", "عادة"),
    ("ada", "Ada-Lovelace_1815@example.com"),
]
REFUSED = [
    ("аdmin", MIXED),  # noqa: RUF001 (a Cyrillic letter)
    ("Ζoe", MIXED),  # noqa: RUF001 (a Greek one)
    ("ada1\N{DEVANAGARI DIGIT TWO}", MIXED),
    ("ad\u200bmin", HIDDEN),
    ("admin\u2060", HIDDEN),
    ("\ufeffadmin", HIDDEN),
    ("ad\u00admin", HIDDEN),
    ("ad\ufe0fmin", HIDDEN),
    ("\u202enimda", HIDDEN),
    ("ad\u2066min", HIDDEN),
    ("ad\u034fmin", HIDDEN),
    ("\u3164", HIDDEN),
    ("\uffa0", HIDDEN),
    ("ad\U000e0061min", HIDDEN),
    ("ad\U000e0100min", HIDDEN),
    ("a\u200ddmin", HIDDEN),
    ("\u2800", invalid(username="Must not be only whitespace.")),
    ("\u0301", invalid(username="Must not be only whitespace.")),
    ("ada  lovelace", NO_USERNAME),
    ("a\N{NO-BREAK SPACE}b", NO_USERNAME),
    ("\N{LATIN SMALL LIGATURE FI}nal", NO_USERNAME),
    ("user①", NO_USERNAME),
    ("ada\N{SMILING FACE WITH SUNGLASSES}", NO_USERNAME),
    ("a\u05d0", NO_USERNAME),
]


class TestUserNames:
    @pytest.mark.parametrize(("taken", "name"), [*SAME, *ALIKE])
    def test_same_name_is_refused(self, api, make_user, taken, name):
        make_user(username=taken)
        response = api().post("/users/", newcomer(username=name))
        assert response.status_int == 409
        assert response.json == NAME_TAKEN

    @pytest.mark.parametrize(("taken", "name"), DIFFERENT)
    def test_different_name_is_kept_as_written(self, api, make_user, taken, name):
        make_user(username=taken)
        response = api().post("/users/", newcomer(username=name))
        assert response.status_int == 201
        assert response.json["username"] == name

    @pytest.mark.parametrize(
        ("written", "kept"),
        [
            ("ＡＤＡ", "ADA"),  # noqa: RUF001 (fullwidth letters)
            ("Zoe\N{COMBINING DIAERESIS}", "Zoë"),
            ("\N{ANGSTROM SIGN}sa", "Åsa"),
        ],
    )
    def test_forms_of_a_name_are_kept_as_one(self, api, written, kept):
        response = api().post("/users/", newcomer(username=written))
        assert response.status_int == 201
        assert response.json["username"] == kept

    @pytest.mark.parametrize(("name", "document"), REFUSED)
    def test_name_that_nobody_could_tell_apart_is_refused(self, api, name, document):
        response = api().post("/users/", newcomer(username=name))
        assert response.status_int == 422
        assert response.json == document

    def test_administrators_are_refused_too(self, api, make_user):
        admin = make_user("admin")
        response = api(admin).post("/users/", newcomer(username=admin.username))
        assert response.status_int == 409
        assert response.json == NAME_TAKEN

    def test_name_that_grows_in_what_is_compared_is_limited(self, api):
        # Of each there are six characters then.
        syllable = "\N{HANGUL SYLLABLE JJYIBS}"
        longest = newcomer(username=syllable * 66)
        assert api().post("/users/", longest).status_int == 201
        response = api().post("/users/", newcomer(username=syllable * 67))
        assert response.status_int == 422
        assert response.json == invalid(username="Is too long in its normal form.")

    def test_address_that_grows_in_what_is_compared_is_limited(self, api):
        address = (
            "\N{ARABIC LIGATURE SALLALLAHOU ALAYHE WASALLAM}" * 30 + "@example.com"
        )
        response = api().post("/users/", newcomer(email=address))
        assert response.json == invalid(email="Is too long in its normal form.")

    @pytest.mark.parametrize("name", [" ada", "ada ", "\N{NO-BREAK SPACE}ada"])
    def test_white_space_around_is_refused(self, api, name):
        response = api().post("/users/", newcomer(username=name))
        assert response.status_int == 422
        assert response.json == invalid(
            username="Must not begin or end with whitespace."
        )

    def test_account_of_before_goes_on(self, api, db, make_user):
        """Its name would be refused today, and looks like another one."""
        user = make_user(username="a\N{ZERO WIDTH SPACE}da ①")
        db.execute(update(User).values(username_skeleton=None))
        change = patch(replace("first_name", "Ada"))
        assert api(user).patch(f"/users/{user.id}", change).status_int == 200


class TestEmailAddresses:
    @pytest.mark.parametrize(
        ("taken", "email"),
        [
            ("ada@example.com", "ada@example.com"),
            ("ada@example.com", "ADA@Example.COM"),
            ("Straße@example.com", "strasse@example.com"),
            ("ada@bücher.example", "ada@xn--bcher-kva.example"),
            ("ada@xn--bcher-kva.example", "ada@BU\N{COMBINING DIAERESIS}CHER.example"),
            ("ada@straße.example", "ada@XN--STRAE-OQA.Example"),
            ("ada@bücher.example", "ada@bücher\N{IDEOGRAPHIC FULL STOP}example"),
            ("ada@example.com", "ada@ｅｘａｍｐｌｅ．com"),  # noqa: RUF001
            ("ada@example.com", "ａｄａ@example.com"),  # noqa: RUF001
        ],
    )
    def test_same_address_is_refused(self, api, make_user, taken, email):
        make_user(email=taken)
        response = api().post("/users/", newcomer(email=email))
        assert response.status_int == 409
        assert response.json == EMAIL_TAKEN

    @pytest.mark.parametrize(
        ("taken", "email"),
        [
            ("ada@straße.example", "ada@strasse.example"),
            ("ada@faß.example", "ada@fass.example"),
        ],
    )
    def test_different_address_is_taken(self, api, make_user, taken, email):
        make_user(email=taken)
        response = api().post("/users/", newcomer(email=email))
        assert (response.status_int, response.json["email"]) == (201, email)

    @pytest.mark.parametrize(
        ("written", "kept"),
        [
            ("Ada@xn--bcher-kva.example", "Ada@bücher.example"),
            ("Ada@BÜCHER.Example", "Ada@bücher.example"),
            ("ada@example\N{FULLWIDTH FULL STOP}com", "ada@example.com"),
            ("zoe\N{COMBINING DIAERESIS}@example.com", "zoë@example.com"),
        ],
    )
    def test_address_is_kept_in_unicode(self, api, make_user, written, kept):
        response = api().post("/users/", newcomer(email=written))
        assert (response.status_int, response.json["email"]) == (201, kept)
        user = make_user()
        change = patch(replace("email", f"other{written}"))
        answer = api(user).patch(f"/users/{user.id}", change)
        assert answer.json == detail(user, email=f"other{kept}")

    @pytest.mark.parametrize(
        "domain",
        [
            "example.com.",
            "example.com\N{IDEOGRAPHIC FULL STOP}",
            "example..com",
            "xn--999999999.example",
            "xn--a.example",
            "xn--ls8h.example",
            "xn--u-ccb.example",
            "xn--.example",
            "xn--bcher-kva8445foa.example",
            "ab--cd.example",
            f"{'a' * 64}.example",
            f"{'ü' * 60}.example",
            "ex\u00adample.com",
            "ex\u200dample.com",
            "☃.example",
            "\u0301a.example",
            "a\u05d0.example",
        ],
    )
    def test_what_is_no_domain_is_refused(self, api, domain):
        response = api().post("/users/", newcomer(email=f"ada@{domain}"))
        assert response.status_int == 422
        assert response.json["errors"][0]["name"] == "email"

    @pytest.mark.parametrize("hidden", ["\u200b", "\ufe0f", "\u3164", "\u034f"])
    def test_local_part_hides_nothing(self, api, hidden):
        response = api().post("/users/", newcomer(email=f"a{hidden}da@example.com"))
        assert response.status_int == 422
        assert response.json["errors"][0]["name"] == "email"

    def test_same_address_is_refused_in_a_patch(self, api, db, make_user):
        user, other = make_user(), make_user(email="Straße@example.com")
        before = columns(db, user)
        response = api(user).patch(
            f"/users/{user.id}",
            patch(
                replace("first_name", "Ada"), replace("email", "STRASSE@example.com")
            ),
        )
        assert response.status_int == 409
        assert response.json == EMAIL_TAKEN
        assert columns(db, user) == before
        assert other.email == "Straße@example.com"

    def test_own_address_can_be_written_otherwise(self, api, make_user):
        user = make_user(email="ada@example.com")
        response = api(user).patch(
            f"/users/{user.id}", patch(replace("email", "Ada@example.com"))
        )
        assert response.status_int == 200
        assert response.json == detail(user, email="Ada@example.com")

    def test_given_up_address_is_free(self, api, make_user):
        user = make_user(email="old@example.com")
        new = patch(replace("email", "new@example.com"))
        assert api(user).patch(f"/users/{user.id}", new).status_int == 200
        response = api().post("/users/", newcomer(email="OLD@example.com"))
        assert response.status_int == 201
        response = api().post("/users/", newcomer(email="NEW@example.com"))
        assert response.json == EMAIL_TAKEN
