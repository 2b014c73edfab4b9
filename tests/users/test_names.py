"""Usernames: the rules themselves, for whatever Unicode has."""

import unicodedata

import colander
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from apiserver.users import names
from apiserver.users.schemas import UserCreate
from tests.users.accounts import newcomer

# Of scripts of which many letters look like those of another.
LETTERS = st.one_of(
    st.characters(min_codepoint=0x21, max_codepoint=0x17F),
    st.characters(min_codepoint=0x370, max_codepoint=0x58F),
    st.characters(),
)
TEXTS = st.text(LETTERS, min_size=1, max_size=20)
# Of Latin and Cyrillic.
ALIKE = "aà\u0430\u0251lI1|o0O\u043e\u041e"
repeated = settings(deadline=None, database=None, derandomize=True)
NODE = UserCreate()["username"]


def accepted(name):
    """Return the name as sign-up keeps it, or None if it is refused."""
    try:
        return NODE.deserialize(name)
    except colander.Invalid:
        return None


@pytest.mark.parametrize(
    ("form", "before"),
    [
        (names.canonical, ""),
        (names.skeleton, ""),
        (names.spelled, ""),
        (names.canonical_address, "ada@"),
    ],
    ids=["canonical", "skeleton", "spelled", "address"],
)
@repeated
@given(TEXTS)
@example("\u0130")
@example("\u0444\u0149")
def test_form_of_itself_is_the_same(form, before, text):
    once = form(before + text)
    assert form(once) == once


@pytest.mark.parametrize(
    ("form", "equal"),
    [(names.canonical, ("NFC", "NFD", "NFKC")), (names.skeleton, ("NFC", "NFD"))],
    ids=["canonical", "skeleton"],
)
@repeated
@given(TEXTS)
def test_form_is_that_of_each_normal_form(form, equal, text):
    forms = {unicodedata.normalize(each, text) for each in equal}
    assert len({form(each) for each in forms}) == 1


@repeated
@given(TEXTS)
def test_what_is_kept_is_accepted_again_and_hides_nothing(text):
    kept = accepted(text)
    if kept is not None:
        assert accepted(kept) == kept
        assert names.canonical(kept) == names.canonical(text)
        categories = {unicodedata.category(char) for char in kept}
        assert not categories & {"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"}


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("\N{CYRILLIC SMALL LETTER A}", "a"),
        ("\N{GREEK CAPITAL LETTER ALPHA}", "A"),
        ("m", "rn"),
        ("\N{LATIN SMALL LETTER AE}", "ae"),
        ("\N{CYRILLIC SMALL LETTER YERU}", "ьi"),
        ("\N{ARABIC LETTER ALEF}", "l"),
    ],
)
def test_skeleton_is_what_unicode_says(source, target):
    """Of each source in its table, for the most part (UTS 39 section 4)."""
    assert names.skeleton(source) == names.skeleton(target)


@pytest.mark.parametrize("address", ["x", "@", "ada@..", "ada@\ud800"])
def test_address_may_be_none(address):
    assert isinstance(names.canonical_address(address), str)


class TestAccounts:
    """Two that have the same skeleton never exist at once."""

    @settings(repeated, max_examples=20)
    @given(st.lists(st.text(ALIKE, min_size=1, max_size=3), max_size=8))
    def test_look_different(self, api, connection, tried):
        with connection.begin_nested() as undone:
            answers = [api().post("/users/", newcomer(username=n)) for n in tried]
            undone.rollback()
        assert {answer.status_int for answer in answers} <= {201, 409, 422}
        kept = [each.json["username"] for each in answers if each.status_int == 201]
        assert len({names.skeleton(name) for name in kept}) == len(kept)
