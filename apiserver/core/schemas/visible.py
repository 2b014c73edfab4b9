"""Finds invisible characters, which make different texts look the same.

These are Unicode's default ignorable code points (UAX 44), line separators, annotation
marks, and noncharacters. Some of them join their neighbours, or select a variant: there
they are allowed, as in Persian words and in emoji.
"""

import re
import unicodedata

import idna
from idna.core import valid_contextj

HIDDEN = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    "\u2028-\u202e\u2060-\u206f\u3164\ufdd0-\ufdef\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb"
    "\ufffe\uffff\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
# They take up space, but are blank: of Braille, and of music.
BLANK = "\u2800\U0001d159"
# A flag, followed by the letters of its region.
FLAG = re.compile("\U0001f3f4[\U000e0030-\U000e007a]+\U000e007f")
JOINERS = "\u200c\u200d"
EMOJI_STYLE = "\ufe0e\ufe0f"
KEYCAP = "\u20e3"
# Emoji: symbols, and skin tone modifiers.
SIGNS = {"So", "Sk"}
# Others with both styles, such as ↔ and ‼, and one letter.
STYLED = {*SIGNS, "Sm", "Po", "Pd"}
MONGOLIAN = re.compile("[\u1820-\u18aa][\u180b-\u180f]")
IDEOGRAPH = re.compile(
    "[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff][\U000e0100-\U000e01ef]"
)
# In longer runs of a script joiners aren't examined.
AROUND = 64


def hides_something(text: str) -> bool:
    """Whether the text has an invisible character without a visible effect."""
    text = FLAG.sub("\U0001f3f4", text)
    return any(not belongs(text, hidden.start()) for hidden in HIDDEN.finditer(text))


def belongs(text: str, place: int) -> bool:
    """Whether an invisible character is where it is meant to be."""
    char, before = text[place], text[place - 1 : place]
    if not before:
        return False
    if char in JOINERS:
        return joins_emoji(text, place) or joins_letters(text, place)
    if char in EMOJI_STYLE:
        return unicodedata.category(before) in STYLED or is_styled(text, place)
    pair = before + char
    return bool(MONGOLIAN.fullmatch(pair) or IDEOGRAPH.fullmatch(pair))


def is_styled(text: str, place: int) -> bool:
    """Whether it is in a keycap, as of 1, or behind the sign of information."""
    before, after = text[place - 1], text[place + 1 : place + 2]
    return before == "\u2139" or (after == KEYCAP and before in "#*0123456789")


def joins_emoji(text: str, place: int) -> bool:
    """Whether a joiner joins two emoji (UTS 51 section 1.4)."""
    before, after = text[place - 1], text[place + 1 : place + 2]
    return (
        text[place] == "\u200d"
        and bool(after)
        and unicodedata.category(after) in {*SIGNS, "Sm"}
        and (before == "\ufe0f" or unicodedata.category(before) in SIGNS)
    )


def joins_letters(text: str, place: int) -> bool:
    """Whether a joiner affects the letters around it (RFC 5892 appendix A.1, A.2)."""
    start = max(0, place - AROUND)
    around = text[start : place + AROUND]
    try:
        return valid_contextj(around, place - start)
    except (ValueError, idna.IDNAError):
        return False


def is_blank(text: str) -> bool:
    """Whether nothing is visible: only spaces, and marks without a base."""
    return not any(
        unicodedata.category(char)[0] not in "MZC" and char not in BLANK
        for char in text
    )
