"""What developers run before they commit: the hooks, the list of targets."""

import re
import subprocess

import pytest

from tests.conftest import ROOT
from tests.served import BIN, clean_environment

CONFIG = ROOT / ".pre-commit-config.yaml"
needs_git = pytest.mark.skipif(
    not (ROOT / ".git").exists() or not CONFIG.exists(), reason="this is no checkout"
)


def run(*command):
    return subprocess.run(  # noqa: S603
        command,
        cwd=ROOT,
        env=clean_environment(),
        capture_output=True,
        text=True,
        check=False,
    )


@needs_git
class TestHooks:
    @pytest.mark.slow  # It needs development.txt.
    def test_are_local_and_have_what_they_run(self):
        text = CONFIG.read_text("utf-8")
        assert re.findall(r"repo: (\S+)", text) == ["local"]
        programs = re.findall(r"entry: \.venv/bin/(\S+)", text)
        assert [name for name in programs if not (BIN / name).exists()] == []
        assert run(BIN / "pre-commit", "validate-config", CONFIG).returncode == 0

    def test_are_the_steps_of_lint(self):
        made = run("make", "--dry-run", "--silent", "lint").stdout
        entries = re.findall(r"entry: \.venv/bin/(.*)", CONFIG.read_text("utf-8"))
        for entry in entries:
            assert entry.replace(" --fix", "").split()[0] in made


class TestMake:
    def test_help_lists_every_target(self):
        makefile = (ROOT / "Makefile").read_text("utf-8").replace("\\\n", " ")
        targets = re.findall(r"(?m)^\.PHONY: (.*)", makefile)
        printed = run("make", "help").stdout
        listed = {line.split()[1] for line in printed.splitlines()}
        assert listed == set(targets[0].split())
