"""Reads what the project's Markdown says: blocks of code, links, names, tables."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
DOCUMENTS = [
    README,
    ROOT / "CONTRIBUTING.md",
    *sorted(ROOT.glob("docs/**/*.md")),
    *sorted(ROOT.glob("deploy/*/README.md")),
]

_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\(([^)]+)\)")
_CODE = re.compile(r"`([^`]+)`")


@dataclass(frozen=True)
class Block:
    """A block of code, and the text between it and the block before."""

    language: str
    text: str
    introduction: str


def blocks(document: Path) -> list[Block]:
    """Return the blocks of code."""
    found, end = [], 0
    text = document.read_text("utf-8")
    for match in _BLOCK.finditer(text):
        found.append(Block(match[1], match[2], text[end : match.start()]))
        end = match.end()
    return found


def prose(document: Path) -> str:
    """Return the text without the blocks of code."""
    return _BLOCK.sub("", document.read_text("utf-8"))


def links(document: Path) -> list[str]:
    """Return the targets of the links."""
    return _LINK.findall(prose(document))


def code_spans(document: Path) -> list[str]:
    """Return what stands in backticks in the prose, on one line each."""
    return [" ".join(span.split()) for span in _CODE.findall(prose(document))]


def table(document: Path, header: str) -> list[list[str]]:
    """Return the cells of the table whose header row begins with a cell."""
    _, _, rest = document.read_text("utf-8").partition(f"\n| {header} |")
    rows = rest.split("\n\n")[0].splitlines()[2:]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]


def tree(text: str) -> Iterator[tuple[str, str]]:
    """Yield (folder, name) of each name in a drawn tree of files.

    A level is four spaces; two spaces separate names from what is said about them.
    """
    folders: list[str] = []
    for line in text.splitlines():
        depth = (len(line) - len(line.lstrip())) // 4
        names = re.split(r"\s{2,}", line.strip())[0].split()
        folders = folders[:depth]
        for name in names:
            yield "".join(folders), name
        folders.append(names[-1])
