"""Missing tools: a reason to skip, or with TEST_TOOLS=required to fail."""

import re
from types import SimpleNamespace

import pytest

from tests import tools
from tests.markdown import ROOT

MISSING = "no-such-program"
# By these a test could find out by itself whether there is a program.
SEARCHES = re.compile(r"\bwhich\(|skipif\(.*(MISSING|which|find_spec)|importorskip")


@pytest.fixture
def item():
    """A test with a mark for two tools, one of which is missing."""
    marks = [tools.needs("make", MISSING).mark]
    return SimpleNamespace(iter_markers=lambda name: marks)


class TestNeed:
    def test_is_no_matter_where_the_tool_is_there(self, monkeypatch):
        monkeypatch.setenv("TEST_TOOLS", "required")
        tools.need("make")

    def test_skips_with_the_reason(self, item, monkeypatch):
        monkeypatch.delenv("TEST_TOOLS", raising=False)
        with pytest.raises(pytest.skip.Exception, match=f"There is no {MISSING}"):
            tools.pytest_runtest_setup(item)

    def test_fails_where_tools_are_required(self, item, monkeypatch):
        monkeypatch.setenv("TEST_TOOLS", "required")
        with pytest.raises(pytest.fail.Exception, match=f"There is no {MISSING}"):
            tools.pytest_runtest_setup(item)

    def test_skips_what_is_never_required(self, monkeypatch):
        monkeypatch.setenv("TEST_TOOLS", "required")
        monkeypatch.setattr(tools, "OPTIONAL", {MISSING})
        with pytest.raises(pytest.skip.Exception):
            tools.need(MISSING)

    def test_is_the_one_way_to_ask(self):
        files = {*ROOT.glob("tests/**/*.py")} - {ROOT / "tests/tools.py"}
        asking = [f.name for f in files if SEARCHES.search(f.read_text("utf-8"))]
        # One looks for a program that the pins must have installed.
        assert sorted(asking) == ["test_run.py", "test_tools.py"]
