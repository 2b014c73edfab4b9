"""Names by which accounts are found: which are taken, when two are the same or alike.

Usernames are of the PRECIS profile UsernameCasePreserved (RFC 8265 section 3.4), in
which no character hides, and of one script. Two are the same whatever their case and
form; and nobody gets one that looks like another's (UTS 39 section 4).
"""

import unicodedata
from collections import defaultdict
from functools import lru_cache

import idna
from confusable_homoglyphs import categories
from confusable_homoglyphs.utils import load
from precis_i18n import get_profile

from apiserver.core.schemas import HIDDEN

USERNAME = get_profile("UsernameCasePreserved")
PASSWORD = get_profile("OpaqueString")

# One character can become eighteen; an index of PostgreSQL takes 2,700 bytes.
LONGEST_TEXT = 1024
LONGEST_CANONICAL = 400

# Of no script, or of that of the character before.
ANY_SCRIPT = {"COMMON", "INHERITED"}
# Scripts that are written together: "highly restrictive" (UTS 39 section 5.2).
TOGETHER = (
    {"LATIN", "HAN", "HIRAGANA", "KATAKANA"},
    {"LATIN", "HAN", "BOPOMOFO"},
    {"LATIN", "HAN", "HANGUL"},
)
# The data has a mark of direction around what is written from the right.
MARK = "\u200e"
# I looks like l, and names are the same in upper and lower case.
UPPER_CASE = str.maketrans("i", "l")


def canonical(name: str) -> str:
    """Return the form in which two names are the same: NFKC, case folded.

    A text that is longer than any name or password stays as it is: to order combining
    characters takes time with the square of their number.
    """
    if len(name) > LONGEST_TEXT:
        return name
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())


def canonical_address(email: str) -> str:
    """Return the form in which two addresses are the same.

    Domains are compared as DNS does: by UTS 46, non-transitional, as A-labels.
    """
    local, sign, domain = email.rpartition("@")
    try:
        labels = idna.encode(domain, uts46=True).decode()
    except idna.IDNAError:
        # Of before there was this rule.
        labels = canonical(domain)
    return f"{canonical(local)}{sign}{labels}"


def spelled(name: str) -> str:
    """Return the name as it is stored and shown: by PRECIS, where that takes it.

    It may have several parts, with a space between (RFC 8265 section 3.1).
    """
    try:
        return " ".join(USERNAME.enforce(part) for part in name.split(" "))
    except UnicodeError:
        return name


def is_username(name: str) -> bool:
    """Whether PRECIS takes the name, which is as ``spelled`` returns it."""
    try:
        return all(USERNAME.enforce(part) == part for part in name.split(" "))
    except UnicodeError:
        return False


def opaque(password: str) -> str:
    """Return the form in which two passwords are the same (RFC 8265 section 4.2).

    One that PRECIS refuses is the same only as itself: it may be of before. So is one
    that is longer than any.
    """
    if len(password) > LONGEST_TEXT:
        return password
    try:
        enforced: str = PASSWORD.enforce(password)
    except UnicodeError:
        return password
    return enforced


def is_password(password: str) -> bool:
    """Whether PRECIS takes the password, which is as ``opaque`` returns it."""
    try:
        return bool(PASSWORD.enforce(password) == password)
    except UnicodeError:
        return False


def mixes_scripts(name: str) -> bool:
    """Whether letters, or digits, are of scripts that nobody writes together."""
    scripts = {categories.alias(char) for char in name} - ANY_SCRIPT
    # A zero and its nine successors are of one system.
    zeros = {ord(char) - unicodedata.decimal(char) for char in name if char.isdecimal()}
    return len(zeros) > 1 or (
        len(scripts) > 1 and not any(scripts <= together for together in TOGETHER)
    )


def skeleton(name: str) -> str:
    """Return what is the same for names that look alike, in whatever case."""
    text, before = name, None
    while text != before:
        text, before = replaced(text), text
    return text


def replaced(text: str) -> str:
    """Replace each character by the one that stands for all that look like it."""
    alike = look_alikes()
    decomposed = unicodedata.normalize("NFD", HIDDEN.sub("", text))
    lookalike = "".join(alike.get(char, char) for char in decomposed)
    return canonical(lookalike).translate(UPPER_CASE)


@lru_cache(maxsize=1)
def look_alikes() -> dict[str, str]:
    """Return by what each character is replaced in a skeleton.

    Read at the first new name, since it takes a while. The data has each pair that
    looks alike in both directions; of many the one that all lead to stands for them.
    """
    pairs: dict[str, set[str]] = defaultdict(set)
    for text, others in load("confusables.json").items():
        pairs[text.strip(MARK)] |= {each["c"].strip(MARK) for each in others}

    def order(text: str) -> tuple[int, int, str]:
        return (-len(pairs[text]), -len(text), text)

    stands = {text: min({text, *others}, key=order) for text, others in pairs.items()}
    return {
        text: other
        for text, other in stands.items()
        if len(text) == 1 and other != text
    }
