"""Lines of prose that a longer name has made too long: Markdown, comments, docstrings.

Only lines that are too long are broken, and the excess moves to the next line of the
paragraph. Code and tables stay as they are.
"""

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import Path

MARKDOWN_WIDTH = 92
PYTHON_WIDTH = 88

_INDENT = re.compile(r" *")
_COMMENT = re.compile(r" *# ?")
_ITEM = re.compile(r"(?:[-*]|\d+\.) +")


def wrap(path: Path, text: str, before: str) -> str:
    """Return the text with its prose wrapped where it differs from ``before``."""
    if path.suffix == ".md":
        return wrap_lines(text, before, MARKDOWN_WIDTH, prose_of_markdown)
    if path.suffix == ".py":
        return wrap_lines(text, before, PYTHON_WIDTH, prose_of_python)
    return text


# The prefixes of lines of prose, by line number from 0.
Prose = dict[int, str]


def wrap_lines(text: str, before: str, width: int, find: Callable[[str], Prose]) -> str:
    """Break the lines of prose that have become too long, beginning at the end."""
    lines, old = text.split("\n"), before.split("\n")
    wide = [
        number
        for number, line in enumerate(lines)
        if len(line) > width and [line] != old[number : number + 1]
    ]
    prose = find(text) if wide else {}
    # Going backwards, the lines above keep their numbers.
    for number in reversed(wide):
        if number in prose:
            end = number + 1
            while goes_on(lines, end, prose, prose[number]):
                end += 1
            lines[number:end] = broken(lines[number:end], width, prose[number])
    return "\n".join(lines)


def broken(paragraph: list[str], width: int, prefix: str) -> list[str]:
    """Break the first line of a paragraph, and lines that become too long by it."""
    first, *others = paragraph
    parts = break_line(first, width, prefix) if len(first) > width else None
    if parts is None:
        return paragraph
    first, rest = parts
    indented = prefix + " " * item_width(first, prefix)
    if others:
        rest = f"{rest} {others[0].removeprefix(prefix).lstrip()}"
    return [first, *broken([indented + rest, *others[1:]], width, indented)]


def item_width(line: str, prefix: str) -> int:
    """Return how far the text of a list's item is indented."""
    found = _ITEM.match(line, len(prefix))
    return len(found[0]) if found else 0


def goes_on(lines: list[str], number: int, prose: Prose, prefix: str) -> bool:
    """Whether a line belongs to the paragraph, or list item, of the line before."""
    line = lines[number] if number < len(lines) else ""
    rest = line[len(prefix) :].lstrip()
    return (
        number in prose
        and prose[number].startswith(prefix)
        and rest != ""
        and not _ITEM.match(rest)
        and not rest.startswith(("|", "#", "```", '"""', "<"))
    )


def break_line(line: str, width: int, prefix: str) -> tuple[str, str] | None:
    """Break a line at its last space that fits, if it may be in no code; or None."""
    start = len(prefix) + item_width(line, prefix)
    spaces = [
        n for n in range(start + 1, min(width, len(line) - 1) + 1) if line[n] == " "
    ]
    outside = [n for n in spaces if line.count("`", 0, n) % 2 == 0]
    for end in (outside or spaces)[-1:]:
        return line[:end].rstrip(), line[end + 1 :]
    return None


def prose_of_markdown(text: str) -> Prose:
    """Return the lines outside code blocks, tables and headings."""
    found, code = {}, False
    for number, line in enumerate(text.split("\n")):
        if line.lstrip().startswith("```"):
            code = not code
        elif not code and not line.startswith(("|", "#")):
            # An indent may be empty: it is always found.
            found[number] = _INDENT.match(line)[0]  # type: ignore[index]
    return found


def prose_of_python(text: str) -> Prose:
    """Return the lines of comments and docstrings."""
    return comments(text) | docstrings(text)


def comments(text: str) -> Prose:
    """Return the lines that are only a comment, without commented-out code."""
    return {
        number: prefix[0]
        for number, line in enumerate(text.split("\n"))
        if (prefix := _COMMENT.match(line)) and line[prefix.end() :][:1] != " "
    }


def docstrings(text: str) -> Prose:
    """Return the lines of docstrings that are indented as these are."""
    lines = text.split("\n")
    return {
        number: " " * indent
        for first, last, indent in places(ast.parse(text))
        for number in range(first, last)
        # As above.
        if len(_INDENT.match(lines[number])[0]) == indent  # type: ignore[index]
    }


def places(tree: ast.Module) -> Iterator[tuple[int, int, int]]:
    """Yield each docstring's first line, the one after it, and the indentation."""
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    for node in ast.walk(tree):
        if isinstance(node, documented) and ast.get_docstring(node, clean=False):
            string = node.body[0]
            yield string.lineno - 1, string.end_lineno or 0, string.col_offset
