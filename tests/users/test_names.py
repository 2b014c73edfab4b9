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


class TestCanonical:
    @repeated
    @given(TEXTS)
    @example("\u0130")
    def test_of_itself_is_the_same(self, text):
        once = names.canonical(text)
        assert names.canonical(once) == once

    @repeated
    @given(TEXTS)
    def test_is_that_of_each_normal_form(self, text):
        forms = {unicodedata.normalize(each, text) for each in ("NFC", "NFD", "NFKC")}
        assert {names.canonical(each) for each in forms} == {names.canonical(text)}

    @repeated
    @given(TEXTS)
    def test_is_that_of_what_is_kept(self, text):
        kept = accepted(text) or text
        assert names.canonical(kept) == names.canonical(text)


class TestSkeleton:
    @repeated
    @given(TEXTS)
    @example("\u0444\u0149")
    def test_of_itself_is_the_same(self, text):
        once = names.skeleton(text)
        assert names.skeleton(once) == once

    @repeated
    @given(TEXTS)
    def test_is_that_of_each_normal_form(self, text):
        forms = {unicodedata.normalize(each, text) for each in ("NFC", "NFD")}
        assert len({names.skeleton(each) for each in forms}) == 1

    def test_is_what_unicode_says(self):
        """Of each source in its table, for the most part (UTS 39 section 4)."""
        for source, target in [
            ("\N{CYRILLIC SMALL LETTER A}", "a"),
            ("\N{GREEK CAPITAL LETTER ALPHA}", "A"),
            ("m", "rn"),
            ("\N{LATIN SMALL LETTER AE}", "ae"),
            ("\N{CYRILLIC SMALL LETTER YERU}", "ьi"),
            ("\N{ARABIC LETTER ALEF}", "l"),
        ]:
            assert names.skeleton(source) == names.skeleton(target)


class TestSpelled:
    @repeated
    @given(TEXTS)
    def test_of_itself_is_the_same(self, text):
        once = names.spelled(text)
        assert names.spelled(once) == once

    @repeated
    @given(TEXTS)
    def test_is_accepted_again(self, text):
        kept = accepted(text)
        assert kept is None or accepted(kept) == kept

    @repeated
    @given(TEXTS)
    def test_hides_nothing(self, text):
        kept = accepted(text) or ""
        categories = {unicodedata.category(char) for char in kept}
        assert not categories & {"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"}


class TestAddress:
    @repeated
    @given(TEXTS)
    def test_of_itself_is_the_same(self, text):
        once = names.canonical_address(f"ada@{text}")
        assert names.canonical_address(once) == once

    @pytest.mark.parametrize("address", ["x", "", "@", "ada@", "ada@..", "ada@\ud800"])
    def test_may_be_none(self, address):
        assert isinstance(names.canonical_address(address), str)


class TestAccounts:
    """Two that have the same skeleton never exist at once."""

    @settings(repeated, max_examples=20)
    @given(st.lists(st.text(ALIKE, min_size=1, max_size=3), max_size=8))
    def test_look_different(self, api, connection, tried):
        with connection.begin_nested() as undone:
            client = api()
            kept = []
            for name in tried:
                response = client.post("/users/", newcomer(username=name))
                assert response.status_int in {201, 409, 422}
                if response.status_int == 201:
                    kept.append(response.json["username"])
            undone.rollback()
        skeletons = [names.skeleton(name) for name in kept]
        assert len(set(skeletons)) == len(skeletons)
