"""The documents: what they name exists, and the feature that they make works."""

import re
import shutil
from pathlib import Path
from textwrap import indent

import pytest
from pyramid.interfaces import IRoutesMapper

from apiserver.core import API_PREFIX
from tests.markdown import (
    DOCUMENTS,
    ROOT,
    as_shipped,
    blocks,
    code_spans,
    excerpts_of,
    files_of,
    links,
    prose,
)
from tests.served import clean_environment, pserve
from tests.settings import shipped_ini
from tests.tools import needs
from tests.transcript import ANSWERS, Reader, steps

ADRS = sorted((ROOT / "docs/adr").glob("[0-9]*.md"))
NEW_FEATURE = ROOT / "docs/new-feature.md"

# Names of files that are examples, are made by running, or must not exist.
NO_FILES = {
    "600/minute",
    "2026_03_01_1200_add_team_member_is_leader.py",
    "build/screenshots/",
    "clients/python/dist/",
    "example.db",
    "local.ini",
    "openapi.json",
    # The program in docs/oauth2.md.
    "sign_in.py",
    "utils.py",
    # A module of Go.
    "x/oauth2",
}
# What documents make: features of somebody's own project.
MADE = {
    path for document in DOCUMENTS for path in files_of(document) if document.exists()
}
# Where a path may begin that a document shortens.
BASES = ("", "apiserver", "apiserver/core", "apiserver/teams")

_PATH = re.compile(r"[\w.*-]+(/[\w.*-]+)*/?")
_FILE = re.compile(r"\.(py|md|ini|txt|toml|mako|sh|yml|json|js|ts)$")
_MEDIA_TYPE = re.compile(r"(application|multipart|text)/")


# Pointers into a document that is patched look like URLs; a recipe has a second API,
# and docs/pages.md a page.
POINTERS = {"/current_password", "/is_leader", "/api/v2", "/api/v2/", "/account/teams"}
_URL = re.compile(r"(?:[A-Z]+ )?(/[\w.{}/-]*)")


def is_path(span: str) -> bool:
    """Whether a name in backticks is one of a file or a folder here."""
    return bool(
        _PATH.fullmatch(span)
        and ("/" in span or _FILE.search(span))
        and not _MEDIA_TYPE.match(span)
    )


def exists(path: str, document: Path) -> bool:
    """Whether a path exists, beside the document or where the project's code is."""
    bases = (document.parent, *(ROOT / base for base in BASES))
    return any(any(base.glob(path.rstrip("/"))) for base in bases)


def is_in(source: str, piece: str) -> bool:
    """Whether whole lines are in a source, there perhaps within a class or a call."""
    indented = (indent(piece, "    " * depth) for depth in range(3))
    return any(f"\n{lines}\n" in source for lines in indented)


def leads_to(url: str, served: list[str]) -> bool:
    """Whether a URL, with or without the prefix of the API, begins one that is served.

    The segments of ids may be numbers, or have other names than in the route.
    """
    pattern = re.sub(r"\{\w+\}|\b\d+\b", r"\\{\\w+\\}", url)
    return any(re.match(f"({API_PREFIX})?{pattern}", path) for path in served)


@pytest.fixture(scope="session")
def app(make_project_app):
    """The application with the examples, whose URLs documents name, too."""
    return make_project_app()


@as_shipped
@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda d: str(d.relative_to(ROOT)))
class TestDocument:
    def test_links_lead_to_files(self, document):
        targets = [link.partition("#")[0] for link in links(document)]
        relative = [t for t in targets if t and not t.startswith("http")]
        assert [t for t in relative if not (document.parent / t).exists()] == []

    def test_paths_in_backticks_exist(self, document):
        paths = (
            {span for span in code_spans(document) if is_path(span)} - NO_FILES - MADE
        )
        assert sorted(path for path in paths if not exists(path, document)) == []

    def test_urls_in_backticks_are_served(self, document, app):
        routes = app.registry.getUtility(IRoutesMapper).get_routes()
        served = ["/" + route.path.lstrip("/") for route in routes]
        urls = {
            match[1] for span in code_spans(document) if (match := _URL.fullmatch(span))
        }
        assert [url for url in urls - POINTERS if not leads_to(url, served)] == []

    def test_blocks_are_of_languages_that_tests_know(self, document):
        languages = {block.language for block in blocks(document)}
        known = {"", "sh", "python", "jinja2", "ts", "ini", "nginx", *ANSWERS}
        assert languages <= known

    def test_lines_fit(self, document):
        lines = prose(document).splitlines()
        wide = [line for line in lines if len(line) > 92 and not line.startswith("|")]
        assert wide == []


@as_shipped
class TestDecisions:
    @pytest.mark.parametrize("adr", ADRS, ids=lambda adr: adr.stem)
    def test_has_the_three_parts_on_one_screen(self, adr):
        lines = adr.read_text("utf-8").splitlines()
        assert lines[0].startswith(f"# {adr.name[:4]}: ")
        headings = [line for line in lines if line.startswith("## ")]
        assert headings == ["## Context", "## Decision", "## Consequences"]
        assert len(lines) <= 60

    def test_are_numbered_and_listed(self):
        assert [int(adr.name[:4]) for adr in ADRS] == list(range(1, len(ADRS) + 1))
        assert links(ROOT / "docs/adr/README.md") == [adr.name for adr in ADRS]


@as_shipped
class TestExcerpts:
    def test_are_in_the_source(self):
        excerpts = excerpts_of(NEW_FEATURE)
        assert len(excerpts) > 20
        sources = {path: (ROOT / path).read_text("utf-8") for path, _ in excerpts}
        strange = [
            (path, piece) for path, piece in excerpts if not is_in(sources[path], piece)
        ]
        assert strange == []


@pytest.fixture
def project(tmp_path):
    """A copy of the project, in which the document has been followed.

    That the feature passes all checks is shown by ``tests/clone``.
    """
    if (ROOT / "apiserver/notes").exists():
        pytest.skip("This project has notes of its own.")
    # With what Python has compiled.
    for name in ("apiserver", "migrations"):
        shutil.copytree(ROOT / name, tmp_path / name)
    for path, text in files_of(NEW_FEATURE).items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    return tmp_path


def switch_on(project: Path) -> Path:
    """Add the line of the document to development.ini."""
    (line,) = [b.text for b in blocks(NEW_FEATURE) if b.language == "ini"]
    text = shipped_ini("development.ini", "%(here)s")
    text, replaced = re.subn(r"(?m)^apiserver\.features = .*\n", line, text)
    assert replaced == 1
    ini = project / "development.ini"
    ini.write_text(text)
    return ini


@pytest.mark.slow
class TestNewFeature:
    @needs("curl")
    def test_is_migrated_and_served(self, project):
        shutil.copy(ROOT / "development.ini", project)
        own = {"PYTHONPATH": str(project)}
        reader = Reader(project, project, environment=own)
        commands = list(steps(blocks(NEW_FEATURE)))
        for step in commands[:2]:
            reader.follow(step)
        assert list(project.glob("migrations/versions/*_create_notes.py"))
        with pserve(switch_on(project), clean_environment(**own)) as program:
            reader.server = program.url()
            for step in commands[2:]:
                reader.follow(step)
