"""What a feature is called, in each of the ways that its files need."""

import builtins
import keyword
import re
from dataclasses import dataclass

import inflect

_NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
# The longest with which the lines of the templates still fit.
LONGEST = 24
# Words of Python, among them those that are names of classes: Exception.
TAKEN = {word.lower() for word in (*keyword.kwlist, *dir(builtins))}

english = inflect.engine()
english.classical()  # It knows a vertex of vertices.


class BadName(Exception):
    """No feature can have this name; the sentence says why."""


@dataclass(frozen=True)
class Names:
    """The names of a feature: ``blog_posts`` of which one is a ``blog_post``."""

    plural: str
    singular: str

    @classmethod
    def of(cls, plural: str, singular: str = "") -> "Names":
        """Find the singular, if it is not given, and check it. Raises BadName."""
        singular = singular or singular_of(plural)
        check_name(singular)
        if singular == plural:
            raise BadName(f"The feature and one of its objects are both {plural}.")
        return cls(plural, singular)

    @property
    def class_name(self) -> str:
        return camel(self.singular)

    def context(self) -> dict[str, str]:
        """Return what the templates write between ``<<`` and ``>>``."""
        word, words = (name.replace("_", " ") for name in (self.singular, self.plural))
        a_word = english.a(word)
        return {
            "plural": self.plural,
            "PLURAL": self.plural.upper(),
            "singular": self.singular,
            "Class": self.class_name,
            "Classes": camel(self.plural),
            "word": word,
            "words": words,
            "Plural": capital(words),
            "a_word": a_word,
            "A_word": capital(a_word),
        }


def check_name(name: str) -> None:
    """Raise BadName if no package, variable and table can have the name."""
    if not _NAME.fullmatch(name):
        raise BadName(
            f"{name} is no name of a feature: take small letters, digits and single "
            "underscores between them, as in blog_posts."
        )
    if len(name) > LONGEST:
        raise BadName(f"{name} is too long: take at most {LONGEST} characters.")
    if {name, name.replace("_", "")} & TAKEN:
        raise BadName(f"{name} is a word of Python.")


def singular_of(plural: str) -> str:
    """Return the singular of the last word: ``blog_post`` of ``blog_posts``."""
    *words, last = plural.split("_")
    singular = english.singular_noun(last)
    if not singular:
        raise BadName(
            f"{plural} is no plural that is known here. "
            "What is one of them called? Say it by --module-name-singular."
        )
    return "_".join([*words, str(singular)])


def camel(name: str) -> str:
    return "".join(word.capitalize() for word in name.split("_"))


def capital(words: str) -> str:
    return words[0].upper() + words[1:]
