"""Texts that a regular expression may be slow at, made of what it says itself.

Each repetition in turn is repeated very often, of each character that it may have; then
comes what lets the match fail, so that all other ways to match are tried.
"""

import ast
import re
from collections.abc import Iterator
from importlib import import_module
from re import _constants as code  # type: ignore[attr-defined]
from re import _parser  # type: ignore[attr-defined]
from typing import Any, NamedTuple

from tests.settings import ROOT

METHODS = {"match", "fullmatch", "search", "sub", "findall", "finditer", "split"}
REPEATS = {code.MAX_REPEAT, code.MIN_REPEAT, code.POSSESSIVE_REPEAT}
# A few of each category, and what follows the repetition.
CHARACTERS = "aZ0_-. \n!\xe9"
ENDS = ("", "\n\n", "\0", "\0a")
MARK = "\ue000"
CATEGORIES = {
    f"CATEGORY_{name}": re.compile(text)
    for name, text in {
        "DIGIT": r"\d",
        "NOT_DIGIT": r"\D",
        "SPACE": r"\s",
        "NOT_SPACE": r"\S",
        "WORD": r"\w",
        "NOT_WORD": r"\W",
    }.items()
}
# What is repeated less often is not worth a look.
OFTEN = 50


class Use(NamedTuple):
    """A method of a pattern that is called somewhere."""

    pattern: "re.Pattern[Any]"
    method: str

    def __call__(self, text: Any) -> Any:
        method = getattr(self.pattern, self.method)
        return method(text[:0], text) if self.method == "sub" else method(text)


def uses() -> Iterator[tuple[str, Use]]:
    """Yield the uses of patterns that are constants, and where they are."""
    for path in sorted((ROOT / "apiserver").rglob("*.py")):
        tree = ast.parse(path.read_text("utf-8"))
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        name = name.removesuffix(".__init__")
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                pattern = pattern_of(name, node)
                if pattern is not None:
                    yield name, Use(pattern, node.func.attr)


def pattern_of(module: str, call: ast.Call) -> "re.Pattern[Any] | None":
    assert isinstance(call.func, ast.Attribute)
    owner = call.func.value
    if call.func.attr not in METHODS or not isinstance(owner, ast.Name):
        return None
    if owner.id == "re":
        text = call.args[0]
        return re.compile(text.value) if isinstance(text, ast.Constant) else None
    if not owner.id.isupper():
        return None
    pattern = getattr(import_module(module), owner.id)
    return pattern if isinstance(pattern, re.Pattern) else None


def repeats(items: Any) -> Iterator[Any]:
    """Yield the repetitions that may go on for long, at any depth."""
    for operator, argument in items:
        if operator in REPEATS and argument[1] > OFTEN:
            yield argument
        for part in parts(operator, argument):
            yield from repeats(part)


def parts(operator: Any, argument: Any) -> list[Any]:
    if operator in REPEATS:
        return [argument[2]]
    if operator is code.SUBPATTERN:
        return [argument[3]]
    if operator is code.BRANCH:
        return list(argument[1])
    return [argument] if operator is code.ATOMIC_GROUP else []


class Sample(NamedTuple):
    """How a text is made of a pattern."""

    pumped: Any
    times: int
    character: str

    def texts(self, items: Any) -> Iterator[str]:
        """Yield what matches, and what ends with that which is repeated."""
        text = self.text(items)
        beginning, _, rest = text.partition(MARK)
        for end in ENDS:
            yield beginning + end
            yield beginning + rest.replace(MARK, "") + end

    def text(self, items: Any) -> str:
        return "".join(self.one(*item) for item in items)

    def one(self, operator: Any, argument: Any) -> str:
        if argument is self.pumped:
            return self.text(argument[2]) * self.times + MARK
        if operator in REPEATS:
            return self.text(argument[2]) * max(argument[0], self.is_in(argument[2]))
        if operator is code.BRANCH:
            held = [part for part in argument[1] if self.is_in(part)]
            return self.text((held or argument[1])[0])
        if inner := parts(operator, argument):
            return self.text(inner[0])
        return self.character_of(operator, argument)

    def is_in(self, items: Any) -> bool:
        return any(repeated is self.pumped for repeated in repeats(items))

    def character_of(self, operator: Any, argument: Any) -> str:
        """Return one that matches, if possible that of this sample."""
        if operator is code.LITERAL:
            return chr(argument)
        if operator is code.ANY or operator is code.NOT_LITERAL:
            return self.character
        if operator is not code.IN:
            return ""
        first = (chr(n if op is code.LITERAL else n[0]) for op, n in plain(argument))
        candidates = (self.character, *CHARACTERS, *first)
        return next((c for c in candidates if is_one_of(argument, c)), "")


def plain(items: Any) -> list[Any]:
    """Return the single characters and the ranges of a class."""
    return [item for item in items if item[0] in {code.LITERAL, code.RANGE}]


def is_one_of(items: Any, character: str) -> bool:
    """Whether the class has the character."""
    found = any(
        value == ord(character)
        if operator is code.LITERAL
        else value[0] <= ord(character) <= value[1]
        for operator, value in plain(items)
    ) or any(
        CATEGORIES[str(value)].match(character)
        for operator, value in items
        if operator is code.CATEGORY
    )
    return found != (items[0][0] is code.NEGATE)


def pumped(pattern: "re.Pattern[Any]", times: int) -> set[Any]:
    """Return the texts for each repetition and character; none if there are none."""
    text = pattern.pattern
    is_text = isinstance(text, str)
    tree = _parser.parse(
        text if is_text else text.decode(), pattern.flags & ~re.UNICODE
    )
    return {
        made if is_text else made.encode()
        for repeated in repeats(tree)
        for character in CHARACTERS
        for made in Sample(repeated, times, character).texts(tree)
    }
