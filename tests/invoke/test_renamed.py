"""A copy of the project under another name, installed, passes its own checks.

.ci/run does the same with the types, and with the whole suite.
"""

import re
import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

from tasks.renaming import files
from tasks.renaming.names import Name, present
from tests.conftest import ROOT
from tests.served import BIN, clean_environment
from tests.tools import needs

pytestmark = [pytest.mark.slow, needs("uv", "make")]

# In quotes it would be refused: it would mean something here already.
HERON = Name("grey heron".replace(" ", "_"))


@pytest.fixture(scope="module")
def renamed(tmp_path_factory):
    """The copy, in an environment of its own beside what is installed here."""
    folder = tmp_path_factory.mktemp("heron") / "project"
    for path in files.listed(ROOT):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / path, folder / path)
    make_environment(folder / ".venv")
    old = present(ROOT).hyphen
    install = ("uv", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation")
    run(folder, *install, "--editable", ".")
    assert installed(folder, old)
    said = run(
        folder, "invoke", "app.rename", f"--name={HERON.plain}", "--title=A heron"
    )
    assert "It is installed under its new name." in said
    assert not installed(folder, old)
    return folder


def make_environment(folder):
    """Make an environment with all packages of this one, and with its programs."""
    venv.create(folder, symlinks=True)
    packages = sysconfig.get_path("purelib", vars={"base": str(folder)})
    Path(packages, "parent.pth").write_text(f"{sysconfig.get_path('purelib')}\n")
    for program in BIN.iterdir():
        target = folder / "bin" / program.name
        if not target.exists() and program.is_file():
            shutil.copy(program, target)
            if program.read_bytes()[:2] == b"#!":
                text = program.read_text("utf-8")
                target.write_text(text.replace(str(BIN), str(target.parent)))


def installed(folder, distribution):
    """Whether the environment has the distribution of its own."""
    packages = Path(sysconfig.get_path("purelib", vars={"base": str(folder / ".venv")}))
    pattern = f"{distribution.replace('-', '_')}-*.dist-info"
    return bool(list(packages.glob(pattern)))


def run(folder, program, *arguments):
    """Run a program of the copy's environment; return what it says."""
    environment = clean_environment(VIRTUAL_ENV=str(folder / ".venv"))
    done = subprocess.run(  # noqa: S603
        [folder / ".venv/bin" / program, *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


class TestRenamed:
    @pytest.mark.parametrize(
        "command",
        ["ruff format --check .", "ruff check .", "lint-imports"],
    )
    def test_passes_the_check(self, renamed, command):
        run(renamed, *command.split())

    def test_migrates_and_makes_users(self, renamed):
        url = f"sqlite:///{renamed}/renamed.db"
        user = ("--username=ada", "--email=ada@example.com")
        for command in (
            ("alembic", "-c", "testing.ini", "upgrade", "head"),
            ("alembic", "-c", "testing.ini", "check"),
            (HERON.plain, "create-user", "testing.ini", *user),
        ):
            done = subprocess.run(  # noqa: S603
                [renamed / ".venv/bin" / command[0], *command[1:]],
                cwd=renamed,
                env=clean_environment(DATABASE_URL=url),
                input="an umbrella for the tortoise\n" * 2,
                capture_output=True,
                text=True,
                check=False,
            )
            assert done.returncode == 0, done.stderr

    def test_passes_tests_of_its_own(self, renamed):
        """One feature, the commands, settings, documents and files."""
        tests = (
            *("tests/teams/test_teams.py", "tests/test_layout.py"),
            *("tests/commands/test_commands.py", "tests/invoke/test_list.py"),
            *("tests/core/test_settings.py", "tests/contract/test_snapshot.py"),
            *("tests/ops/test_metrics.py", "tests/test_continuous.py"),
        )
        options = ("-q", "-m", "not slow", "-p", "no:cacheprovider", "-n", "0")
        said = run(renamed, "python", "-m", "pytest", *options, *tests)
        assert int(re.findall(r"(\d+) passed", said)[0]) > 150

    def test_has_names_that_kubernetes_takes(self, renamed):
        for path in sorted(renamed.glob("deploy/kubernetes/*.yaml")):
            names = re.findall(r"\bname: ([^\s,}]+)", path.read_text("utf-8"))
            labels = [
                name for name in names if not name.isupper() and "_URL" not in name
            ]
            assert [n for n in labels if not re.fullmatch(r"[a-z0-9.-]+", n)] == []

    def test_leaves_what_is_installed_here(self):
        version = [sys.executable, "-c", f"import {present(ROOT).plain}"]
        assert subprocess.run(version, cwd="/", check=False).returncode == 0  # noqa: S603
