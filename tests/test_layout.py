"""The laws of the code that a program can check; CONTRIBUTING.md has all of them."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent / "apiserver"
FILES = sorted(ROOT.rglob("*.py"))
FEATURES = sorted(path.parent for path in ROOT.glob("*/models.py"))

FEATURE_FILES = {
    "__init__",
    "models",
    "permissions",
    "resources",
    "schemas",
    "actions",
    "views",
}
MOST_LINES_OF_FILE = 200
MOST_LINES_OF_FUNCTION = 25
FUNCTION = ast.FunctionDef | ast.AsyncFunctionDef


def name_of(path):
    return str(path.relative_to(ROOT.parent))


def functions(tree):
    return [node for node in ast.walk(tree) if isinstance(node, FUNCTION)]


def length(function):
    """Return the lines of a function without its docstring."""
    docstring = ast.get_docstring(function)
    documented = len(docstring.splitlines()) if docstring else 0
    return function.end_lineno - function.lineno + 1 - documented


@pytest.fixture(params=FILES, ids=name_of)
def path(request):
    return request.param


@pytest.fixture
def tree(path):
    return ast.parse(path.read_text("utf-8"))


class TestFile:
    def test_says_what_belongs_there(self, tree):
        assert ast.get_docstring(tree)

    def test_is_short(self, path):
        assert len(path.read_text("utf-8").splitlines()) <= MOST_LINES_OF_FILE

    def test_has_short_functions(self, tree):
        long = {f.name: length(f) for f in functions(tree) if length(f) > 25}
        assert long == {}

    def test_imports_at_its_top_alone(self, tree):
        inside = [
            ast.unparse(node)
            for function in functions(tree)
            for node in ast.walk(function)
            if isinstance(node, ast.Import | ast.ImportFrom)
        ]
        assert inside == []

    def test_has_a_name_that_says_something(self, path):
        assert path.stem not in {"utils", "util", "helpers", "common", "misc", "base"}
