"""The reference of core: its examples run, and it has each public name.

So do those of the page for developers who know Pyramid.
"""

import ast
import doctest
import importlib
import re
import shutil
import sys
import tomllib
from types import ModuleType

import pytest
import webtest
from pyramid.config import Configurator

from apiserver.core import API_PREFIX
from apiserver.core.db import Base
from tests.conftest import ROOT
from tests.markdown import as_shipped, blocks, read

PAGE = ROOT / "docs/core.md"
PLAIN = ROOT / "docs/pyramid.md"
EXAMPLE = ROOT / "examples/single_file.py"
NAME = "library"
# Public names besides, for the server's own features, commands and tasks.
NOT_FOR_FEATURES = {
    "http": {
        "MALFORMED",
        "MAX_QUERY",
        "METHODS",
        "NotMigrated",
        "PROBLEM",
        "is_preflight",
    },
    "schemas": {"BooleanType", "HIDDEN", "ListType", "SpelledType", "shorten"},
    "db": {
        "COMPARED_BY_NAME",
        "OF_HISTORY",
        "never_reuse_ids",
        "note",
    },
    "tree": set(),
    "lists": set(),
    "files": set(),
    "jobs": {
        "Figures",
        "JobState",
        "QueuedJob",
        "SHOWN",
        "STATES",
        "delete_jobs",
        "dramatiq_broker",
        "find_jobs",
        "read_figures",
        "retry_jobs",
    },
    "endpoints": set(),
    "history": set(),
    "settings": {"MOST_DIGITS", "OWN_PATHS", "PREFIX", "Parser", "refuse_unknown"},
}
# Reached by a directive of the configuration.
NAMED_OTHERWISE = {"settings": {"add_setting"}}
# Sections about a single module, not a package.
MODULES = ("archive", "audit", "expiry", "standalone")
# The functions of the page that an application includes.
INCLUDED = (
    "include_settings",
    "include_branches",
    "include_cards",
    "include_scans",
    "include_expiry",
    "include_audit",
    "include_pages",
    "include_statistics",
    "include_shelf",
    "include_books",
)

_SECTION = re.compile(r"^### (\w+)\n(.*?)(?=^##|\Z)", re.MULTILINE | re.DOTALL)
_PYTHON = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_ROW = re.compile(r"^\| (`[^|]+) \|", re.MULTILINE)
_FIRST_TABLE = re.compile(r"^\|.*?(?=^$)", re.MULTILINE | re.DOTALL)
OPTIONS = doctest.IGNORE_EXCEPTION_DETAIL | doctest.REPORT_NDIFF


def reference():
    """Return the part of the page with the names and their examples."""
    return read(PAGE).partition("\n## Reference\n")[2]


def program():
    """Return the text of the pages with what is run: one program."""
    told, _, _ = reference().partition("### standalone")
    return f"{told}\n{read(PLAIN)}"


def sections():
    """Return the text of each section of the reference, by its package."""
    return dict(_SECTION.findall(reference()))


def names_told(text):
    """Return the names in the first column of a section's first table."""
    cells = _ROW.findall(_FIRST_TABLE.search(text)[0])
    return {name for cell in cells for name in re.findall(r"`(\w+)`", cell)}


def program_of(text):
    """Return the module, and the session with it, that a text's blocks are."""
    found = _PYTHON.findall(text)
    sessions = [block for block in found if block.startswith(">>>")]
    return [block for block in found if block not in sessions], "\n".join(sessions)


def names_used(text):
    """Return the names that the code uses, other than by importing them."""
    modules, session = program_of(text)
    lines = [each.source for each in doctest.DocTestParser().get_examples(session)]
    nodes = ast.walk(ast.parse("\n".join([*modules, *lines])))
    return {
        getattr(node, "id", getattr(node, "attr", None))
        for node in nodes
        if isinstance(node, ast.Name | ast.Attribute)
    }


@pytest.fixture(scope="module")
def module():
    """The module that the page's blocks are, one after the other."""
    module = ModuleType(NAME)
    module.__file__ = str(PAGE)
    tables = set(Base.metadata.tables)
    text = "\n".join(program_of(program())[0])
    with pytest.MonkeyPatch.context() as patched:
        patched.setitem(sys.modules, NAME, module)
        exec(compile(text, PAGE, "exec"), vars(module))  # noqa: S102
        yield module
    shutil.rmtree(module.FOLDER)
    for name in set(Base.metadata.tables) - tables:
        Base.metadata.remove(Base.metadata.tables[name])


class Api(webtest.TestApp):
    """A client of the API's prefix, with the key of user 1."""

    def do_request(self, request, *args, **kw):
        request.path_info = f"{API_PREFIX}{request.path_info}"
        request.headers["X-Key"] = "key of user 1"
        return super().do_request(request, *args, **kw)


@pytest.fixture
def session(module, tmp_path):
    """What the page's sessions begin with: the application, its database, a client."""
    url = f"sqlite:///{tmp_path}/library.db"
    storage = {"apiserver.storage": str(tmp_path / "storage")}
    with Configurator(settings={"sqlalchemy.url": url, **storage}) as config:
        config.include("apiserver.core")
        config.route_prefix = config.registry.api_prefix
        for include in INCLUDED:
            config.include(getattr(module, include))
    Base.metadata.create_all(config.registry.engine)
    app = config.make_wsgi_app()
    vars(module).update(app=app, api=Api(app), url=url)
    yield vars(module)
    for engine in (app.registry.engine, module.writing, module.reading):
        engine.dispose()
    app.registry.read_sessions.kw["bind"].dispose()


class TestReference:
    def test_does_what_it_shows(self, session):
        text = program_of(program())[1]
        examples = doctest.DocTestParser().get_doctest(text, session, NAME, PAGE, 0)
        examples.globs = session  # It has copied them.
        printed = []
        runner = doctest.DocTestRunner(optionflags=OPTIONS)
        runner.run(examples, out=printed.append, clear_globs=False)
        assert (runner.tries > 0, "".join(printed)) == (True, "")

    def test_includes_what_it_defines(self, module):
        defined = {name for name in vars(module) if name.startswith("include_")}
        assert defined == set(INCLUDED)

    def test_ends_as_the_example_in_one_file(self):
        """That one is served by its own test."""
        (block,) = program_of(sections()["standalone"])[0]
        assert EXAMPLE.read_text("utf-8").endswith(block)

    def test_draws_the_packages_as_the_contract_has_them(self):
        """Above each other, as import-linter checks it."""
        configuration = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
        contracts = configuration["tool"]["importlinter"]["contracts"]
        (layers,) = [c["layers"] for c in contracts if c["id"] == "packages"]
        (drawing,) = [b.text for b in blocks(PAGE) if "standalone\n" in b.text[:40]]
        floors = [re.findall(r"\w+", line) for line in drawing.splitlines()]
        assert floors == [re.findall(r"\w+", layer) for layer in layers]

    @pytest.mark.parametrize("package", NOT_FOR_FEATURES)
    def test_has_each_public_name(self, package):
        public = set(importlib.import_module(f"apiserver.core.{package}").__all__)
        told = names_told(sections()[package]) | NAMED_OTHERWISE.get(package, set())
        assert told - public == set()
        assert public - told - NOT_FOR_FEATURES[package] == set()

    @pytest.mark.parametrize("name", MODULES)
    def test_has_names_of_a_module(self, name):
        module = importlib.import_module(f"apiserver.core.{name}")
        assert {
            n for n in names_told(sections()[name]) if not hasattr(module, n)
        } == set()

    @as_shipped
    def test_shows_each_name_in_use(self):
        told = set().union(*map(names_told, sections().values()))
        assert told - names_used(reference()) == set()
