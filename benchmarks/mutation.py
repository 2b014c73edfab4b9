"""Small changes of a module: what a mutant is, and which are tried.

That depends on the code alone: of each kind in turn, by the hash of the changed line.
"""

import ast
import hashlib
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import chain, zip_longest
from pathlib import Path
from typing import Any

PAIRS = ("Eq NotEq", "Lt LtE", "Gt GtE", "Is IsNot", "In NotIn", "And Or")
FLIPPED = {a: b for pair in PAIRS for a, b in (pair.split(), pair.split()[::-1])}
# Without these nothing at all works, or nothing but the speed changes.
KEPT = re.compile(
    r"property|(class|static)method|dataclass|contextmanager|cache|overload"
)
# Prose, which the snapshots of the documents hold.
PROSE = re.compile("description|title|doc|stacklevel")

Change = tuple[str, Callable[[], object]]


def flipped(operator: ast.AST) -> Any:
    return getattr(ast, FLIPPED[type(operator).__name__])()


def altered(node: ast.AST) -> Iterator[Change]:
    """Yield how a node can be altered in place."""
    match node:
        case ast.Compare(ops=[op]):
            yield "comparison", lambda: setattr(node, "ops", [flipped(op)])
        case ast.BoolOp(op=op):
            yield "and/or", lambda: setattr(node, "op", flipped(op))
        case ast.If(test=test) | ast.While(test=test) | ast.IfExp(test=test):
            negated = ast.UnaryOp(ast.Not(), test)
            yield "condition", lambda: setattr(node, "test", negated)
        case ast.comprehension(ifs=[_]):
            yield "condition", lambda: node.ifs.clear()
        case ast.Constant(value=bool(value)):
            yield "flag", lambda: setattr(node, "value", not value)
        case ast.Constant(value=int(value)):
            yield "number", lambda: setattr(node, "value", value + 1)


def lacking(node: ast.AST) -> Iterator[Change]:
    """Yield what can be left out of a node in place."""
    match node:
        case ast.Raise():
            yield "raise", lambda: setattr(node, "__class__", ast.Pass)
        case ast.Expr(value=ast.Call()):
            yield "call", lambda: setattr(node, "__class__", ast.Pass)
        case ast.Call(keywords=parts):
            yield from without("keyword", parts, PROSE)
        case ast.FunctionDef(decorator_list=parts):
            yield from without("decorator", parts, KEPT)


def without(kind: str, parts: list[Any], kept: re.Pattern[str]) -> Iterator[Change]:
    for part in parts:
        if not kept.match(getattr(part, "arg", None) or ast.unparse(part)):
            yield kind, partial(parts.remove, part)


def changes(tree: ast.AST) -> Iterator[tuple[ast.AST, Change]]:
    for node in ast.walk(tree):
        for change in chain(altered(node), lacking(node)):
            yield node, change


@dataclass(frozen=True)
class Mutant:
    """The change of a number in a module."""

    path: str
    number: int
    kind: str
    line: int
    text: str

    def made(self, source: bytes) -> str:
        """Return the module's text with the change."""
        tree = ast.parse(source)
        _, (_, change) = list(changes(tree))[self.number]
        change()
        return ast.unparse(ast.fix_missing_locations(tree))

    def __str__(self) -> str:
        return f"{self.path}:{self.line} {self.kind}: {self.text}"

    def rank(self) -> tuple[str, int]:
        text = f"{self.kind} {self.text}".encode()
        return hashlib.sha256(text).hexdigest(), self.number


def mutants_of(root: Path, path: Path) -> Iterator[Mutant]:
    """Yield all mutants of a module."""
    source, name = path.read_text("utf-8"), str(path.relative_to(root))
    lines = source.splitlines()
    for number, (node, (kind, _)) in enumerate(changes(ast.parse(source))):
        line = getattr(node, "lineno", 0)
        yield Mutant(name, number, kind, line, lines[line - 1].strip())


def chosen(root: Path, paths: Iterable[Path], most: int) -> list[Mutant]:
    """Return mutants of the modules: of each kind in turn, by their ranks."""
    kinds: dict[str, list[Mutant]] = {}
    for mutant in chain.from_iterable(mutants_of(root, path) for path in paths):
        kinds.setdefault(mutant.kind, []).append(mutant)
    turns = zip_longest(*(sorted(each, key=Mutant.rank) for each in kinds.values()))
    return [mutant for mutant in chain.from_iterable(turns) if mutant][:most]
