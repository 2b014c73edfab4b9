"""Suggestions for fields, or a place, that can't be parsed."""

import re
from collections.abc import Collection
from difflib import get_close_matches

# Names of types in other frameworks.
SYNONYMS = {
    **dict.fromkeys(("string", "str", "varchar", "char"), "text"),
    **dict.fromkeys(("int", "integer", "bigint"), "whole"),
    **dict.fromkeys(("bool", "boolean"), "flag"),
    **dict.fromkeys(("float", "double", "real"), "number"),
    **dict.fromkeys(("numeric", "money", "currency"), "decimal"),
    **dict.fromkeys(("datetime", "timestamp"), "moment"),
    **dict.fromkeys(("interval", "timedelta"), "duration"),
    **dict.fromkeys(("reference", "references", "fk"), "ref"),
    "enum": "choice",
    "array": "list",
    "jsonb": "json",
    "link": "url",
}
# How other tools write fields, and how it is done here; applied in this order.
SPELLINGS = (
    (r"[\"'`]", ""),
    (r"(?<=[a-z0-9])(?=[A-Z])", "_"),
    (r"(?<=\w)-(?=\w)", "_"),
    (r"=", ":"),
    (r"\s*:[\s:]*", ":"),
    (r":$", ""),
    (r"\?+:(\w+(?:\([^()]*\))?)\??", r":\1?"),
    (r"\?(\([^()]*\))", r"\1?"),
    (r"\s*\?+", "?"),
    (r"\|", ","),
    (r"(?<=[\w)?])\s*[,;]\s*(?=\w+:)", " "),
    (r"[,;]\s*$", ""),
    (r",(?:\s*,)+", ","),
    (r"\(\s*,", "("),
    (r",\s*\)", ")"),
    (r"(?<=\w) +(?=\w[^():]*\))", "_"),
)
# Anything longer isn't a typo, and wouldn't fit in a sentence.
LONGEST = 300


def meant(given: str, types: Collection[str], places: Collection[str]) -> str:
    """Return what the fields may have meant, which may be invalid, too."""
    if len(given) > LONGEST:
        return given
    text = given.strip()
    for pattern, by in SPELLINGS:
        text = re.sub(pattern, by, text)
    text = text.lower() + ")" * (text.count("(") - text.count(")"))
    known = "|".join(types)
    text = re.sub(rf"(?<![\w:(,])(\w+) +({known})(?![\w:])", r"\1:\2", text)

    def with_type(found: re.Match[str]) -> str:
        word = nearest_type(found[2], types)
        if word == found[2] and word not in types and word in places:
            return f"{found[1]}ref({word})"
        return f"{found[1]}{word}"

    text = re.sub(r"(:)(\w+)", with_type, text)
    text = re.sub(r"(:(?:list|set)\()(\w+)", with_type, text)
    return re.sub(
        r"(:ref\()([^()]*)", lambda ref: ref[1] + nearest(ref[2], places), text
    )


def nearest_type(word: str, types: Collection[str]) -> str:
    return SYNONYMS.get(word) or nearest(word, types)


def nearest(word: str, known: Collection[str]) -> str:
    """Return the known word most similar to another, or that one if none is."""
    if word in known:
        return word
    plain = word.lower().strip(" /")
    return next(iter(get_close_matches(plain, known, 1)), word)
