"""Reads what the project's Markdown says: blocks of code, links, names, tables.

A project that began as a clone of this one writes documents of its own. What a document
promises of the server is tried out wherever it is still there; that the documents are
complete and keep our rules is tested with ``TEST_DOCUMENTS=required``, as .ci/run does.
"""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
DOCUMENTS = [
    README,
    ROOT / "CONTRIBUTING.md",
    ROOT / "SECURITY.md",
    *sorted(ROOT.glob("docs/**/*.md")),
    *sorted(ROOT.glob("deploy/*/README.md")),
]

as_shipped = pytest.mark.skipif(
    os.environ.get("TEST_DOCUMENTS") != "required",
    reason="a project's documents are its own (TEST_DOCUMENTS=required looks at them)",
)

_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\(([^)]+)\)")
_CODE = re.compile(r"`([^`]+)`")
_FILE = re.compile(r"`((?:apiserver|examples|tests)/[\w/]+\.(?:py|jinja2))`")


@dataclass(frozen=True)
class Block:
    """A block of code, and the text between it and the block before."""

    language: str
    text: str
    introduction: str


def blocks(document: Path, *sections: str) -> list[Block]:
    """Return the blocks of code; with headings, those of these sections alone."""
    found, end = [], 0
    text = read(document)
    if sections:
        parts = text.split("\n## ")
        text = "\n".join(p for p in parts if p.partition("\n")[0] in sections)
    for match in _BLOCK.finditer(text):
        found.append(Block(match[1], match[2], text[end : match.start()]))
        end = match.end()
    return found


def source_files(document: Path) -> Iterator[tuple[str, str]]:
    """Yield (path, text) of each block that is a file, or a part of one.

    The path stands in the paragraph before the block of code.
    """
    for block in blocks(document):
        paths = _FILE.findall(block.introduction)
        if block.language in {"python", "jinja2"} and paths:
            yield paths[-1], block.text


def files_of(document: Path) -> dict[str, str]:
    """Return the files of a feature that a document makes: texts, by their paths."""
    return {
        path: text
        for path, text in source_files(document)
        if not path.startswith("examples/")
    }


def excerpts_of(document: Path) -> list[tuple[str, str]]:
    """Return what a document shows of the examples: (path, text) of each piece.

    The pieces of a block are apart by an empty line.
    """
    return [
        (path, piece)
        for path, text in source_files(document)
        if path.startswith("examples/")
        for piece in re.split(r"\n{2,}", text.strip("\n"))
    ]


def read(document: Path) -> str:
    """Return the text; skip the test where the project has removed the document."""
    if not document.exists():
        reason = f"This project has no {document.relative_to(ROOT)}."
        pytest.skip(reason, allow_module_level=True)
    return document.read_text("utf-8")


def prose(document: Path) -> str:
    """Return the text without the blocks of code."""
    return _BLOCK.sub("", read(document))


def links(document: Path) -> list[str]:
    """Return the targets of the links."""
    return _LINK.findall(prose(document))


def code_spans(document: Path) -> list[str]:
    """Return what stands in backticks in the prose, on one line each."""
    return [" ".join(span.split()) for span in _CODE.findall(prose(document))]


def table(document: Path, header: str) -> list[list[str]]:
    """Return the cells of the table whose header row begins with a cell."""
    _, _, rest = read(document).partition(f"\n| {header} |")
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
