"""The page about security: what it names exists, and its order is the real one."""

import ast
from functools import cache
from pathlib import Path

import pytest
from pyramid.interfaces import ITweens

from tests.markdown import ROOT, as_shipped, table
from tests.settings import TESTING, make

PAGE = ROOT / "docs/security.md"


@pytest.fixture(scope="module")
def promises():
    """The rows of the table, without those that are headings in it."""
    rows = [row for row in table(PAGE, "guarantee") if row[1]]
    assert len(rows) > 30
    return rows


def names_in(cell: str) -> list[str]:
    return [name.strip().strip("`") for name in cell.split(",")]


@cache
def known_tests(path: Path) -> set[str]:
    """Return the tests in a file, as pytest calls them."""
    tree = ast.parse(path.read_text("utf-8"))
    classes = [top for top in tree.body if isinstance(top, ast.ClassDef)]
    return {
        f"{prefix}{test.name}"
        for prefix, body in (
            ("", tree.body),
            *((f"{each.name}::", each.body) for each in classes),
        )
        for test in body
        if isinstance(test, ast.FunctionDef) and test.name.startswith("test_")
    }


def is_test(name: str) -> bool:
    path, _, test = name.partition("::")
    return (ROOT / "tests" / path).exists() and test in known_tests(
        ROOT / "tests" / path
    )


@as_shipped
class TestPromises:
    def test_are_kept_by_files_that_exist(self, promises):
        files = [name for row in promises for name in names_in(row[1])]
        assert [f for f in files if not (ROOT / "apiserver" / f).is_file()] == []

    def test_are_proven_by_tests_that_exist(self, promises):
        assert [
            name for row in promises for name in names_in(row[2]) if not is_test(name)
        ] == []


@as_shipped
class TestWay:
    def test_has_the_tweens_in_their_order(self):
        app = make(
            {
                **TESTING,
                "sqlalchemy.url": "postgresql://user@127.0.0.1/example",
                "apiserver.trusted_proxies": "127.0.0.1",
                "apiserver.rate_limit": "9/minute",
            }
        )
        tweens = app.registry.getUtility(ITweens).implicit()
        # The guard, in the module of the intake, adds headers and refuses nothing.
        modules = [
            name.removeprefix("apiserver.").rpartition(".")[0].replace(".", "/") + ".py"
            for name, _ in tweens
            if not name.endswith(".guard_tween")
        ]
        shown = [row[0].strip("`") for row in table(PAGE, "file")]
        assert [file for file in shown if file in modules] == [
            file for file in modules if file in shown
        ]
        assert {file for file in shown if file in modules} == {
            "ops/proxies.py",
            "core/http/cors.py",
            "core/http/guard.py",
            "ops/rate_limit.py",
        }

    def test_names_files_that_exist(self):
        files = [row[0] for row in table(PAGE, "file") if row[0].startswith("`")]
        assert len(files) > 10
        paths = [ROOT / "apiserver" / file.strip("`") for file in files]
        assert [path for path in paths if not path.is_file()] == []
