"""The name of a feature, in each form that its files need."""

import builtins
import keyword
import re
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any

_NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
SHORTEST = 2
# The longest name for which the templates' lines still fit, and the names of all
# constraints fit in PostgreSQL's 63 bytes.
LONGEST = 24
KEYWORDS = frozenset(keyword.kwlist)
BUILTINS = frozenset(dir(builtins))
# What the template of views imports.
IMPORTED = frozenset({"lists", "schemas", "select"})
# Meaningless package names. No folder of the project may have one.
MEANINGLESS = frozenset({"utils", "util", "helpers", "common", "misc"})
# Forbidden beginnings of names: those of the databases' own tables, and of paths that
# ruff takes for temporary files.
RESERVED_PREFIXES = {"pg_": "PostgreSQL", "sqlite_": "SQLite", "tmp": "ruff"}
BY_OPTION = "name one of them with --module-name-singular"


class BadName(Exception):
    """No feature can have this name; the sentence says why, and what to do."""

    def __init__(self, reason: str, cure: str) -> None:
        super().__init__(f"{reason}; {cure}.")
        self.reason = reason


@dataclass(frozen=True)
class Names:
    """The names of a feature: plural ``blog_posts``, singular ``blog_post``."""

    plural: str
    singular: str

    @classmethod
    def of(cls, plural: str, singular: str = "") -> "Names":
        """Find the singular, if it isn't given, and check it. Raises BadName."""
        singular = singular or singular_of(plural)
        names = cls(plural, singular)
        check_name(singular, names.cure)
        if singular == plural:
            reason = f"One of the {plural} can't also be called {singular}"
            raise BadName(reason, f"{BY_OPTION}, for example {plural[:19]}_item")
        if names.class_name in KEYWORDS | BUILTINS:
            raise BadName(f"{names.class_name} is a Python keyword", names.cure)
        return names

    @property
    def class_name(self) -> str:
        return camel(self.singular)

    @property
    def words(self) -> str:
        """The singular as words in a sentence."""
        return self.singular.replace("_", " ")

    @property
    def cure(self) -> str:
        """What to do about a name that is taken."""
        return f"{another(self.plural)}, or {BY_OPTION}"

    def context(self) -> dict[str, Any]:
        """Return what the templates write between ``<<`` and ``>>``."""
        word, words = (name.replace("_", " ") for name in (self.singular, self.plural))
        a_word = with_article(word)
        return {
            "plural": self.plural,
            "PLURAL": self.plural.upper(),
            "singular": self.singular,
            "services": variable(self.plural),
            "service": variable(self.singular),
            "Class": self.class_name,
            "Classes": camel(self.plural),
            "word": word,
            "words": words,
            "Plural": capital(words),
            "a_word": a_word,
            "A_word": capital(a_word),
        }


def check_name(name: str, cure: str) -> None:
    """Raise BadName unless a package, an attribute and a table can have the name."""
    if not _NAME.fullmatch(name):
        raise BadName(f"{shown(name)} is not a valid name", spelling(name))
    if len(name) < SHORTEST:
        raise BadName(f"{name} is too short", f"use at least {SHORTEST} characters")
    if len(name) > LONGEST:
        reason = f"{shown(name)} is too long"
        raise BadName(reason, f"use at most {LONGEST} characters")
    if name in KEYWORDS:
        raise BadName(f"{name} is a Python keyword", cure)
    if name in MEANINGLESS:
        raise BadName(f"The name {name} is too generic", cure)
    for prefix, owner in RESERVED_PREFIXES.items():
        if name.startswith(prefix):
            raise BadName(f"{owner} doesn't allow names that begin with {prefix}", cure)


def shown(name: str) -> str:
    """Return any name in a form that fits in a sentence."""
    plain = name if name.isascii() and name.isprintable() else ascii(name)[1:-1]
    return f"'{plain[:40]}…'" if len(plain) > 40 else f"'{plain}'"


def spelling(name: str) -> str:
    """Return how names are spelled, with a name like this one as the example."""
    words = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", name).lower()
    like = re.sub(r"[^a-z0-9]+", "_", words).strip("_0123456789")[:LONGEST].strip("_")
    example = like if len(like) >= SHORTEST and like not in KEYWORDS else "blog_posts"
    rule = "use lowercase letters, digits and single underscores"
    return f"{rule}, for example {example}"


def another(plural: str) -> str:
    example = f"blog_{plural}"
    if len(example) > LONGEST:
        return "choose another name"
    return f"choose another name, for example {example}"


def singular_of(plural: str) -> str:
    """Return the singular of the last word: ``blog_post`` of ``blog_posts``."""
    *words, last = plural.split("_")
    singular = english().singular_noun(last)
    if not singular:
        raise BadName(f"The singular of {plural} is unknown", BY_OPTION)
    return "_".join([*words, str(singular)])


def variable(name: str) -> str:
    """Return a name that hides no builtin, and no module of the file: ``property_``."""
    return f"{name}_" if name in BUILTINS | IMPORTED else name


def camel(name: str) -> str:
    return "".join(word.capitalize() for word in name.split("_"))


@cache
def english() -> Any:
    """Return the ``inflect`` engine, imported only when needed, since that is slow."""
    engine = import_module("inflect").engine()
    engine.classical()  # Then vertices has the singular vertex.
    return engine


def with_article(word: str) -> str:
    return str(english().a(word))


def capital(words: str) -> str:
    return words[0].upper() + words[1:]
