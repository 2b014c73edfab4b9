"""What can be seen of a text, and what hides there."""

import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from apiserver.core.schemas.visible import hides_something, is_blank

SEEN = [
    "",
    "Engineers",
    "Zoe\N{COMBINING DIAERESIS}",
    "Ελληνικά, русский, 日本語, 한국어, ไทย",
    # Joiners where letters of a script need them.
    "می\N{ZERO WIDTH NON-JOINER}خواهم",
    "क्\N{ZERO WIDTH JOINER}ष",
    "ශ්\N{ZERO WIDTH JOINER}රී",
    "\u1820\u180e\u1820",
    "葛\U000e0100城",
    # Emoji: of several, of a style, with a colour, of a region; a keycap.
    "👩\N{ZERO WIDTH JOINER}💻",
    "👩🏽\N{ZERO WIDTH JOINER}🚀",
    "🏳\ufe0f\N{ZERO WIDTH JOINER}🌈",
    "👨\N{ZERO WIDTH JOINER}👩\N{ZERO WIDTH JOINER}👧",
    "🤷\N{ZERO WIDTH JOINER}♂\ufe0f",
    "❤\ufe0f ☕\ufe0f ↔\ufe0f ‼\ufe0f \u2139\ufe0f ™\ufe0f",
    "1\ufe0f\u20e3 #\ufe0f\u20e3",
    "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
    "🇩🇪",
]
HIDING = [
    *("\u200b", "a\u200bb", "a\u200cb", "a\u200db", "\u200d", "\u180b", "a\u180b"),
    # A character of private use has no script that a joiner could belong to.
    "\ue000\u200db",
    *("\u200d💻", "👩\u200d", "👩\u200db", "a\ufe0f", "1\ufe0f", "a\ufe00", "☕\ufe00"),
    *("a\U000e0100", "🏴\U000e0067\U000e0062", "a\U000e0067\U000e007f"),
    *(
        f"a{char}b"
        for char in "\u00ad\u034f\u061c\u115f\u1160\u17b4\u200e\u200f\u2028\u2029\u202a"
        "\u202e\u2060\u2066\u2069\u206f\u3164\ufeff\uffa0\ufff9\ufffe\ufdd0\U0001d173"
        "\U000e0001"
    ),
]

repeated = settings(deadline=None, database=None, derandomize=True, max_examples=40)
SHORT = st.text(max_size=9)


class TestHidesSomething:
    @pytest.mark.parametrize("text", SEEN)
    def test_not_where_all_is_seen(self, text):
        assert not hides_something(text)

    @pytest.mark.parametrize("text", HIDING, ids=ascii)
    def test_where_a_character_is_not(self, text):
        assert hides_something(text)

    @repeated
    @given(SHORT, st.sampled_from("\u200b\u00ad\u202e\u3164\ufeff\u2060"), SHORT)
    def test_wherever_it_is(self, before, hidden, after):
        assert hides_something(before + hidden + after)

    @repeated
    @given(st.text(st.characters(categories=["Ll", "Lu", "Nd", "P", "Zs"])))
    @example("\u0130\ufb01")
    def test_never_in_letters_and_punctuation(self, text):
        assert not hides_something(text)


class TestIsBlank:
    @pytest.mark.parametrize(
        "text",
        ["", " ", "\u00a0\u3000", "\u2800", "\u0301", " \u0301\u2800 ", "\ue000"],
    )
    def test_where_there_is_nothing_to_see(self, text):
        assert is_blank(text)

    @repeated
    @given(SHORT, st.characters(categories=["L", "N", "P", "So"]), SHORT)
    def test_not_where_there_is_a_character(self, before, char, after):
        blank = unicodedata.name(char, "") in {
            "BRAILLE PATTERN BLANK",
            "MUSICAL SYMBOL NULL NOTEHEAD",
        }
        assert blank or not is_blank(before + char + after)
