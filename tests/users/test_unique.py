"""User names and email addresses are unique, whatever their case and their form."""

import pytest

from tests.patches import replace
from tests.problems import conflict, invalid
from tests.users.accounts import columns, detail, newcomer, patch

NAME_TAKEN = conflict("A user of this name exists already.", "username")
EMAIL_TAKEN = conflict("A user with this email address exists already.", "email")

# The same after NFKC and casefold.
SAME = [
    ("ada", "ada"),
    ("ada", "ADA"),
    ("Straße", "STRASSE"),
    ("ada", "ａｄａ"),  # noqa: RUF001 (fullwidth letters)
    ("Zoë", "Zoe\N{COMBINING DIAERESIS}"),
    ("final", "\N{LATIN SMALL LIGATURE FI}nal"),
    ("kelvin", "\N{KELVIN SIGN}elvin"),
    ("ΣΊΣΥΦΟΣ", "σίσυφος"),
    ("user1", "user①"),
    ("a b", "a\N{NO-BREAK SPACE}b"),
    ("\N{LATIN CAPITAL LETTER DZ WITH CARON}", "dž"),
]
# Alike perhaps, but not the same.
DIFFERENT = [
    ("ada", "adam"),
    ("Istanbul", "\N{LATIN SMALL LETTER DOTLESS I}stanbul"),
    ("ada", "\N{CYRILLIC SMALL LETTER A}da"),
    ("zoe", "zoë"),
]


class TestUserNames:
    @pytest.mark.parametrize(("taken", "name"), SAME)
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

    def test_administrators_are_refused_too(self, api, make_user):
        admin = make_user("admin")
        response = api(admin).post("/users/", newcomer(username=admin.username))
        assert response.status_int == 409
        assert response.json == NAME_TAKEN

    def test_name_that_grows_in_its_normal_form_is_limited(self, api):
        # One character that becomes eighteen.
        grows = "\N{ARABIC LIGATURE SALLALLAHOU ALAYHE WASALLAM}"
        assert api().post("/users/", newcomer(username=grows * 22)).status_int == 201
        response = api().post("/users/", newcomer(username=grows * 23))
        assert response.status_int == 422
        assert response.json == invalid(username="Is too long in its normal form.")

    @pytest.mark.parametrize("name", [" ada", "ada ", "\N{NO-BREAK SPACE}ada", " "])
    def test_white_space_around_is_refused(self, api, name):
        response = api().post("/users/", newcomer(username=name))
        assert response.status_int == 422
        assert response.json == invalid(
            username="Must not begin or end with white space."
        )


class TestEmailAddresses:
    @pytest.mark.parametrize(
        ("taken", "email"),
        [
            ("ada@example.com", "ada@example.com"),
            ("ada@example.com", "ADA@Example.COM"),
            ("Straße@example.com", "strasse@example.com"),
            ("ada@straße.example", "ada@STRASSE.example"),
        ],
    )
    def test_same_address_is_refused(self, api, make_user, taken, email):
        make_user(email=taken)
        response = api().post("/users/", newcomer(email=email))
        assert response.status_int == 409
        assert response.json == EMAIL_TAKEN

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
