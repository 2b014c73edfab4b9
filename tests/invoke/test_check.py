"""The check as a task, and what it has in common with `make check`."""

import subprocess

import pytest

from tasks.app import check, dependencies
from tests.conftest import ROOT


class TestSteps:
    def test_are_those_of_make(self):
        """Lint's are its commands; the others are its targets."""
        printed = subprocess.run(
            ["make", "--dry-run", "--silent", "lint", "VENV=."],  # noqa: S607
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        commands = [" ".join(command) for command in check.STEPS.values()]
        made = [line.removeprefix("./bin/") for line in printed.splitlines()]
        assert [line for line in made if line in commands] == commands[:4]

    @pytest.mark.parametrize(
        ("command", "mark", "status"),
        [
            (("python", "-c", "pass"), "✓", 0),
            (("python", "-c", "print('a [b] c'); exit(3)"), "✗", 1),
        ],
    )
    def test_are_marked_by_how_they_end(
        self, invoke, monkeypatch, command, mark, status
    ):
        monkeypatch.setitem(check.STEPS, "format", command)
        monkeypatch.setitem(check.STEPS, "lint", ("false",))
        done, printed, error = invoke("app.check", "--only", "format")
        assert printed.startswith(f"{mark} format ")
        assert "lint" not in printed
        assert (done, error) == (status, "Failed: format.\n" if status else "")
        assert ("a [b] c" in printed) == (status == 1)

    def test_must_be_known(self, invoke):
        sentence = (
            "There is no step taste. "
            "Choose one of format, lint, types, imports, migrations, tests.\n"
        )
        assert invoke("app.check", "--only=taste") == (1, "", sentence)


class TestInstall:
    @pytest.fixture
    def pip(self, monkeypatch):
        """What pip is called with; it fails where there is the word runtime."""
        calls = []

        def run(command, **options):
            calls.append(command[3:])
            failed = any("runtime" in word for word in command)
            return subprocess.CompletedProcess(command, 2 if failed else 0)

        monkeypatch.setattr(dependencies.subprocess, "run", run)
        return calls

    def test_takes_what_is_pinned_and_the_project(self, invoke, pip):
        assert invoke("app.dependencies.install", "--dry-run") == (0, "", "")
        pins = "requirements/development.txt"
        assert pip == [
            ["install", "--dry-run", "--require-hashes", "-r", pins],
            [
                *("install", "--dry-run", "--no-deps"),
                *("--no-build-isolation", "--editable", "."),
            ],
        ]

    def test_ends_as_pip_does(self, invoke, pip):
        assert invoke("app.dependencies.install", "--runtime") == (2, "", "")
        assert len(pip) == 1

    def test_finds_the_pins(self):
        assert [p for p in dependencies.PINS.values() if not (ROOT / p).exists()] == []
