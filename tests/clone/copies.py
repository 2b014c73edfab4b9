"""Copies of the project, in which its documents are followed as a reader would."""

import fcntl
import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.markdown import blocks, files_of
from tests.served import BIN, clean_environment
from tests.settings import ROOT

FOLDERS = (
    "apiserver",
    "benchmarks",
    "docs",
    "examples",
    "migrations",
    "requirements",
    "tasks",
    "tests",
    "typings",
)
FILES = ("*.ini", "*.toml", "*.py", "*.md", "Makefile")
CACHES = (".mypy_cache", ".ruff_cache", "*.db")
IGNORED = shutil.ignore_patterns("__pycache__", *CACHES)
PYTEST = ("python", "-m", "pytest", "-q", "-p", "no:cacheprovider", "-n", "0")


@dataclass(frozen=True)
class Copy:
    """A project that began as a clone of this one, in a folder that is no checkout."""

    folder: Path

    @classmethod
    def make(cls, folder: Path) -> "Copy":
        # With what Python has compiled, so that not every program does it again.
        ignored = shutil.ignore_patterns(*CACHES)
        for name in FOLDERS:
            shutil.copytree(ROOT / name, folder / name, ignore=ignored)
        for pattern in FILES:
            for path in ROOT.glob(pattern):
                shutil.copy(path, folder)
        if (ROOT / ".mypy_cache").exists():
            shutil.copytree(ROOT / ".mypy_cache", folder / ".mypy_cache")
        return cls(folder)

    def run(self, program: str, *arguments: str, **more: str) -> str:
        """Run a program of the environment here; it must do well. Return its output."""
        # The lines of tasks count as covered: pyproject.toml takes them for this
        # project's. What is asked of the tests here, as TEST_DOCUMENTS, isn't asked of
        # a copy.
        left_out = ("TEST_",) if program == "invoke" else ("TEST_", "COVERAGE_")
        variables = {
            name: value
            for name, value in clean_environment(**more).items()
            if not name.startswith(left_out)
        }
        own = {"PYTHONPATH": str(self.folder)}
        done = subprocess.run(  # noqa: S603
            [BIN / program, *arguments],
            cwd=self.folder,
            env={**variables, **own},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{arguments}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def change(self, path: str, pattern: str, by: str) -> None:
        """Replace what a pattern finds once in a file."""
        file = self.folder / path
        text, count = re.subn(pattern, by, file.read_text("utf-8"), flags=re.MULTILINE)
        assert count == 1, (path, pattern)
        file.write_text(text, "utf-8")

    def follow(self, document: Path) -> list[str]:
        """Write the files of a document; return the features that it makes."""
        files = files_of(document)
        for path, text in files.items():
            (self.folder / path).parent.mkdir(exist_ok=True)
            (self.folder / path).write_text(text, "utf-8")
        return sorted({Path(p).parent.name for p in files if p.endswith("/views.py")})

    def set(self, name: str, *lines: str, features: list[str]) -> None:
        """Switch features on in an ini file, and add lines to its settings."""
        line = f"apiserver.features = {' '.join(features)}"
        self.change(
            f"{name}.ini", r"^apiserver\.features = .*$", "\n".join([line, *lines])
        )

    def write_documents(self) -> None:
        """Do what ``make documents`` does."""
        task = "app.swagger"
        printed = self.run("invoke", task, task, "--openapi")
        first, end, second = printed.partition("\n}\n")
        (self.folder / "docs/swagger.json").write_text(f"{first}{end}", "utf-8")
        (self.folder / "docs/openapi.json").write_text(second, "utf-8")


def made_once(basetemp: Path, name: str, make: Callable[[Path], Any]) -> Any:
    """Make a folder in one of the workers, while the others wait.

    Returns the folder, and what ``make`` returned, which has to be JSON.
    """
    # The workers' folders are in that of the run.
    parent = basetemp.parent if "PYTEST_XDIST_WORKER" in os.environ else basetemp
    folder, result = parent / name, parent / f"{name}.json"
    with (parent / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not result.exists():
            folder.mkdir()
            result.write_text(json.dumps(make(folder)))
    return folder, json.loads(result.read_text())


def settings_of(document: Path) -> list[str]:
    """Return the lines that a document adds to the settings of each ini file."""
    return [
        block.text.strip()
        for block in blocks(document)
        if block.language == "ini"
        and block.text.startswith("apiserver.")
        and not block.text.startswith("apiserver.features")
    ]
