"""The arguments in parentheses after a type: parsed, checked, and explained."""

import re

LONGEST_TEXT = 10_000
SHORTEST_URL, LONGEST_URL = 30, 2000
SMALLEST_JSON, LARGEST_JSON = 100, 1_000_000
LARGEST_WHOLE = 10**15
MOST_DIGITS = 18
MOST_WORDS = 50
_WORD = re.compile("[a-z][a-z0-9_]{0,39}")

# How types with arguments are written, and what the arguments mean.
FORMS = {
    "text": ("text(50)", f"at most so many characters, 2 to {LONGEST_TEXT}"),
    "url": ("url(200)", f"at most so many characters, {SHORTEST_URL} to {LONGEST_URL}"),
    "json": ("json(1000)", f"at most so many bytes, {SMALLEST_JSON} to {LARGEST_JSON}"),
    "whole": (
        "whole(0,100)",
        f"the least number, and a greater one, within {LARGEST_WHOLE} of zero",
    ),
    "decimal": (
        "decimal(12,2)",
        f"how many digits, at most {MOST_DIGITS}, and how many of them are behind the "
        "point",
    ),
    "choice": (
        "choice(open,paid)",
        f"two to {MOST_WORDS} different words of lowercase letters, digits and "
        "underscores, a letter first",
    ),
}


class BadType(Exception):
    """The type doesn't take these arguments; FORMS says which it does."""


def whole_number(text: str, least: int, greatest: int) -> int:
    """Return an argument as a number. Raises BadType."""
    digits = text.removeprefix("-")
    if not (digits.isascii() and digits.isdigit() and len(digits) <= len("1" * 16)):
        raise BadType
    if not least <= int(text) <= greatest:
        raise BadType
    return int(text)


def numbers(
    arguments: tuple[str, ...], defaults: tuple[int, ...], least: int, greatest: int
) -> tuple[int, ...]:
    """Return the arguments as numbers, or the defaults. Raises BadType."""
    if not arguments:
        return defaults
    if len(arguments) != len(defaults):
        raise BadType
    return tuple(whole_number(each, least, greatest) for each in arguments)


def none(arguments: tuple[str, ...]) -> None:
    """Raise BadType if there are any."""
    numbers(arguments, (), 0, 0)


def check_words(words: tuple[str, ...]) -> None:
    """Raise BadType if these can't be the members of an enum."""
    if not 2 <= len(words) <= MOST_WORDS or len({*words}) < len(words):
        raise BadType
    if not all(_WORD.fullmatch(word) for word in words):
        raise BadType


def split(text: str | None) -> tuple[str, ...]:
    """Split the text between parentheses at commas that aren't in inner ones."""
    if text is None:
        return ()
    parts = re.split(r",(?![^()]*\))", text)
    return tuple(part.strip() for part in parts)
