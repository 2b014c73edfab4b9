"""The list of requirements is what the tests say, and nothing has got lost."""

import subprocess
import sys

import pytest

from tests.conformance.report import DOCUMENT, TITLES, render
from tests.conformance.requirements import REQUIRED
from tests.conftest import ROOT
from tests.markdown import read, table
from tests.served import clean_environment

MANDATORY = {"MUST", "MUST NOT", "REQUIRED"}


@pytest.fixture
def rows():
    """The requirements of the document, which is up to date."""
    return table(DOCUMENT, "standard | section")


class TestDocument:
    def test_is_up_to_date(self, tmp_path, pytestconfig):
        """Otherwise: python -m tests.conformance.report."""
        collector = pytestconfig.pluginmanager.get_plugin("requirements")
        if collector.has_all(pytestconfig.args):
            # It would collect once more what this run has collected.
            assert read(DOCUMENT) == render(collector.listed())
            return
        path = tmp_path / "conformance.md"
        result = subprocess.run(  # noqa: S603
            [sys.executable, "-m", "tests.conformance.report", path],
            cwd=ROOT,
            env=clean_environment(),
            check=False,
            capture_output=True,
            text=True,
        )
        assert result.returncode == 0, result.stderr
        assert read(DOCUMENT) == path.read_text("utf-8")

    def test_names_every_standard(self, rows):
        assert {row[0] for row in rows} == set(TITLES)

    def test_lists_hundreds_of_requirements(self, rows):
        assert len(rows) >= 190
        assert len({tuple(row) for row in rows}) == len(rows)


class TestRequirements:
    @pytest.mark.parametrize("standard", REQUIRED)
    def test_each_has_a_test(self, rows, standard):
        proven = {row[1] for row in rows if row[0] == standard}
        assert sorted(REQUIRED[standard] - proven) == []

    def test_what_is_mandatory_is_listed(self, rows):
        mandatory = {(row[0], row[1]) for row in rows if row[2] in MANDATORY}
        listed = {(name, s) for name, sections in REQUIRED.items() for s in sections}
        assert sorted(mandatory - listed) == []
